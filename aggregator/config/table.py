"""What all tables of the file are made of: their base, their keys, and the kinds of values that several have.

A table whose keys are fields of a settings class is made of that class: see `AsTable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, create_model
from pydantic_core import CoreSchema, core_schema

from aggregator.config import kinds as values
from aggregator.config.addresses import CONTACT, LISTEN, MODEL_SERVER, SCHEDULER, SITE, USER_AGENT
from aggregator.config.kinds import FILE, FLAG, FLAG_OR_AUTO, FOLDER, LOG_FORMAT, LOG_LEVEL, NETWORK, SHARE, Kind, Of
from aggregator.config.units import duration, size
from aggregator.model import settings
from aggregator.model.keeping import SourceName
from aggregator.model.keys import KEY, SPREAD, Key, Length, Size, Whole
from aggregator.model.machines.cluster import SchedulerAddress
from aggregator.model.source import ArticleFetch, Parser

_T = TypeVar("_T")
_Table = TypeVar("_Table", bound="Table")


# Characters of a short name.
MOST_OF_SLUG = 64


def slug_kind(expected: str) -> Kind:
    """Short names, as they stand in addresses. `expected`: what one names."""
    return values.text(
        expected,
        most=MOST_OF_SLUG,
        pattern="[a-z0-9]+(?:-[a-z0-9]+)*",
        mended=lambda text: "-".join(text.lower().replace("_", "-").split()),
    )


Flag = Annotated[bool, Of(FLAG)]
_LANGUAGE = values.text(
    'a language code such as "en", "de" or "pt-BR"',
    most=35,
    pattern="[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*",
    mended=lambda text: text.replace("_", "-"),
)
Language = Annotated[str | None, Of(_LANGUAGE)]
LanguageCode = Annotated[str, Of(_LANGUAGE)]
_TOPIC = slug_kind('the short name of a topic, such as "open-source"')
Slug = Annotated[str, Of(_TOPIC)]
OneTopic = Annotated[str | None, Of(_TOPIC)]


def key(description: str, default: object = ..., *, alias: str | None = None, least: int | None = None) -> Any:
    """A key of a table: what it means, and its default; `...` where it must be there."""
    return Field(default, description=description, alias=alias, min_length=least)


class Table(BaseModel):
    """A table of the file. Unknown keys are mistakes."""

    # Made ready with the whole file, once, and not each table by itself: 10 ms.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Block(Table):
    """One of several tables in a table that is a settings class."""

    def meant(self) -> Any:
        """What it is in the settings."""
        raise NotImplementedError


# ---------------------------------------------------------------- tables that are settings classes

_KINDS: dict[Any, Kind] = {
    bool: FLAG,
    Path: FILE,
    Path | None: FILE,
    IPv4Network | IPv6Network: NETWORK,
    settings.Share: SHARE,
    settings.Sureness: values.SURENESS,
    settings.Semantic: FLAG_OR_AUTO,
    settings.LogLevel: LOG_LEVEL,
    settings.LogFormat: LOG_FORMAT,
    settings.UserAgent: USER_AGENT,
    settings.Contact | None: CONTACT,
    settings.Folder | None: FOLDER,
    settings.FileMode: values.FILE_MODE,
    settings.SiteAddress | None: SITE,
    settings.SiteTitle: values.SITE_TITLE,
    settings.SiteText: values.SITE_TEXT,
    settings.SiteLanguage: values.SITE_LANGUAGE,
    settings.TimeZone: values.TIME_ZONE,
    settings.People: values.PEOPLE,
    ArticleFetch: values.ARTICLE_FETCH,
    Parser: values.PARSER,
    settings.ListenAddress | None: LISTEN,
    SchedulerAddress | None: SCHEDULER,
    settings.ModelServer | None: MODEL_SERVER,
    settings.ModelName | None: values.MODEL_NAME,
    settings.BriefLanguage | None: values.BRIEF_LANGUAGE,
    settings.TopicName: _TOPIC,
    SourceName: values.SOURCE_NAME,
    settings.VariableName | None: values.VARIABLE,
    settings.SecretFile | None: values.SECRET_FILE,
}


def kind_of(declared: Any) -> Kind:
    """The kind that reads values of a type, as settings classes declare it: with the bounds beside it.

    Raises:
        TypeError: no kind reads such values.
    """
    if declared not in _KINDS and type(None) in get_args(declared):  # it may be left out
        [declared] = [each for each in get_args(declared) if each is not type(None)]
    match getattr(declared, "__metadata__", ()):
        case (Whole(least, most),):
            return values.whole(least, most)
        case (Length(shortest, longest, example),):
            return duration(shortest, longest, example)
        case (Size(smallest, largest, example),):
            return size(smallest, largest, example)
        case _ if declared in _KINDS:
            return _KINDS[declared]
        case _:
            raise TypeError(
                f"no kind of value is known for {declared}: numbers, lengths and sizes have bounds beside them, "
                "as in Annotated[int, Whole(1, 256)]; a new kind goes into config/kinds.py and config/table.py"
            )


class Declared(NamedTuple):
    """A key of a settings class. `name`: in the file; `is_list`: of such values."""

    name: str
    key: Key
    kind: Kind
    is_list: bool
    default: Any


def declared(owner: type, prefix: str = "") -> Iterator[Declared]:
    """The keys of a settings class in the order of its fields, with those that are spread into its table."""
    hints = get_type_hints(owner, include_extras=True)
    for field in fields(owner):
        if SPREAD in field.metadata:
            yield from declared(type(field.default), prefix + field.metadata[SPREAD])
        elif KEY in field.metadata:
            said: Key = field.metadata[KEY]
            items = get_args(hints[field.name])
            is_list = items[-1:] == (...,)
            try:
                kind = kind_of(items[0] if is_list else hints[field.name])
            except TypeError as error:
                raise TypeError(f"{owner.__name__}.{field.name}: {error}") from None
            yield Declared(prefix + (said.name or field.name), said, kind, is_list, field.default)


class AsTable:
    """Beside a settings class: it is read from a table of the file. What the table leaves out is the class's default.

    `table` is what pydantic reads it with; `name`: what that is called in the JSON Schema. `blocks`: what stands in it
    several times, by the field that has all of them, as (type, default): their tables are of the class `Block`.
    """

    def __init__(self, owner: type, name: str, blocks: Mapping[str, Any] | None = None) -> None:
        self.owner = owner
        self.blocks = blocks or {}
        keys: dict[str, Any] = {
            each.name: (
                tuple[Annotated[Any, Of(each.kind)], ...] if each.is_list else Annotated[Any, Of(each.kind)],
                key(each.key.help, None if each.key.unset else each.default),
            )
            for each in declared(owner)
        }
        keys.update(self.blocks)
        self.table: type[Table] = create_model(name, __base__=Table, __doc__=said_of(owner), **keys)

    def _made(self, table: Table) -> Any:
        found: Any = made(self.owner, table)
        return replace(found, **{name: tuple(each.meant() for each in getattr(table, name)) for name in self.blocks})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic when it makes the class."""
        table = handler.generate_schema(self.table)
        return core_schema.no_info_after_validator_function(self._made, table)


def with_own_keys(name: str, base: type[_Table], owner: type, help: Callable[[Declared], str]) -> type[_Table]:
    """A table with the keys of a settings class behind those of `base`: for one thing that may differ from the rest.

    All may be left out. `help`: what is said of each.
    """
    keys: dict[str, Any] = {
        each.name: (Annotated[Any, Of(each.kind)], key(help(each), None)) for each in declared(owner)
    }
    return create_model(name, __base__=base, __doc__=said_of(owner), **keys)


def said_of(owner: type) -> str:
    """What a settings class is, in the sentence that its docstring begins with."""
    return (owner.__doc__ or "").partition("\n")[0]


def made(owner: type[_T], table: Table, prefix: str = "") -> _T:
    """The settings that a table gives."""
    return owner(**given(table, owner, prefix))


def given(table: Table, owner: type, prefix: str = "") -> dict[str, Any]:
    """What a table gives of the fields of a settings class; what it leaves out is not in it."""
    found: dict[str, Any] = {}
    for field in fields(owner):
        if SPREAD in field.metadata:
            found[field.name] = made(type(field.default), table, prefix + field.metadata[SPREAD])
        elif KEY in field.metadata:
            name = prefix + (field.metadata[KEY].name or field.name)
            if name in table.model_fields_set:
                found[field.name] = getattr(table, name)
    return found

"""The file's values against the schema: what is wrong, in plain words, all of it at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from aggregator.config.positions import Place
from aggregator.config.problems import Problem, did_you_mean, instead_of, shown
from aggregator.config.table import AsTable
from aggregator.config.tables import ON_MASTODON, File

# What people write who know it from elsewhere, or from another block, for keys whose letters are others.
_ALSO_CALLED = {
    "min_publishers": "min_sources", "url": "webhook", "program": "command", "events": "on", "time": "at",
    "folder": "path", "recipients": "to", "server": "smtp",
}  # fmt: skip


def checked(document: Mapping[str, Any]) -> tuple[File | None, list[Problem]]:
    """The file's tables, or None and what is wrong with them."""
    try:
        with _no_plugins():
            return File.model_validate(document), []
    except ValidationError as error:
        return None, [_problem(each) for each in error.errors(include_url=False)]


@contextmanager
def _no_plugins() -> Iterator[None]:
    """In this block pydantic looks for no plugins, which it does when it makes the first table ready: it reads what
    every installed package says of itself, in 10 ms. Nothing of others belongs into this check."""
    name = "PYDANTIC_DISABLE_PLUGINS"
    before = os.environ.get(name)
    os.environ[name] = "__all__"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def tables(document: Mapping[str, Any], name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The tables of a list such as `[[feeds]]`, with their indexes; what else stands there is passed over.

    For rules over several tables, which are checked even where a table has other mistakes.
    """
    found = document.get(name)
    for i, table in enumerate(found if isinstance(found, list) else []):
        if isinstance(table, dict):
            yield i, table


def strings(table: Mapping[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """The texts in a list of a table, with their indexes; what else stands there is passed over."""
    found = table.get(key)
    for i, each in enumerate(found if isinstance(found, list) else []):
        if isinstance(each, str):
            yield i, each


def _problem(error: Any) -> Problem:
    place: Place = tuple(part for part in error["loc"] if part != "[key]")
    match error["type"]:
        case "value_error":
            return Problem(place, str(error["ctx"]["error"]))
        case "extra_forbidden":
            return Problem(place, _unknown(place, error["input"]))
        case "missing":
            description = _model_at(place[:-1]).model_fields[str(place[-1])].description or ""
            return Problem(place, f"is missing ({description[:1].lower()}{description[1:].rstrip('.')})")
        case "too_long":
            return Problem(place, f"expected at most {error['ctx']['max_length']}, not {error['ctx']['actual_length']}")
        case "too_short":
            return Problem(place, "expected at least one, not an empty list")
        case _:
            return Problem(place, f"expected {_container(place)}, not {shown(error['input'])}")


def _container(place: Place) -> str:
    """What should stand where a table or a list was expected."""
    name = str(place[0])
    if place in (("topics",), ("domains",)):
        return f"blocks that begin with [{name}.NAME]"
    if name in ("topics", "domains") and len(place) == 2:
        return f"a block that begins with [{name}.{place[1]}]"
    if name == "feeds" and len(place) == 3 and place[2] == "headers":
        return 'a table such as { Accept-Language = "de" }'
    if place[:2] == ("publish", "feeds") and len(place) <= 3:
        return "blocks that begin with [[publish.feeds]]"
    if len(place) <= 2 and name in ("feeds", *ON_MASTODON, "filters", "notify", "digest"):
        return f"blocks that begin with [[{name}]]"
    if len(place) == 1:
        return f"a block that begins with [{name}]"
    return "a list in square brackets"


def _unknown(place: Place, value: object) -> str:
    """There is no such key: which one may be meant, in this table or in another one."""
    key = str(place[-1])
    names = _keys(_model_at(place[:-1]))
    if len(place) == 1:
        what = "there is no such block" if isinstance(value, dict | list) else "there is no such key"
    else:
        what = "there is no such key here"
    ending = did_you_mean(_ALSO_CALLED[key]) if _ALSO_CALLED.get(key) in names else instead_of(key, names)
    if "did you mean" not in ending:
        elsewhere = [section for section, model in _sections() if key in _keys(model)]
        ending = f" (it belongs in [{elsewhere[0]}])" if elsewhere else ending
    return what + ending


def _sections() -> Iterator[tuple[str, type[BaseModel]]]:
    """The tables that stand in the file once, with their names."""
    for name, field in File.model_fields.items():
        if isinstance(field.annotation, type) and (found := _model_of(field)):
            yield name, found


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(place: Place) -> type[BaseModel]:
    """The table that stands at a place of the file."""
    model: type[BaseModel] = File
    if place[:1] in (("topics",), ("domains",)):
        place = (*place[:1], *place[2:])  # the topic's name is no key, and may be the same as one
    for part in place:
        for name, field in model.model_fields.items():
            if part == (field.alias or name):
                model = _model_of(field) or model
    return model


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    as_table = next((each for each in field.metadata if isinstance(each, AsTable)), None)
    return as_table.table if as_table else _model_in(field.annotation)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The table within a type such as `list[Annotated[Feed, …]]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)

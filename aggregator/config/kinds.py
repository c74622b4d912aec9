"""The kinds of values in the file: how each is read, what is said when it is wrong, and its JSON Schema.

A kind is called with a value as TOML gives it, and gives the value that the program uses, or raises ValueError with
a sentence for people. It knows nothing of where the value stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic_core import CoreSchema, core_schema

from aggregator.config.problems import did_you_mean, shown
from aggregator.model.settings import LogFormat, LogLevel, People
from aggregator.model.source import ArticleFetch, Parser
from aggregator.text.folders import MOST_CHARACTERS, names_of, path_of
from aggregator.text.typed.nearest import nearest


class WrongValue(Exception):
    """A value is not of its kind. `why` says more than what was expected; `meant` is what it probably should be."""

    def __init__(self, why: str = "", meant: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.meant = meant


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value. `expected` completes “expected …”; `read` raises WrongValue; `is_secret`: never shown."""

    expected: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any]
    is_secret: bool = False

    def __call__(self, value: object) -> Any:
        """The value as the program uses it. Raises ValueError with a whole sentence."""
        try:
            return self.read(value)
        except WrongValue as wrong:
            given = "" if self.is_secret else f", not {shown(value)}"
            why = f": {wrong.why}" if wrong.why else ""
            raise ValueError(f"expected {self.expected}{given}{why}{did_you_mean(wrong.meant)}") from None

    def or_none(self, value: object) -> Any:
        """The same; None where the value is not of this kind, which is said elsewhere."""
        try:
            return self(value)
        except ValueError:
            return None


# ---------------------------------------------------------------- words and numbers


def text(
    expected: str,
    *,
    most: int,
    pattern: str = r"[^\x00-\x1f\x7f]+",
    mended: Callable[[str], str] | None = None,
    is_secret: bool = False,
) -> Kind:
    """Text of at most `most` characters that matches `pattern`; `mended` makes a suggestion of what does not."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise WrongValue(_quotes(value))
        found = value.strip()
        if len(found) <= most and re.fullmatch(pattern, found):
            return found
        if len(found) > most:
            raise WrongValue(f"it has more than {most} characters")
        meant = mended(found) if mended else ""
        raise WrongValue(meant=meant if re.fullmatch(pattern, meant) else None)

    least = 0 if re.fullmatch(pattern, "") else 1
    schema = {"type": "string", "minLength": least, "maxLength": most, "pattern": f"^{pattern}$"}
    return Kind(expected, read, schema, is_secret)


def one_of(choices: Sequence[str]) -> Kind:
    """One of a few words."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise WrongValue(_quotes(value))
        if value not in choices:
            raise WrongValue(meant=nearest(value, choices))
        return value

    expected = "one of " + ", ".join(f'"{choice}"' for choice in choices)
    return Kind(expected, read, {"type": "string", "enum": list(choices)})


def whole(least: int, most: int) -> Kind:
    """A whole number from `least` to `most`."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise WrongValue(_no_quotes(value))
        return value

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Kind(f"a whole number from {least} to {most}", read, schema)


def _fraction(expected: str, is_right: Callable[[float], bool], schema: Mapping[str, Any]) -> Kind:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not is_right(value):
            raise WrongValue(_no_quotes(value))
        return float(value)

    return Kind(expected, read, {"type": "number", **schema})


SHARE = _fraction(
    "a number above 0 and at most 1", lambda number: 0 < number <= 1, {"exclusiveMinimum": 0, "maximum": 1}
)
SCORE = _fraction("a number from 0 to 1", lambda number: 0 <= number <= 1, {"minimum": 0, "maximum": 1})
WEIGHT = _fraction(
    "a number from -1 to 1 that is not 0",
    lambda number: -1 <= number <= 1 and number != 0,
    {"minimum": -1, "maximum": 1, "not": {"const": 0}},
)


def _read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        is_quoted = isinstance(value, str) and value.lower() in ("true", "false")
        raise WrongValue("it stands without quotes" if is_quoted else "")
    return value


_LEAST_SURENESS = 0.5
_PROBABILITY = _fraction(
    "a probability from 0.5 to 0.99",
    lambda number: _LEAST_SURENESS <= number <= 0.99,
    {"minimum": _LEAST_SURENESS, "maximum": 0.99},
)


def _read_sureness(value: object) -> Any:
    if not isinstance(value, bool) and isinstance(value, int | float) and 0 < value < _LEAST_SURENESS:
        raise WrongValue(
            "up to 0.1.0 this was a similarity (0.17 unless changed), now it is how sure the program must be; "
            "leave it out for the usual 0.6"
        )
    return _PROBABILITY.read(value)


SURENESS = Kind(_PROBABILITY.expected, _read_sureness, _PROBABILITY.schema)


FLAG = Kind("true or false", _read_flag, {"type": "boolean"})


def _read_flag_or_auto(value: object) -> bool | str:
    if isinstance(value, str):
        if value == "auto":
            return value
        is_quoted = value.lower() in ("true", "false")
        raise WrongValue("true and false stand without quotes" if is_quoted else "", nearest(value, ["auto"]))
    if not isinstance(value, bool):
        raise WrongValue
    return value


FLAG_OR_AUTO = Kind('"auto", true or false', _read_flag_or_auto, {"enum": ["auto", True, False]})
LOG_LEVEL = one_of(get_args(LogLevel))
LOG_FORMAT = one_of(get_args(LogFormat))
PEOPLE = one_of(get_args(People))
ARTICLE_FETCH = one_of(get_args(ArticleFetch))
PARSER = one_of(get_args(Parser))
VARIABLE = text(
    "the name of an environment variable (not the token itself)",
    most=128,
    pattern="[A-Za-z_][A-Za-z0-9_]*",
    is_secret=True,
)


def _quotes(value: object) -> str:
    return "text stands in quotes" if isinstance(value, int | float) else ""


def _no_quotes(value: object) -> str:
    is_number = isinstance(value, str) and re.fullmatch(r"[+-]?\d+(?:\.\d+)?", value.strip())
    return "numbers stand without quotes" if is_number else ""


SOURCE_NAME = text("a part of a title or address in quotes", most=500)


def _read_source_folder(value: object) -> str:
    names = names_of(_SOURCE_FOLDER.read(value))
    if not names:
        raise WrongValue("there is no name in it")
    path = path_of(names)
    if names_of(path) != names:  # what stands for one character may be two in a path
        raise WrongValue(f"it has more than {MOST_CHARACTERS} characters")
    return path


_SOURCE_FOLDER = text('a folder such as "Press", or "Press/Ports"', most=MOST_CHARACTERS)
SOURCE_FOLDER = Kind(_SOURCE_FOLDER.expected, _read_source_folder, _SOURCE_FOLDER.schema)

# ---------------------------------------------------------------- the site

MOST_OF_SITE_TITLE = 80
SITE_TITLE = text(f"a title of at most {MOST_OF_SITE_TITLE} characters", most=MOST_OF_SITE_TITLE)
# It may have several lines.
SITE_TEXT = text("a text of at most 2000 characters", most=2000, pattern=r"[^\x00-\x08\x0b-\x1f\x7f]*")

_LANGUAGE_NAMES = {"english": "en", "englisch": "en", "german": "de", "deutsch": "de"}
SITE_LANGUAGE = text(
    'a language code such as "en" or "de"',
    most=35,
    pattern="[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*",
    mended=lambda text: _LANGUAGE_NAMES.get(text.casefold()) or _code(text),
)

# A model writes in any language.
BRIEF_LANGUAGE = Kind('a language code such as "en" or "sv"', SITE_LANGUAGE.read, SITE_LANGUAGE.schema)
MODEL_NAME = text("the name of a model of at most 200 characters", most=200)


def _code(text: str) -> str:
    first, dash, rest = text.replace("_", "-").partition("-")
    return first.lower() + dash + rest


def _read_time_zone(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue(_quotes(value))
    from zoneinfo import ZoneInfo  # here: most files name none

    try:
        return ZoneInfo(value.strip()).key
    except (KeyError, ValueError, OSError):
        raise WrongValue(meant=_zone_meant(value.strip())) from None


def _zone_meant(written: str) -> str | None:
    """The zone of a city, or the one that is spelt most like it. Never "Etc/GMT+2", which is two hours behind."""
    from zoneinfo import available_timezones

    zones = sorted((zone for zone in available_timezones() if not zone.startswith("Etc/")), key=len)
    wanted = "_".join(written.split())
    city = (zone for zone in zones if "/" in zone and zone.rpartition("/")[2].casefold() == wanted.casefold())
    return next(city, None) or nearest(wanted, [zone for zone in zones if "/" in zone or zone == "UTC"])


TIME_ZONE = Kind(
    'the name of a time zone, such as "Europe/Berlin"',
    _read_time_zone,
    {"type": "string", "minLength": 1, "examples": ["Europe/Berlin", "UTC"]},
)


# ---------------------------------------------------------------- files and networks


def _read_file(value: object) -> Path:
    if isinstance(value, str) and value.strip() and value.endswith(("/", "\\")):
        raise WrongValue("this names a folder")
    return _read_path(value)


def _read_path(value: object) -> Path:
    if not isinstance(value, str):
        raise WrongValue(_quotes(value))
    if not value.strip() or "\0" in value:
        raise WrongValue
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise WrongValue("the home folder is not known") from None


FILE = Kind('the path of a file, such as "data/aggregator.db"', _read_file, {"type": "string", "minLength": 1})
SECRET_FILE = Kind("the path of a file", FILE.read, FILE.schema, is_secret=True)


_MODE = re.compile(r"(?:0o?)?([46][0246]{2})")


def _read_mode(value: object) -> str:
    """Four octal digits. Its owner reads it, and nobody runs it."""
    if isinstance(value, int) and not isinstance(value, bool):
        # 0644 is no TOML, 0o644 is 420, and 644 is what it looks like.
        meant = next((text for text in (str(value), f"{value:o}") if _MODE.fullmatch(text)), None)
        raise WrongValue("it stands in quotes", f"0{meant}" if meant else None)
    found = _MODE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        raise WrongValue
    return f"0{found[1]}"


FILE_MODE = Kind(
    'the mode of a file in octal digits, such as "0644"',
    _read_mode,
    {"type": "string", "pattern": "^(0o?)?[46][0246]{2}$", "examples": ["0644", "0640"]},
)
FOLDER = Kind('the path of a folder, such as "data/site"', _read_path, {"type": "string", "minLength": 1})


def _read_network(value: object) -> IPv4Network | IPv6Network:
    if not isinstance(value, str):
        raise WrongValue(_quotes(value))
    try:
        return ip_network(value.strip())
    except ValueError:
        pass
    try:
        meant = str(ip_network(value.strip(), strict=False))
    except ValueError:
        raise WrongValue("names of computers can't stand here" if _NAME.fullmatch(value) else "") from None
    raise WrongValue("it has bits set behind the length", meant)


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")

NETWORK = Kind(
    'an address or a network, such as "127.0.0.0/8" or "fd00::/8"',
    _read_network,
    {"type": "string", "minLength": 2, "examples": ["127.0.0.0/8", "fd00::/8"]},
)


if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


class Of:
    """Beside a type: the value is read, checked and described as one of our kinds."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic when it makes the class."""
        return core_schema.no_info_plain_validator_function(self.kind)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Called by pydantic when it makes the JSON Schema."""
        return dict(self.kind.schema)


class EitherWay:
    """Beside a table: a plain value of this kind may stand for it."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Called by pydantic when it makes the JSON Schema."""
        return {"anyOf": [dict(self.kind.schema), handler(schema)]}

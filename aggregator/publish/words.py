"""The site's own words: sentences out of a catalogue, and dates, numbers and names of languages out of Babel.

A catalogue is a TOML file, `words/LANGUAGE.toml`: keys with sentences, `{names}` in them for what is filled in. What
depends on a number has a key for each plural form of the language: `.one`, `.few`, …, `.other`.
Babel works slowly, so that everything it says is kept.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from aggregator.model.errors import PublishError
from aggregator.publish.clean import plain

# What has no catalogue, and keys that one lacks, is said in it.
_FALLBACK = "en"
_KEPT = 16_384
# What a language can be called (BCP 47); others say what they like.
_CODE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")
_NAMED = re.compile(r"\{(\w+)\}")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class NoWordsError(PublishError):
    """No catalogue has this language."""


def catalogue(language: str, folder: Path | None = None) -> dict[str, str]:
    """The sentences of a language by their keys: those shipped, and over them, key by key, those in the user's folder.

    Keys that no catalogue of the language has are English.

    Raises:
        NoWordsError: there is none for the language, nor for the one it is a variant of ("de" of "de-AT").
        PublishError: a file of the user's is wrong.
    """
    shipped = files(__package__) / "words"
    found = dict(_flat(tomllib.loads((shipped / f"{_FALLBACK}.toml").read_text(encoding="utf-8"))))
    known = False
    for name in dict.fromkeys((language.partition("-")[0], language)):
        if (shipped / f"{name}.toml").is_file():
            found.update(_flat(tomllib.loads((shipped / f"{name}.toml").read_text(encoding="utf-8"))))
            known = True
        if folder is not None and (folder / f"{name}.toml").is_file():
            found.update(_own(folder / f"{name}.toml"))
            known = True
    if not known:
        raise NoWordsError(f"there are no words in {language!r}: write words/{language}.toml into [publish] templates")
    return found


def _own(file: Path) -> dict[str, str]:
    """The sentences in a file of the user's."""
    try:
        return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))
    except tomllib.TOMLDecodeError as error:
        raise PublishError(f"{file}: {error}") from error
    except UnicodeDecodeError as error:
        raise PublishError(f"{file}, line {error.object[: error.start].count(10) + 1}: this is not UTF-8") from error
    except OSError as error:
        raise PublishError(f"{file}: can't be read: {error.strerror}") from error


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield above + key, str(value)


def _line_of(key: str, file: Path) -> str:
    """The file, and the line in which a sentence begins: the first of its table with its name."""
    table, _, name = key.rpartition(".")
    inside = table == ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        written = line.replace('"', "").replace(" ", "")
        if written.startswith("["):
            inside = written.startswith(f"[{table}]")
        elif written.startswith((f"{key}=", f"{name}=" if inside else f"{key}=")):
            return f"{file}, line {number}"
    return str(file)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names) or "nothing"


class Words:
    """The words of a site in one language and one time zone.

    `fixed` has the sentences by their keys, ready for a page. ZoneInfoNotFoundError, NoWordsError, and PublishError
    where a catalogue of the user's is wrong: also of all that says something, once it comes to that sentence.
    """

    def __init__(self, language: str, zone: str, folder: Path | None = None) -> None:
        self._sentences = catalogue(language, folder)
        self.language, self._folder = language, folder
        self.fixed: Mapping[str, Markup] = {key: escape(said) for key, said in self._sentences.items()}
        # `%` is many times as fast as Markup.format.
        self._patterns = {key: _NAMED.sub(r"%(\1)s", said.replace("%", "%%")) for key, said in self.fixed.items()}
        self.zone_name = zone.replace("_", " ")
        # Python's own UTC is several times as fast as the zone of that name.
        self._zone: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)
        try:
            self._locale = Locale.parse(language, sep="-")
        except (UnknownLocaleError, ValueError):
            self._locale = Locale.parse(_FALLBACK)
        self.direction: str = self._locale.text_direction
        self._primary = language.partition("-")[0].lower()
        # Kept by what they are asked, for as long as the site is built.
        self.number = lru_cache(_KEPT)(self._number)
        self.count = lru_cache(_KEPT)(self._count)
        self.day = lru_cache(_KEPT)(self._day)
        self.mark = lru_cache(1024)(self._mark)
        self.attributes = lru_cache(1024)(self._attributes)
        self.language_name = lru_cache(1024)(self._language_name)
        self.clock = lru_cache(1024)(self._clock)
        self._written_day = lru_cache(_KEPT)(self._written)
        self._plural = lru_cache(1024, typed=True)(self._plural_key)

    def say(self, key: str, /, **values: object) -> Markup:
        """The sentence of `key` with `values` filled in; these are escaped unless they are Markup."""
        filled = {name: value if type(value) is Markup else escape(value) for name, value in values.items()}
        try:
            return Markup(self._patterns[key] % filled)
        except KeyError as error:
            if key not in self._patterns:
                raise LookupError(f"no words are called {key!r}") from error
            why = f"nothing is filled in for {{{error.args[0]}}}, but {_listed(filled)}"
            raise self._wrong(key, why) from error

    def some(self, key: str, n: int, /, **values: object) -> Markup:
        """The sentence of `key` for the number `n`, with more filled in."""
        return self.say(self._plural(key, n), n=self.number(n), **values)

    def local(self, at: datetime) -> datetime:
        """A time in the site's zone."""
        return at.astimezone(self._zone)

    def date_of(self, at: datetime) -> date:
        """The site's day that a time is on."""
        return at.astimezone(self._zone).date()

    def written(self, shown: date, form: str) -> str:
        """A date by the pattern `date.FORM` of the catalogue, as plain text."""
        return self._written_day(shown, form)

    def moment(self, at: datetime, day: date) -> Markup:
        """A time as it reads on a page about `day`: its hour, and the day before it where that is another one."""
        its = self.date_of(at)
        if its == day:
            return self.clock(at)
        form = "weekday" if abs((its - day).days) < 7 else "short" if its.year == day.year else "short_year"
        return Markup(f"{escape(self.written(its, form))} {self.clock(at)}")

    def span(self, first: datetime, last: datetime) -> Markup:
        """From when to when something went on, with its dates."""
        begins, ends = self.date_of(first), self.date_of(last)
        if last - first < _MINUTE:
            return self.say("span.moment", day=self.day(begins, "date"), at=self.clock(first))
        if begins == ends:
            return self.say("span.day", day=self.day(begins, "date"), first=self.clock(first), last=self.clock(last))
        return self.say(
            "span.days", first_day=self.day(begins, "date"), first=self.clock(first),
            last_day=self.day(ends, "date"), last=self.clock(last),
        )  # fmt: skip

    def within(self, length: timedelta) -> Markup:
        """A length of time, rounded up to minutes, hours or days: "within two hours"."""
        for unit, name, most in ((_MINUTE, "minutes", 90), (_HOUR, "hours", 36)):
            n = max(-(-length // unit), 1)
            if n <= most:
                return self._small(f"within.{name}", n)
        return self._small("within.days", -(-length // _DAY))

    def _small(self, key: str, n: int) -> Markup:
        """A count whose number is a word where it is small: "two"."""
        return self.say(self._plural(key, n), n=self.fixed.get(f"number.{n}") or self.number(n))

    def ordinal(self, n: int) -> Markup:
        """The how many-th: a word where it is small, "13th" where it is not."""
        if word := self.fixed.get(f"brief.ordinal.{n}"):
            return word
        key = f"brief.ordinal.more.{self._locale.ordinal_form(n)}"
        return self.say(key if key in self.fixed else "brief.ordinal.more.other", n=self.number(n))

    def _number(self, n: float) -> str:
        return str(format_decimal(n, format="#,##0.#", locale=self._locale))

    def _plural_key(self, key: str, n: float) -> str:
        found = f"{key}.{self._locale.plural_form(n)}"
        return found if found in self.fixed else f"{key}.other"

    def _count(self, key: str, n: float) -> Markup:
        """So many of what `key` says: "3 publishers"."""
        return self.say(self._plural(key, n), n=self.number(n))

    def _written(self, shown: date, form: str) -> str:
        pattern = self._sentences[f"date.{form}"]
        try:
            return str(format_date(shown, pattern, locale=self._locale))
        except Exception as error:  # a library's, of whatever kind
            raise self._wrong(f"date.{form}", f"{pattern!r} is no pattern of a date") from error

    def _wrong(self, key: str, why: str) -> PublishError:
        """What is to be said of a sentence of the user's."""
        names = dict.fromkeys((self.language, self.language.partition("-")[0]))
        files = [self._folder / f"{name}.toml" for name in names] if self._folder else []
        file = next((file for file in files if file.is_file() and key in _own(file)), None)
        return PublishError(f"{_line_of(key, file) if file else f'words in {self.language!r}'}: {key}: {why}")

    def _day(self, shown: date, form: str) -> Markup:
        """A date by the pattern `date.FORM` of the catalogue, as a `time` element."""
        return Markup(f'<time datetime="{shown.isoformat()}">{escape(self.written(shown, form))}</time>')

    def _clock(self, at: datetime) -> Markup:
        """The hour of a time in the site's zone, as a `time` element."""
        utc, local = at.astimezone(UTC).isoformat(timespec="minutes")[:16], at.astimezone(self._zone)
        return Markup(f'<time datetime="{utc}Z">{local.hour:02}:{local.minute:02}</time>')

    def _language_name(self, code: str) -> str:
        """What a language is called; its code where nobody knows."""
        try:
            name = Locale.parse(code, sep="-").get_display_name(self._locale)
        except (UnknownLocaleError, ValueError):
            name = None
        return str(name or plain(code))

    def _mark(self, code: str | None) -> Markup:
        """The mark of a language that is not the site's, with a space before it."""
        if not code or not _CODE.fullmatch(code) or code.partition("-")[0].lower() == self._primary:
            return Markup()
        name = escape(self.language_name(code))
        return Markup(f' <abbr class="lg" lang="{self.language}" title="{name}">{code}</abbr>')

    def _attributes(self, code: str | None) -> Markup:
        """The attributes of an element with words of others in this language; of an unknown one it is said so."""
        return Markup(f' lang="{code if code and _CODE.fullmatch(code) else ""}" dir="auto"')

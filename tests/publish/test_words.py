from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
from markupsafe import Markup

from aggregator.publish.render import Renderer
from aggregator.publish.words import NoWordsError, Words, catalogue

SHIPPED = ("en", "de")
_KEY = re.compile(r'(?:\bt\[|say\(|count\(|some\(|fixed\[|_small\()"([a-z_0-9]+\.[a-z_.0-9]+)"[\],)]')
_QUOTED = re.compile(r'"([a-z_]+(?:\.[a-z_0-9]+)+)"')
# Keys whose end is put behind their beginning.
_MADE = (
    "brief.ordinal.", "brief.continues", "brief.background", "brief.people",
    "kind.", "sources.kind.", "sources.status.", "number.", "date.", "how.rule_people_", "story.kind_",
    "within.", "count.", "base.today", "base.river", "base.topics", "base.days", "base.sources", "base.search",
    "base.agenda", "base.before", "base.after", "topics.entities", "topics.subjects", "sources.trouble", "sources.well",
    "feed.", "due.", "season.",
)  # fmt: skip


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def _texts() -> list[str]:
    modules = [path.read_text(encoding="utf-8") for path in Path(str(files("aggregator.publish"))).rglob("*.py")]
    return [*Renderer(Words("en", "UTC")).sources().values(), *modules]


@pytest.mark.parametrize("language", SHIPPED)
def test_every_key_in_use_is_in_each_catalogue(language: str) -> None:
    shipped = set(catalogue(language))
    used = {key for text in _texts() for key in _KEY.findall(text)}
    assert len(used) > 60
    for key in used:
        assert key in shipped or f"{key}.other" in shipped, key


def test_no_key_is_left_over() -> None:
    used = {key for text in _texts() for key in _QUOTED.findall(text)}
    bare = {key.removesuffix(".one").removesuffix(".other") for key in catalogue("en")}
    assert {key for key in bare if key not in used and not key.startswith(_MADE)} == set()


def test_the_catalogues_say_the_same() -> None:
    english, german = (
        {key: fields(said) for key, said in catalogue(name).items() if not key.startswith("date.")} for name in SHIPPED
    )
    for key in english:
        assert german[key] <= english[key] | {"n"}, key


@pytest.mark.parametrize("language", SHIPPED)
def test_a_catalogue_is_whole_by_itself(language: str) -> None:
    text = (files("aggregator.publish") / "words" / f"{language}.toml").read_text(encoding="utf-8")

    def flat(table: dict[str, object], above: str = "") -> set[str]:
        return {
            name
            for key, value in table.items()
            for name in (flat(value, f"{above}{key}.") if isinstance(value, dict) else {above + key})
        }

    assert flat(tomllib.loads(text)) == set(catalogue("en"))


def test_a_user_says_some_of_it_otherwise(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text('base.today = "Jetzt <b>"\n', encoding="utf-8")
    words = Words("de", "UTC", tmp_path)
    assert words.fixed["base.today"] == "Jetzt &lt;b&gt;"
    assert words.fixed["base.river"] == "Strom"


def test_a_language_of_the_user_falls_back_to_english(tmp_path: Path) -> None:
    (tmp_path / "pl.toml").write_text(
        'count.posts.one = "{n} wpis"\ncount.posts.few = "{n} wpisy"\ncount.posts.many = "{n} wpisów"\n',
        encoding="utf-8",
    )
    words = Words("pl", "UTC", tmp_path)
    assert [words.count("count.posts", n) for n in (1, 3, 5)] == ["1 wpis", "3 wpisy", "5 wpisów"]
    assert words.fixed["base.today"] == "Today"


def test_a_variant_has_the_words_of_its_language() -> None:
    assert Words("de-AT", "UTC").fixed["base.today"] == "Heute"


def test_a_language_without_words_is_told() -> None:
    with pytest.raises(NoWordsError, match=r"'xx'.*xx\.toml"):
        Words("xx", "UTC")


def test_numbers_and_their_plural_forms() -> None:
    english, german = Words("en", "UTC"), Words("de", "UTC")
    assert english.count("count.publishers", 1) == "1 publisher"
    assert english.count("count.publishers", 1234) == "1,234 publishers"
    assert german.count("count.publishers", 0) == "0 Medien"
    assert german.count("count.publishers", 1234) == "1.234 Medien"
    assert english.number(0.5) == "0.5"
    assert german.number(0.5) == "0,5"


def test_days_and_hours_are_those_of_the_site() -> None:
    words = Words("de", "Europe/Berlin")
    late = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
    assert words.date_of(late) == date(2026, 11, 29)
    assert words.clock(late) == '<time datetime="2026-11-28T23:30Z">00:30</time>'
    assert words.written(date(2026, 11, 29), "full") == "Sonntag, 29. November 2026"
    assert words.moment(late, date(2026, 11, 29)) == words.clock(late)
    assert words.moment(late, date(2026, 11, 30)).startswith("So")
    assert "29. Nov" in words.moment(late, date(2026, 12, 24))


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), "within a minute"),
        (timedelta(minutes=2), "within two minutes"),
        (timedelta(minutes=31), "within 31 minutes"),
        (timedelta(minutes=91), "within two hours"),
        (timedelta(hours=37), "within two days"),
        (timedelta(days=14), "within 14 days"),
    ],
)
def test_a_length_of_time_in_words(length: timedelta, said: str) -> None:
    assert Words("en", "UTC").within(length) == said


def test_names_and_marks_of_languages() -> None:
    words = Words("en", "UTC")
    assert words.language_name("fr") == "French"
    assert Words("de", "UTC").language_name("fr") == "Französisch"
    assert words.language_name("nonsense-of-others") == "nonsense-of-others"
    assert words.mark("en") == words.mark("en-GB") == words.mark(None) == ""
    assert words.mark("fr") == ' <abbr class="lg" lang="en" title="French">fr</abbr>'
    assert words.attributes(None) == ' lang="" dir="auto"'
    assert words.attributes('"><script>') == words.attributes(None)
    assert words.mark('"><script>') == ""


def test_what_is_filled_in_is_escaped_and_nothing_else_is_read_in_it() -> None:
    words = Words("en", "UTC")
    assert words.say("base.before", to="<b> %s {to}") == "← &lt;b&gt; %s {to}"
    assert words.say("base.before", to=Markup("<i>x</i>")) == "← <i>x</i>"


def test_a_right_to_left_language_turns_the_page(tmp_path: Path) -> None:
    (tmp_path / "ar.toml").write_text('base.today = "اليوم"\n', encoding="utf-8")
    assert Words("ar", "UTC", tmp_path).direction == "rtl"
    assert Words("en", "UTC").direction == "ltr"

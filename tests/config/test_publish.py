"""What `[publish]`, `[[publish.feeds]]` and `[http]` become, and what is said of mistakes in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import load_config, needed
from aggregator.config.extras.installation import how_to_install
from aggregator.model.errors import ConfigError
from aggregator.model.rules import SavedQuery
from aggregator.model.settings import SITE_LANGUAGES, Config, Http, Publish
from aggregator.publish import addresses

SECRET = "tops3cret"
Problems = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where relative paths start: `a.toml` stands in `etc`, as the database does in `data`."""
    (tmp_path / "etc").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str, **environ: str) -> Config:
    Path("etc/a.toml").write_text(text, "utf-8")
    return load_config(Path("etc/a.toml"), environ)


def problems(text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, **environ)
    assert SECRET not in str(caught.value)
    return [problem.removeprefix("etc/") for problem in caught.value.problems]


# ---------------------------------------------------------------- what it becomes


def test_without_it_no_site_is_made_and_nobody_listens() -> None:
    config = load("")
    assert (config.publish, config.http) == (Publish(), Http())
    assert config.publish.path is None
    assert config.http.listen is None


def test_every_key_is_taken_over() -> None:
    Path("mine/words").mkdir(parents=True)
    Path("mine/words/sv.toml").touch()
    Path("mine/own.css").touch()
    config = load("""
        [publish]
        path = "data/site/"
        address = "https://News.example/harbour"
        title = " Harbour News "
        about = '''
Two people.
They read.
'''
        language = "sv"
        timezone = "Europe/Stockholm"
        page_for = 0.5
        people = "none"
        interval = "5m"
        templates = "mine"
        stylesheet = "mine/own.css"
        [http]
        listen = "[::1]:8000"
        """)
    assert config.publish == Publish(
        path=Path("data/site"),
        address="https://news.example/harbour/",
        title="Harbour News",
        about="Two people.\nThey read.",
        language="sv",
        timezone="Europe/Stockholm",
        page_for=0.5,
        people="none",
        interval=timedelta(minutes=5),
        templates=Path("mine"),
        stylesheet=Path("mine/own.css"),
    )
    assert config.http == Http(listen="[::1]:8000")


def test_saved_feeds() -> None:
    config = load("""
        [publish]
        title = "Harbour News"
        [[publish.feeds]]
        name = "ferries-at-sea"
        query = 'ferry OR "car ferry"'
        [[publish.feeds]]
        name = "law"
        title = "Law and courts"
        topics = ["court", "regulation", "court"]
        languages = ["en", "de"]
        min_sources = 3
        [[publish.feeds]]
        name = "french-money"
        topic = "funding"
        language = "fr"
        """)
    assert config.publish.title == "Harbour News"
    assert config.publish.feeds == (
        SavedQuery(name="ferries-at-sea", title="Ferries at sea", query='ferry OR "car ferry"'),
        SavedQuery(
            name="law",
            title="Law and courts",
            topics=("court", "regulation"),
            languages=("en", "de"),
            min_sources=3,
        ),
        SavedQuery(name="french-money", title="French money", topics=("funding",), languages=("fr",)),
    )


def test_feeds_of_topics_of_ones_own() -> None:
    text = '[topics.ferries]\nany = ["ferry"]\n[[publish.feeds]]\nname = "f"\ntopic = "ferries"\n'
    assert load(text).publish.feeds[0].topics == ("ferries",)


@pytest.mark.parametrize("language", [*SITE_LANGUAGES, "en-GB", "de-AT"])
def test_languages_that_are_shipped_need_no_catalogue(language: str) -> None:
    assert load(f'[publish]\nlanguage = "{language}"\n').publish.language == language


def test_a_variant_may_have_the_words_of_its_language(folder: Path) -> None:
    (folder / "mine" / "words").mkdir(parents=True)
    (folder / "mine" / "words" / "pt.toml").touch()
    assert load('[publish]\ntemplates = "mine"\nlanguage = "pt-BR"\n').publish.language == "pt-BR"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://news.example", "https://news.example/"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/"),
        ("https://news.example/a/b", "https://news.example/a/b/"),
    ],
)
def test_the_address_ends_with_a_slash(written: str, meant: str) -> None:
    assert load(f'[publish]\naddress = "{written}"\n').publish.address == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("127.0.0.1:1", "127.0.0.1:1"),
        ("0.0.0.0:65535", "0.0.0.0:65535"),
        ("LocalHost:8000", "localhost:8000"),
        ("[::]:08000", "[::]:8000"),
        ("my-host.example:80", "my-host.example:80"),
    ],
)
def test_where_to_listen(written: str, meant: str) -> None:
    assert load(f'[http]\nlisten = "{written}"\n').http.listen == meant


# ---------------------------------------------------------------- the token


def test_the_token_comes_from_a_variable_or_a_file_and_is_never_shown(folder: Path) -> None:
    (folder / "token").write_text(f"{SECRET}\n", "utf-8")
    by_variable = load('[http]\ntoken_env = "AGGREGATOR_TOKEN"\n', AGGREGATOR_TOKEN=SECRET)
    by_file = load('[http]\ntoken_file = "token"\n')
    for config in (by_variable, by_file):
        assert config.http.token == SECRET
        assert SECRET not in repr(config)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('token_env = "NONE"\n', "a.toml:2: http.token_env: the environment variable NONE is not set"),
        ('token_env = "SPACES"\n', "a.toml:2: http.token_env: what the variable holds is no token"),
        (f'token_env = "{SECRET}-x"\n', "a.toml:2: http.token_env: expected the name of an environment variable"),
        (f'token = "{SECRET}"\n', 'a.toml:2: http.token: there is no such key here (did you mean "token_env"?)'),
        ('token_file = "nowhere"\n', "a.toml:2: http.token_file: can't be read: no such file or directory"),
        ('token_file = "etc/"\n', "a.toml:2: http.token_file: expected the path of a file: this names a folder"),
        ('token_env = "GOOD"\ntoken_file = "good"\n', "a.toml:3: http.token_file: expected token_env or token_file"),
    ],
)
def test_mistakes_about_the_token_do_not_show_it(folder: Path, text: str, said: str) -> None:
    (folder / "good").write_text(SECRET, "utf-8")
    found = problems(f"[http]\n{text}", SPACES=f"{SECRET} {SECRET}", GOOD=SECRET)
    assert any(problem.startswith(said) for problem in found)


# ---------------------------------------------------------------- mistakes

ADDRESS = 'expected the http or https address of the site, such as "https://news.example/", not'
LISTEN = 'expected a host and a port, such as "127.0.0.1:8000", not'
ZONE = 'expected the name of a time zone, such as "Europe/Berlin", not'
SITE = "publish.path: expected a folder of its own: the site would be mixed with"

# what stands in [publish] → what is said, from the line on
PUBLISH = {
    'pth = "x"\n': '2: publish.pth: there is no such key here (did you mean "path"?)',
    # ---- address
    'address = "news.example"\n': (
        f'2: publish.address: {ADDRESS} "news.example": it does not begin with https:// '
        '(did you mean "https://news.example"?)'
    ),
    'address = "https://news.example/?page=1"\n': (
        f'{ADDRESS} "https://news.example/?…": nothing may stand behind its path (did you mean "https://news.example/"?)'
    ),
    'address = "https://news.example/a#top"\n': '(did you mean "https://news.example/a/"?)',
    'address = "https://news.example/a/index.html"\n': ('this names a page (did you mean "https://news.example/a/"?)'),
    f'address = "https://me:{SECRET}@news.example/"\n': "it has a user or password in it",
    'address = "ftp://news.example/"\n': "ftp: is not read, only http and https",
    "address = 5\n": f"2: publish.address: {ADDRESS} 5",
    # ---- words
    'title = ""\n': '2: publish.title: expected a title of at most 80 characters, not ""',
    f'title = "{"x" * 81}"\n': "it has more than 80 characters",
    'title = "a\\nb"\n': "expected a title of at most 80 characters",
    "title = 5\n": "not 5: text stands in quotes",
    f'about = "{"x" * 2001}"\n': "it has more than 2000 characters",
    'about = "a\\u0000b"\n': "2: publish.about: expected a text of at most 2000 characters",
    'language = "German"\n': (
        '2: publish.language: expected a language code such as "en" or "de", not "German" (did you mean "de"?)'
    ),
    'language = "EN_gb"\n': 'not "EN_gb" (did you mean "en-gb"?)',
    'language = "sv"\n': (
        '2: publish.language: there are no words in “sv”: expected "en" or "de", or a file words/sv.toml in the folder '
        "that `templates` names"
    ),
    'language = "sv"\ntemplates = "mine"\n': (
        '2: publish.language: there are no words in “sv”: expected "en" or "de", or a file words/sv.toml in "mine"'
    ),
    'language = "xx"\ntemplates = "mine"\n': ("2: publish.language: nobody has said how dates are written in “xx”"),
    'timezone = "Berlin"\n': f'2: publish.timezone: {ZONE} "Berlin" (did you mean "Europe/Berlin"?)',
    'timezone = "Europa/Berlin"\n': '(did you mean "Europe/Berlin"?)',
    'timezone = "new york"\n': '(did you mean "America/New_York"?)',
    'timezone = "europe/berlin"\n': '(did you mean "Europe/Berlin"?)',
    'timezone = "utc"\n': '(did you mean "UTC"?)',
    'timezone = "+02:00"\n': f'{ZONE} "+02:00"',
    'timezone = "UTC+2"\n': f'{ZONE} "UTC+2"',
    'timezone = "../UTC"\n': f'{ZONE} "../UTC"',
    'timezone = "Europe"\n': f'{ZONE} "Europe"',
    'timezone = ""\n': f'{ZONE} ""',
    "timezone = 2\n": f"{ZONE} 2: text stands in quotes",
    # ---- the rest of the plain ones
    "page_for = 0\n": "2: publish.page_for: expected a number above 0 and at most 1, not 0",
    'people = "agred"\n': (
        '2: publish.people: expected one of "agreed", "all", "none", not "agred" (did you mean "agreed"?)'
    ),
    "people = false\n": 'expected one of "agreed", "all", "none", not false',
    "interval = 60\n": '2: publish.interval: expected a length of time from "1s" to "30d", such as "15m", not 60',
    # ---- folders and files
    "path = 5\n": '2: publish.path: expected the path of a folder, such as "data/site", not 5: text stands in quotes',
    'path = ""\n': 'such as "data/site", not ""',
    'path = "data"\n': f'2: {SITE} the database, "data/aggregator.db"',
    'path = "."\n': f'2: {SITE} the database, "data/aggregator.db"',
    'path = "data/../data/"\n': f'2: {SITE} the database, "data/aggregator.db"',
    'path = "etc"\n': f'2: {SITE} the configuration, "etc/a.toml"',
    'path = "link"\n': f'2: {SITE} the configuration, "etc/a.toml"',
    'path = "mine"\ntemplates = "mine"\n': f'2: {SITE} your templates, "mine"',
    'path = "mine"\nstylesheet = "mine/own.css"\n': f'2: {SITE} your stylesheet, "mine/own.css"',
    'path = "etc/a.toml"\n': "2: publish.path: expected the path of a folder: this is a file",
    'templates = "nowhere"\n': (
        '2: publish.templates: expected the path of a folder: there is no such folder as "nowhere"'
    ),
    'templates = "nowhere"\nlanguage = "sv"\n': "2: publish.templates: expected the path of a folder",
    'templates = "etc/a.toml"\n': "2: publish.templates: expected the path of a folder: this is a file",
    'stylesheet = "mine"\n': "2: publish.stylesheet: expected the path of a file: this is a folder",
    'stylesheet = "mine/"\n': "this names a folder",
    'stylesheet = "no.css"\n': '2: publish.stylesheet: expected the path of a file: there is no such file as "no.css"',
    f'stylesheet = "{"x" * 5000}"\n': "there is no such file as",
    # ---- feeds that are no blocks
    'feeds = ["ferries"]\n': '2: publish.feeds: expected blocks that begin with [[publish.feeds]], not "ferries"',
    'feeds = "ferries"\n': '2: publish.feeds: expected blocks that begin with [[publish.feeds]], not "ferries"',
}


@pytest.mark.parametrize(("text", "said"), PUBLISH.items(), ids=[text[:40] for text in PUBLISH])
def test_mistakes_in_publish(folder: Path, text: str, said: str) -> None:
    (folder / "mine" / "words").mkdir(parents=True)
    (folder / "mine" / "words" / "xx.toml").touch()
    (folder / "mine" / "own.css").touch()
    (folder / "link").symlink_to("etc")
    (problem,) = problems(f"[publish]\n{text}")
    assert problem.startswith("a.toml:")
    assert problem.startswith(f"a.toml:{said}") if said[0].isdigit() else said in problem


# what stands in a block of [[publish.feeds]] → what is said, from the line on
FEEDS = {
    'query = "x"\n': "1: publish.feeds.name: is missing (what its files are called: feeds/NAME.atom and",
    'name = "Harbour News"\nquery = "x"\n': (
        "2: publish.feeds.name: expected a short name of small letters, digits and dashes, such as "
        '"ferries", not "Harbour News" (did you mean "harbour-news"?)'
    ),
    'name = "../x"\nquery = "x"\n': 'such as "ferries", not "../x"',
    'name = "all"\nquery = "x"\n': "2: publish.feeds.name: “all” is the feed of everything",
    'name = "stories"\nquery = "x"\n': "2: publish.feeds.name: “stories” is the feed of the stories that have a page",
    'name = "a"\nquery = "x"\n[[publish.feeds]]\nname = " a"\nquery = "y"\n': (
        "5: publish.feeds.name: a feed of this name is in line 2 already"
    ),
    'name = "a"\n': (
        "1: publish.feeds: this would be the feed of everything: expected at least one of query, topic, topics, "
        "language, languages, folder, folders, min_sources"
    ),
    'name = "a"\nfolder = "Press"\n': "3: publish.feeds.folder: no source stands in the folder “Press”",
    'name = "a"\ntopics = []\nmin_sources = 1\n': "1: publish.feeds: this would be the feed of everything",
    'name = "a"\nquery = "x"\ntitle = ""\n': "4: publish.feeds.title: expected a title of at most 80 characters",
    'name = "a"\nquery = ""\n': "3: publish.feeds.query: expected words to search for, of at most 500 characters",
    f'name = "a"\nquery = "{"x" * 501}"\n': "it has more than 500 characters",
    'name = "a"\nquery = "--"\n': "3: publish.feeds.query: there are no words to search for",
    'name = "a"\nquery = \'"car ferry\'\n': "3: publish.feeds.query: a quote is not closed",
    'name = "a"\nquery = "(car OR ship ferry"\n': "3: publish.feeds.query: a bracket is not closed",
    'name = "a"\nquery = "ferry AND"\n': "3: publish.feeds.query: AND stands between two words",
    'name = "a"\nquery = ["x"]\n': "expected words to search for, of at most 500 characters, not a list",
    'name = "a"\ntopics = [\n"reserch",\n]\n': (
        '4: publish.feeds.topics: there is no topic “reserch” (did you mean "research"?)'
    ),
    'name = "a"\ntopic = "reserch"\n': (
        '3: publish.feeds.topic: there is no topic “reserch” (did you mean "research"?)'
    ),
    'name = "a"\ntopics = ["court"]\n[topics.court]\nenabled = false\n': (
        "3: publish.feeds.topics: the topic “court” is switched off in line 5"
    ),
    'name = "a"\ntopic = "court"\ntopics = ["funding"]\n': (
        "4: publish.feeds.topics: expected topic or topics, not both (topic is in line 3)"
    ),
    'name = "a"\nlanguages = ["de"]\nlanguage = "en"\n': (
        "3: publish.feeds.languages: expected language or languages, not both (language is in line 4)"
    ),
    'name = "a"\ntopics = "court"\n': '3: publish.feeds.topics: expected a list in square brackets, not "court"',
    'name = "a"\nlanguages = ["en_US"]\n': '(did you mean "en-US"?)',
    'name = "a"\nmin_sources = 0\n': "3: publish.feeds.min_sources: expected a whole number from 1 to 1000, not 0",
    'name = "a"\nquery = "x"\nlang = "en"\n': (
        '4: publish.feeds.lang: there is no such key here (did you mean "language"?)'
    ),
}


@pytest.mark.parametrize(("text", "said"), FEEDS.items(), ids=[text[:40] for text in FEEDS])
def test_mistakes_in_saved_feeds(text: str, said: str) -> None:
    (problem,) = problems(f"[[publish.feeds]]\n{text}")
    assert problem.startswith("a.toml:")
    assert problem.startswith(f"a.toml:{said}") if said[0].isdigit() else said in problem


def test_saved_feeds_have_no_names_that_the_site_needs() -> None:
    for taken in (addresses.ALL, addresses.STORIES):
        assert "is the feed of" in problems(f'[[publish.feeds]]\nname = "{taken}"\nquery = "x"\n')[0]


HTTP = {
    "listen = 8000\n": f'2: http.listen: {LISTEN} 8000: the host is missing (did you mean "127.0.0.1:8000"?)',
    "listen = 80000\n": f"{LISTEN} 80000: the host is missing",
    'listen = ":8000"\n': 'the host is missing (did you mean "127.0.0.1:8000"?)',
    'listen = "127.0.0.1"\n': 'the port is missing (did you mean "127.0.0.1:8000"?)',
    'listen = "::1:8000"\n': 'an IPv6 address stands in brackets (did you mean "[::1]:8000"?)',
    'listen = "::1"\n': 'an IPv6 address stands in brackets (did you mean "[::1]:8000"?)',
    'listen = "*:8000"\n': 'all addresses are 0.0.0.0 (did you mean "0.0.0.0:8000"?)',
    'listen = "http://localhost:8000/"\n': 'only the host and the port (did you mean "localhost:8000"?)',
    'listen = "127.0.0.1:0"\n': "ports are numbers from 1 to 65535",
    'listen = "127.0.0.1:65536"\n': "ports are numbers from 1 to 65535",
    f'listen = "127.0.0.1:{"9" * 9000}"\n': "ports are numbers from 1 to 65535",
    'listen = "300.0.0.1:80"\n': "“300.0.0.1” can't be a host",
    'listen = "[::g]:80"\n': "“[::g]” can't be a host",
    'listen = "my_host:80"\n': "“my_host” can't be a host",
    'listen = ""\n': f'{LISTEN} ""',
    "listen = true\n": f"{LISTEN} true",
    'lisen = "127.0.0.1:8000"\n': '2: http.lisen: there is no such key here (did you mean "listen"?)',
}


@pytest.mark.parametrize(("text", "said"), HTTP.items(), ids=[text[:40] for text in HTTP])
def test_mistakes_in_http(text: str, said: str) -> None:
    (problem,) = problems(f"[http]\n{text}")
    assert problem.startswith("a.toml:")
    assert problem.startswith(f"a.toml:{said}") if said[0].isdigit() else said in problem


@pytest.mark.parametrize(("listen", "installed", "is_wrong"), [
    ("127.0.0.1:8000", False, True), ("127.0.0.1:8000", True, False), (None, False, False),
])  # fmt: skip
def test_the_extra_must_be_there_where_the_daemon_listens(listen: str | None, installed: bool, is_wrong: bool) -> None:
    found = list(needed.whole_problems(Config(http=Http(listen=listen)), installed=installed))
    assert [(each.place, each.message) for each in found] == [
        (
            ("http", "listen"),
            f"the extra “http” is not installed: {how_to_install('http')}; or leave this out",
        )
    ] * is_wrong


# ---------------------------------------------------------------- the environment


def test_the_environment_overrides_the_file() -> None:
    text = '[publish]\npath = "a"\n[http]\nlisten = "127.0.0.1:1"\n'
    config = load(text, AGGREGATOR_SITE="b/c/", AGGREGATOR_LISTEN="0.0.0.0:8000")
    assert (config.publish.path, config.http.listen) == (Path("b/c"), "0.0.0.0:8000")


def test_mistakes_in_the_environment_name_the_variable() -> None:
    assert problems("", AGGREGATOR_SITE="data") == [
        'AGGREGATOR_SITE: expected a folder of its own: the site would be mixed with the database, "data/aggregator.db"'
    ]
    assert problems("", AGGREGATOR_LISTEN="8000") == [
        f'AGGREGATOR_LISTEN: {LISTEN} "8000": the host is missing (did you mean "127.0.0.1:8000"?)'
    ]


def test_the_site_is_kept_apart_from_a_database_that_the_environment_names() -> None:
    (problem,) = problems('\n[publish]\npath = "news"\n', AGGREGATOR_DATABASE="news/deep/a.db")
    assert problem == f'a.toml:3: {SITE} the database, "news/deep/a.db"'
    (problem,) = problems('[publish]\npath = "news"\n', AGGREGATOR_SNAPSHOT="news/a.db")
    assert problem == f'a.toml:2: {SITE} the snapshot, "news/a.db"'


def test_a_site_may_stand_beside_the_database_or_below_it() -> None:
    for path in ("data/site", "site", "etc/site", "dat"):
        assert load(f'[publish]\npath = "{path}"\n').publish.path == Path(path)

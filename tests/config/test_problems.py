"""Every mistake gets its line, its key, what was expected and the nearest right spelling, all at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import load_config, needed
from aggregator.config.extras.installation import how_to_install
from aggregator.config.tables import File
from aggregator.model.errors import ConfigError


def problems_of(file: Path, text: str | bytes, environ: dict[str, str] | None = None) -> list[str]:
    """The mistakes in a text, without the file's folder."""
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        load_config(file, environ or {})
    assert caught.value.exit_code == 2
    return [problem.removeprefix(f"{file.parent}/") for problem in caught.value.problems]


def problems_in(tmp_path: Path, text: str | bytes, **environ: str) -> list[str]:
    return problems_of(tmp_path / "a.toml", text, environ)


FEED = '[[feeds]]\nurl = "https://example.org/feed.xml"\n'
TAGS = '[[hashtags]]\nserver = "https://mastodon.example"\n'

# text of the file → what is said, from the line on
ONE_MISTAKE = {
    # ---- keys
    "stroage = 1\n": '1: stroage: there is no such key (did you mean "storage"?)',
    '[feed]\nurl = "x"\n': '1: feed: there is no such block (did you mean "feeds"?)',
    '[storage]\npth = "x"\n': '2: storage.pth: there is no such key here (did you mean "path"?)',
    "[log]\nzzz = 1\n": "2: log.zzz: there is no such key here (there are: level, format)",
    "concurrency = 2\n": "1: concurrency: there is no such key (it belongs in [polling])",
    FEED + 'lang = "en"\n': '3: feeds.lang: there is no such key here (did you mean "language"?)',
    '[topics.x]\nany = [{ trem = "a", term = "b" }]\n': (
        '2: topics.x.any.trem: there is no such key here (did you mean "term"?)'
    ),
    '[topics.any]\nlable = "x"\nany = ["x"]\n': (
        '2: topics.any.lable: there is no such key here (did you mean "label"?)'
    ),
    '[[feeds]]\ntitle = "x"\n': "1: feeds.url: is missing (the feed's address)",
    TAGS: "1: hashtags.tags: is missing (the hashtags to follow, with or without the #)",
    # ---- tables and lists
    '[feeds]\nurl = "x"\n': "1: feeds: expected blocks that begin with [[feeds]], not a table",
    'feeds = ["https://example.org"]\n': (
        '1: feeds: expected blocks that begin with [[feeds]], not "https://example.org"'
    ),
    '[[log]]\nlevel = "info"\n': "1: log: expected a block that begins with [log], not a list",
    'topics = ["x"]\n': "1: topics: expected blocks that begin with [topics.NAME], not a list",
    '[topics]\nx = "y"\n': '2: topics.x: expected a block that begins with [topics.x], not "y"',
    TAGS + 'tags = "AI"\n': '3: hashtags.tags: expected a list in square brackets, not "AI"',
    TAGS + "tags = []\n": "3: hashtags.tags: expected at least one, not an empty list",
    '[topics.x]\nany = [{ term = "a", in = ["body"] }]\n': (
        '2: topics.x.any.in: expected one of "title", "text", "tags", "address", "source", not "body"'
    ),
    # ---- filters
    '[[filters]]\naction = "drop"\n': (
        "1: filters: this would drop every post: expected at least one of sources, folders, topics, terms, languages, "
        "authors, kinds"
    ),
    FEED + 'folder = "Press/Ports"\n[[filters]]\naction = "drop"\nfolders = ["Press", "Prots"]\n': (
        "6: filters.folders: no source stands in the folder “Prots” (there are: Press, Press/Ports)"
    ),
    FEED + 'folder = "Press/Ports"\n[[filters]]\naction = "drop"\nfolders = ["press", "Pres"]\n': (
        '6: filters.folders: no source stands in the folder “Pres” (did you mean "Press"?)'
    ),
    FEED + 'folder = "Press"\n[[publish.feeds]]\nname = "a"\nfolder = "Press"\nfolders = ["press"]\n': (
        "7: publish.feeds.folders: expected folder or folders, not both (folder is in line 6)"
    ),
    '[[filters]]\naction = "drop"\nfolder = "Press"\nkinds = ["status"]\n': (
        '3: filters.folder: there is no such key here (did you mean "folders"?)'
    ),
    '[[filters]]\naction = "keep"\nsources = ["x"]\n': (
        "1: filters: expected at least one condition: topics, terms, languages, authors, kinds"
    ),
    '[[filters]]\naction = "drop"\ntopics = ["fundng"]\n': (
        '3: filters.topics: there is no topic “fundng” (did you mean "funding"?)'
    ),
    '[[filters]]\naction = "drop"\nterms = ["*"]\n': (
        "3: filters.terms: expected a word or phrase to look for: “*” has nothing to look for"
    ),
    '[[filters]]\nterms = ["x"]\n': (
        '1: filters.action: is missing ("drop": posts that meet the conditions are not stored. "keep": those that do '
        "not meet them are not)"
    ),
    '[[filters]]\naction = "delete"\nterms = ["x"]\n': (
        '2: filters.action: expected one of "drop", "keep", not "delete"'
    ),
    # ---- lengths of time
    '[polling]\ninterval = "10 min"\n': (
        '2: polling.interval: expected a length of time from "1s" to "30d", such as "15m", not "10 min" '
        '(did you mean "10m"?)'
    ),
    "[polling]\ninterval = 15\n": 'not 15: it needs a unit (did you mean "15m"?)',
    "[polling]\ninterval = 900\n": 'not 900: it needs a unit (did you mean "15m"?)',
    "[network]\ntimeout = 30\n": 'not 30: it needs a unit (did you mean "30s"?)',
    '[polling]\ninterval = "1 Hour 30 minutes"\n': 'not "1 Hour 30 minutes" (did you mean "1h30m"?)',
    '[polling]\ninterval = "0s"\n': 'from "1s" to "30d", such as "15m", not "0s"',
    '[polling]\ninterval = "-5m"\n': 'such as "15m", not "-5m"',
    "[polling]\ninterval = -5\n": 'such as "15m", not -5',
    '[polling]\ninterval = "1.5h"\n': 'such as "15m", not "1.5h"',
    '[polling]\ninterval = "1 month"\n': 'such as "15m", not "1 month"',
    '[polling]\ninterval = "31d"\n': 'from "1s" to "30d", such as "15m", not "31d"',
    '[polling]\ninterval = "99999999999999999999s"\n': 'such as "15m", not "99999999999999999999s"',
    '[polling]\ninterval = ""\n': 'such as "15m", not ""',
    "[polling]\ninterval = true\n": 'such as "15m", not true',
    "[polling]\ninterval = 07:32:00\n": 'such as "15m", not a date or time',
    f"[polling]\ninterval = 0x{'f' * 6000}\n": 'such as "15m", not a very large number',
    # ---- sizes, numbers, words
    '[network]\nmax_size = "15 mb"\n': (
        '2: network.max_size: expected a size from "1KiB" to "1GiB", such as "15MiB", '
        'not "15 mb" (did you mean "15MB"?)'
    ),
    "[network]\nmax_size = 15\n": 'not 15: it needs a unit (did you mean "15MiB"?)',
    "[network]\nmax_size = 15728640\n": 'not 15728640: it needs a unit (did you mean "15728640B"?)',
    '[network]\nmax_size = "1B"\n': 'from "1KiB" to "1GiB", such as "15MiB", not "1B"',
    '[polling]\nconcurrency = "16"\n': (
        '2: polling.concurrency: expected a whole number from 1 to 256, not "16": numbers stand without quotes'
    ),
    "[polling]\nconcurrency = 0\n": "expected a whole number from 1 to 256, not 0",
    "[polling]\nconcurrency = 1.5\n": "expected a whole number from 1 to 256, not 1.5",
    "[polling]\nconcurrency = true\n": "expected a whole number from 1 to 256, not true",
    "[stories]\nthreshold = 0\n": "2: stories.threshold: expected a probability from 0.5 to 0.99, not 0",
    "[stories]\nthreshold = nan\n": "expected a probability from 0.5 to 0.99, not nan",
    "[stories]\nthreshold = 1\n": "expected a probability from 0.5 to 0.99, not 1",
    "[stories]\nthreshold = 0.17\n": (
        "2: stories.threshold: expected a probability from 0.5 to 0.99, not 0.17: up to 0.1.0 this was a similarity "
        "(0.17 unless changed), now it is how sure the program must be; leave it out for the usual 0.6"
    ),
    "[stories]\nthreshold = 0.499\n": "up to 0.1.0 this was a similarity",
    '[taxonomy]\ndefault = "false"\n': (
        '2: taxonomy.default: expected true or false, not "false": it stands without quotes'
    ),
    '[log]\nlevel = "Warn"\n': (
        '2: log.level: expected one of "debug", "info", "warning", "error", not "Warn" (did you mean "warning"?)'
    ),
    "[storage]\npath = 5\n": (
        '2: storage.path: expected the path of a file, such as "data/aggregator.db", not 5: text stands in quotes'
    ),
    '[storage]\npath = "data/"\n': 'not "data/": this names a folder',
    '[storage]\npath = "a.db"\nsnapshot = "./a.db"\n': "3: storage.snapshot: expected another file than the database's",
    FEED + 'language = "en_US"\n': (
        '3: feeds.language: expected a language code such as "en", "de" or "pt-BR", not "en_US" (did you mean "en-US"?)'
    ),
    # ---- networks
    '[network]\nallow_private = ["10.0.0.5/8"]\n': (
        '2: network.allow_private: expected an address or a network, such as "127.0.0.0/8" or "fd00::/8", '
        'not "10.0.0.5/8": it has bits set behind the length (did you mean "10.0.0.0/8"?)'
    ),
    '[network]\nallow_private = [\n  "::1",\n  "localhost",\n]\n': (
        '4: network.allow_private: expected an address or a network, such as "127.0.0.0/8" or "fd00::/8", '
        'not "localhost": names of computers can\'t stand here'
    ),
    '[network]\nallow_private = ["300.0.0.0/8"]\n': 'or "fd00::/8", not "300.0.0.0/8"',
    '[network]\nuser_agent = "ä\\n"\n': "2: network.user_agent: expected a User-Agent of ASCII characters, not",
    '[network]\ncontact = "nobody"\n': "2: network.contact: expected an address or a mail address, such as",
    # ---- addresses
    '[[feeds]]\nurl = "example.org/feed.xml"\n': (
        '2: feeds.url: expected an http or https address such as "https://example.org/feed.xml", '
        'not "example.org/feed.xml": it does not begin with https:// (did you mean "https://example.org/feed.xml"?)'
    ),
    '[[feeds]]\nurl = "feed://example.org/f"\n': (
        'feed: is not read, only http and https (did you mean "https://example.org/f"?)'
    ),
    '[[feeds]]\nurl = "feed:https://example.org/f"\n': '(did you mean "https://example.org/f"?)',
    '[[feeds]]\nurl = "ftp://example.org/f"\n': 'not "ftp://example.org/f": ftp: is not read, only http and https',
    '[[feeds]]\nurl = "https:/example.org"\n': (
        'two slashes are missing after the scheme (did you mean "https://example.org"?)'
    ),
    '[[feeds]]\nurl = "https://example.org:99999/"\n': "its port can't be one",
    '[[feeds]]\nurl = "https://[::1/"\n': "its host can't be one",
    '[[feeds]]\nurl = "https:///x"\n': "it names no host",
    '[[feeds]]\nurl = "https://exa mple.org/"\n': "“exa mple.org” can't be a host",
    '[[feeds]]\nurl = ""\n': "it is empty",
    '[[feeds]]\nurl = "news"\n': 'not "news": it does not begin with https://',
    f'[[feeds]]\nurl = "https://example.org/{"x" * 9000}"\n': "it is longer than 8192 characters",
    TAGS.replace("https://", "@bob@") + 'tags = ["AI"]\n': (
        '2: hashtags.server: expected the address of a Mastodon server, such as "https://mastodon.social", '
        'not "@bob@mastodon.example": this names an account (did you mean "https://mastodon.example"?)'
    ),
    TAGS.replace('example"', 'example/tags/AI"') + 'tags = ["AI"]\n': (
        'only the server, without a path (did you mean "https://mastodon.example"?)'
    ),
    # ---- tags
    TAGS + 'tags = ["open source"]\n': (
        '3: hashtags.tags: expected a hashtag of letters, digits and _, such as "AI", not "open source" '
        '(did you mean "OpenSource"?)'
    ),
    TAGS + 'tags = ["2026"]\n': 'such as "AI", not "2026"',
    TAGS + 'tags = ["#"]\n': 'such as "AI", not "#"',
    # ---- what stands there twice
    FEED + FEED: "4: feeds.url: the same feed as in line 2",
    FEED + FEED.replace("https://", "http://www.").replace(".xml", ".xml?utm_source=x"): (
        "4: feeds.url: the same feed as in line 2, written another way"
    ),
    TAGS + 'tags = ["AI", "#ai"]\n': "3: hashtags.tags: #ai on this server is followed already, in line 3",
    TAGS + 'tags = ["AI"]\n' + TAGS.replace("m", "M") + 'tags = [\n"ai",\n]\n': "followed already, in line 3",
    # ---- topics
    FEED + 'topics = ["reserch"]\n': '3: feeds.topics: there is no topic “reserch” (did you mean "research"?)',
    FEED + 'topics = ["court"]\n[topics.court]\nenabled = false\n': (
        "3: feeds.topics: the topic “court” is switched off in line 5"
    ),
    FEED + 'topics = ["court"]\n[taxonomy]\ndefault = false\n': "3: feeds.topics: there is no topic “court”",
    '[topics."Bad Slug"]\nany = ["x"]\n': (
        '1: topics.Bad Slug: expected the short name of a topic, such as "open-source", not "Bad Slug" '
        '(did you mean "bad-slug"?)'
    ),
    '[topics.x]\nkind = "compny"\nany = ["x"]\n': '(did you mean "company"?)',
    '[topics.x]\nany = ["*"]\n': "2: topics.x.any: expected a word or phrase to look for: “*” has nothing to look for",
    '[topics.x]\nany = ["x"]\nnot = [\n  "a",\n  "…",\n]\n': "5: topics.x.not: expected a word or phrase to look for",
    '[topics.x]\nany = ["raises ... <money>"]\n': (
        "2: topics.x.any: “raises ... <money>” does not find what it seems to: three dots are no gap: write “…”, one "
        "character"
    ),
    '[topics.x]\nany = ["tea|coffee"]\n': "“|” means nothing here: write two terms",
    '[topics.x]\nany = ["/tea(s)?/"]\n': "regular expressions are not understood",
    '[topics.x]\nany = ["tea.*"]\n': "regular expressions are not understood",
    '[topics.x]\nany = ["t*table"]\n': "“*” stands at the beginning or the end of a word, not inside",
    '[topics.x]\nany = ["tea~s"]\n': "“~” stands at the end of a word",
    '[topics.x]\nany = ["teas?"]\n': "“?” makes nothing optional",
    '[topics.x]\nany = ["tea AND milk"]\n': "AND, OR and NOT are not understood",
    '[topics.x]\nany = ["the =WHO"]\n': "“=” stands at the start of the term",
    '[topics.x]\nany = ["#tea"]\n': "tags are looked at without the “#”",
    '[[filters]]\naction = "drop"\nterms = ["a|b"]\n': "3: filters.terms: “a|b” does not find what it seems to",
    '[topics.x]\nany = ["raises <mony>"]\n': (
        '2: topics.x.any: there is no expression <mony> (did you mean "<money>"?)'
    ),
    "[topics.x]\nany = [5]\n": (
        '2: topics.x.any: expected a term in quotes, or { term = "…", weight = 0.5 }, not 5: text stands in quotes'
    ),
    '[topics.x]\nany = [{ term = "x", weight = 2 }]\n': (
        "2: topics.x.any.weight: expected a number from -1 to 1 that is not 0, not 2"
    ),
    '[topics.x]\nany = ["x"]\nall = [{ term = "y" }]\n': "3: topics.x.all: expected a term in quotes, not a table",
    '[topics.x]\nany = ["x"]\nthreshold = 1.5\n': "expected a number above 0 and at most 1, not 1.5",
    '[topics.x]\nlabel = "X"\n': '1: topics.x: a new topic needs at least one term in "any"',
    "[topics.regulaton]\nenabled = false\n": (
        '1: topics.regulaton: there is no default topic of this name to switch off (did you mean "regulation"?)'
    ),
    '[topics.x]\nany = ["x"]\ndrop = ["y"]\n': (
        "3: topics.x.drop: there is no default topic of this name to take terms from"
    ),
    "[topics.court]\nreplace = true\n": (
        '1: topics.court: replace = true starts from nothing: it needs at least one term in "any"'
    ),
    '[topics.court]\nreplace = true\nany = ["x"]\ndrop = ["y"]\n': (
        "4: topics.court.drop: replace = true starts from nothing: there is nothing to take out"
    ),
    '[topics.court]\ndrop = ["lawsuitt"]\n': (
        '2: topics.court.drop: the default topic has no term "lawsuitt" (did you mean "'
    ),
    # ---- tokens
    TAGS + 'tags = ["AI"]\ntoken_env = "MASTODON_TOKEN"\n': (
        "4: hashtags.token_env: the environment variable MASTODON_TOKEN is not set "
        "(the name of a variable is expected here, not the token)"
    ),
    TAGS + 'tags = ["AI"]\ntoken_file = "/nowhere/token"\n': (
        "4: hashtags.token_file: can't be read: no such file or directory"
    ),
    # ---- TOML
    "[polling]\ninterval = 15m\n": (
        "2:14: this is not TOML: expected newline or end of document after a statement "
        '(text stands in quotes: interval = "…")'
    ),
    "[taxonomy]\ndefault = False\n": "2:11: this is not TOML: invalid value (true and false are in lower case)",
    'a = "x\n': "1:7: this is not TOML: illegal character",
    "a = [1,\n": "1:8: this is not TOML: invalid value (the file ends here: is a bracket or a quote not closed?)",
    '[[feeds]]\nurl = "https://a.example/f"\nurl = "https://b.example/f"\n': (
        "3:28: this is not TOML: cannot overwrite a value (this key or block has stood there before)"
    ),
    "[log]\n[log]\n": "2:5: this is not TOML: [log] stands there twice (write its keys below the first)",
    '[topics."it\'s"]\n[topics."it\'s"]\n': "2:15: this is not TOML: [topics.it's] stands there twice (",
    "[topics.a]\n[topics.b]\n[topics.a]\n": "3:10: this is not TOML: [topics.a] stands there twice (",
    '[topics.a]\nany = ["ferry, "quay"]\n': "2:17: this is not TOML: unclosed array (is a quote or a comma missing",
    '[stories]\nsemantic = "true"\n': '2: stories.semantic: expected "auto", true or false, not "true": true and false '
    "stand without quotes",
    '[stories]\nsemantic = "atuo"\n': '2: stories.semantic: expected "auto", true or false, not "atuo" '
    '(did you mean "auto"?)',
    "[stories]\nsemantic = 1\n": '2: stories.semantic: expected "auto", true or false, not 1',
}


@pytest.mark.parametrize(("text", "said"), ONE_MISTAKE.items(), ids=[text[:40] for text in ONE_MISTAKE])
def test_a_mistake_is_said_in_plain_words(tmp_path, text, said):
    (problem,) = problems_in(tmp_path, text)
    assert said in problem
    assert problem.startswith("a.toml:")
    if said[0].isdigit():
        assert problem.startswith(f"a.toml:{said}")


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file(tmp_path):
    problems = problems_in(
        tmp_path,
        f"""
[polling]
interval = 5
{FEED}interval = "x"
topics = ["nothing-like-it"]
{FEED}[[hashtags]]
server = "mastodon.example"
tags = ["AI", "ai", "a b"]
token_env = "TOKEN"
token_file = "/nowhere"
[topics.x]
any = ["*"]
kind = "kind"
wrong = 1
""",
        AGGREGATOR_LOG_LEVEL="loud",
        AGGREGATOR_DATBASE="x",
    )
    keys = [problem.split(": ")[:2] for problem in problems]
    assert keys == [
        ["a.toml:3", "polling.interval"],
        ["a.toml:6", "feeds.interval"],
        ["a.toml:7", "feeds.topics"],
        ["a.toml:9", "feeds.url"],
        ["a.toml:11", "hashtags.server"],
        ["a.toml:12", "hashtags.tags"],
        ["a.toml:13", "hashtags.token_env"],
        ["a.toml:14", "hashtags.token_file"],
        ["a.toml:14", "hashtags.token_file"],
        ["a.toml:16", "topics.x.any"],
        ["a.toml:17", "topics.x.kind"],
        ["a.toml:18", "topics.x.wrong"],
        ["AGGREGATOR_LOG_LEVEL", 'expected one of "debug", "info", "warning", "error", not "loud"'],
        ["AGGREGATOR_DATBASE", 'there is no such variable (did you mean "AGGREGATOR_DATABASE"?)'],
    ]


# ---------------------------------------------------------------- the environment


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AGGREGATOR_LOG_FORMAT", "jsn", 'one of "auto", "pretty", "json", not "jsn" (did you mean "json"?)'),
        ("AGGREGATOR_DATABASE", "data/", 'expected the path of a file, such as "data/aggregator.db", not "data/"'),
        ("AGGREGATOR_LOGLEVEL", "s3cret", 'no such variable (did you mean "AGGREGATOR_LOG_LEVEL"?)'),
        ("AGGREGATOR_XYZ", "s3cret", "AGGREGATOR_XYZ: there is no such variable"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(tmp_path, name, value, said):
    (problem,) = problems_in(tmp_path, "", **{name: value})
    assert problem.startswith(f"{name}: ")
    assert said in problem
    assert "s3cret" not in problem


def test_the_snapshot_must_not_overwrite_the_database_whoever_says_so(tmp_path):
    (problem,) = problems_in(tmp_path, '[storage]\npath = "a.db"\n', AGGREGATOR_SNAPSHOT="a.db")
    assert problem == "AGGREGATOR_SNAPSHOT: expected another file than the database's"


# ---------------------------------------------------------------- the file itself


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigError, match="this is a folder; expected the path of a TOML file"):
        load_config(tmp_path, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_so(tmp_path):
    file = tmp_path / "a.toml"
    file.touch(0)
    with pytest.raises(ConfigError, match="can't be read: permission denied"):
        load_config(file, {})


def test_another_encoding_gets_its_line(tmp_path):
    (problem,) = problems_in(tmp_path, "# one\n# zwölf\n".encode("latin-1"))
    assert problem == "a.toml:2: expected text in UTF-8; save the file in that encoding"


@pytest.mark.parametrize("text", [f"a = {'[' * 5000}", f"a = {'9' * 5000}"], ids=["deep", "long number"])
def test_what_breaks_the_parser_is_a_mistake_too(tmp_path, text):
    assert len(problems_in(tmp_path, text)) == 1


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    "text",
    [
        '[[feeds]]\nurl = "https://bob:S3CRET@example.org/feed"\n',
        '[[feeds]]\nurl = "bob:S3CRET@example.org/feed"\n',
        '[[feeds]]\nurl = "feed://bob:S3CRET@example.org/feed"\n',
        '[[feeds]]\nurl = "https:/bob:S3CRET@example.org/feed"\n',
        '[[feeds]]\nurl = "example.org/feed?key=S3CRET"\n',
        '[[feeds]]\nurl = "ftp://example.org/feed?key=S3CRET"\n',
        '[[feeds]]\nurl = "https://bob:S3CRET@exa mple.org:99999/"\n',
        TAGS.replace("//", "//bob:S3CRET@") + 'tags = ["AI"]\n',
        TAGS + 'tags = ["AI"]\ntoken = "S3CRET"\n',
        TAGS + 'tags = ["AI"]\ntoken_env = "S3CRET-abc"\n',
        TAGS + 'tags = ["AI"]\ntoken_env = "s3CRETabc_S3CRET"\n',
        TAGS + 'tags = ["AI"]\ntoken_env = "HOLDS"\n',
        TAGS + 'tags = ["AI"]\ntoken_file = "S3CRET"\n',
        TAGS + 'tags = ["AI"]\ntoken_file = ["S3CRET"]\n',
        "token = S3CRET\n",
        '[network]\ncontact = "https://bob:S3CRET@example.org"\n',
    ],
)
def test_secrets_are_not_shown(tmp_path, text):
    problems = problems_in(tmp_path, text, HOLDS="S3CRET not a token")
    assert not [problem for problem in problems if "S3CRET" in problem or "bob" in problem]


def test_long_values_are_shortened_and_controls_are_not_printed(tmp_path):
    (problem,) = problems_in(tmp_path, f'[log]\nlevel = "\\u001b[31m{"x" * 500}"\n')
    assert len(problem) < 200
    assert problem.isprintable()


# ---------------------------------------------------------------- whatever stands there

JARGON = ("input_value", "Extra inputs", "Input should", "pydantic", "valid dictionary", "Value error", "Traceback")

keys = st.sampled_from(
    [*File.model_fields, "path", "url", "tags", "server", "interval", "topics", "any", "term", "weight", "not", "x"]
)
scalars = st.one_of(
    st.sampled_from(["15m", "https://example.org/f", "AI", "research", "", "*", "10.0.0.0/8", "MASTODON_TOKEN", "~"]),
    st.text(st.characters(codec="ascii", exclude_characters='"\\', exclude_categories=["C"]), max_size=8),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


def written(value: object) -> str:
    """A value as inline TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@given(document=st.dictionaries(keys, values, max_size=4))
@settings(deadline=None, max_examples=150)
def test_whatever_stands_there_is_a_configuration_or_a_list_of_plain_mistakes(tmp_path_factory, document):
    file = tmp_path_factory.getbasetemp() / "fuzz.toml"
    file.write_text("".join(f"{key} = {written(value)}\n" for key, value in document.items()), "utf-8")
    try:
        load_config(file, {})
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.startswith(f"{file}:")
            assert not any(word in problem for word in JARGON)


@pytest.mark.parametrize(("value", "installed", "is_wrong"), [
    (True, False, True), (True, True, False), ("auto", False, False), (False, False, False),
])  # fmt: skip
def test_an_extra_that_is_asked_for_must_be_there(value: object, installed: bool, is_wrong: bool) -> None:
    found = list(needed.problems({"stories": {"semantic": value}}, installed=installed))
    assert [each.message for each in found] == [
        f'the extra “semantic” is not installed: {how_to_install("semantic")}; or set "auto" or false'
    ] * is_wrong

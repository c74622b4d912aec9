"""Accounts and timelines as they stand in the file: their addresses, their wishes, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.model.errors import ConfigError
from aggregator.model.settings import Config
from aggregator.model.timelines import Keep


def load(folder: Path, text: str, **environ: str) -> Config:
    file = folder / "aggregator.toml"
    file.write_text(text, "utf-8")
    return load_config(file, environ)


def block(*accounts: str, more: str = "") -> str:
    return f"[[accounts]]\naccounts = [{', '.join(f'{each!r}' for each in accounts)}]\n{more}\n"


def test_an_account_is_asked_for_on_its_own_server(tmp_path: Path) -> None:
    [one, other] = load(tmp_path, block("@Anna@Near.example", "ben@far.example")).sources
    assert (one.kind, one.url, one.title, one.account) == (
        "account", "https://near.example/@anna", "@Anna@Near.example", "anna@near.example",
    )  # fmt: skip
    assert (other.url, other.server) == ("https://far.example/@ben", "https://far.example")
    assert (one.boosts, one.publish, one.keep, one.token) == (False, False, Keep(), None)


def test_or_on_another_with_wishes_of_its_own(tmp_path: Path) -> None:
    more = 'server = "https://near.example"\nboosts = true\nreplies = false\ntoken_env = "T"\npublish = true'
    [far, near] = load(tmp_path, block("@ben@far.example", "@anna@near.example", more=more), T="s3cret").sources
    assert (far.url, far.title) == ("https://near.example/@ben@far.example", "@ben@far.example on near.example")
    assert (far.account, far.server) == ("ben@far.example", "https://near.example")
    assert (near.url, near.title) == ("https://near.example/@anna", "@anna@near.example")
    assert (near.boosts, near.publish, near.keep, near.token) == (True, True, Keep(replies=False), "s3cret")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (block("@a@x.example", "A@X.example"), "@A@X.example is followed there already, in line 2"),
        (block("@a@x.example") + block("@a@x.example", more='server = "https://x.example"'), "followed there already"),
        (block("anna"), "it does not say on which server"),
        (block("https://x.example/@anna"), 'did you mean "@anna@x.example"?'),
        (block("https://x.example/@b@y.example"), 'did you mean "@b@y.example"?'),
        (block("https://x.example/users/anna"), 'did you mean "@anna@x.example"?'),
        (block(), "expected at least one"),
        (block("@a@x.example", more='topics = ["reserch"]'), "there is no topic “reserch”"),
        (block("@a@x.example", more='token_env = "A_TOKEN"'), "accounts.token_env: the environment variable A_TOKEN"),
        (block("@a@x.example", more='token_env = "T"'), "accounts.token_env: expected a server too"),
        (block("@a@x.example", more="boost = true"), 'did you mean "boosts"?'),
        ("accounts = 3", "expected blocks that begin with [[accounts]]"),
    ],
)
def test_mistakes(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert words in str(caught.value)


def test_one_account_on_two_servers_is_two_sources(tmp_path: Path) -> None:
    text = block("@a@x.example") + block("@a@x.example", more='server = "https://y.example"')
    assert len({source.url for source in load(tmp_path, text).sources}) == 2


# ---------------------------------------------------------------- timelines of a user's own


OWN = '[[timelines]]\nserver = "https://near.example"\ntoken_env = "T"\n'


def test_timelines_of_a_user(tmp_path: Path) -> None:
    text = OWN + 'home = true\nlists = ["AI people", "12"]\nbookmarks = true\nboosts = true\nbots = false'
    found = load(tmp_path, text, T="s3cret").sources
    assert [(source.kind, source.url, source.title) for source in found] == [
        ("home", "https://near.example/home", "home on near.example"),
        ("list", "https://near.example/lists/AI%20people", "AI people on near.example"),
        ("list", "https://near.example/lists/12", "12 on near.example"),
        ("bookmarks", "https://near.example/bookmarks", "bookmarks on near.example"),
    ]
    assert all(source.token == "s3cret" and source.boosts and not source.publish for source in found)
    assert all(source.keep == Keep(bots=False) and source.server == "https://near.example" for source in found)
    assert found[1].list_name == "AI people"


def test_trending_links(tmp_path: Path) -> None:
    [source] = load(tmp_path, '[[trends]]\nserver = "https://near.example"\ninterval = "1h"').sources
    assert (source.kind, source.url, source.title) == (
        "trends", "https://near.example/explore/links", "trending links on near.example",
    )  # fmt: skip


TRENDS = '[[trends]]\nserver = "https://near.example"\n'


def test_trending_tags(tmp_path: Path) -> None:
    links, tags = load(tmp_path, TRENDS + "tags = 5\nreplies = false").sources
    assert links.lists_links and not links.lists_tags
    assert tags.lists_tags and tags.keep == Keep(replies=False)
    assert (tags.kind, tags.url, tags.title, tags.tags) == (
        "trends", "https://near.example/explore/tags", "trending tags on near.example", 5,
    )  # fmt: skip
    apart = load(tmp_path, TRENDS + "links = false\ntags = 3\n" + TRENDS + 'interval = "1h"').sources
    assert [(source.url.rpartition("/")[2], source.tags) for source in apart] == [("tags", 3), ("links", 0)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TRENDS + "tags = 3\n" + TRENDS + "links = false\ntags = 5", "trends.tags: is followed already, in line 3"),
        (TRENDS + "links = false", "expected tags = 5 or so where links = false"),
        (TRENDS + "tags = 21", "expected a whole number from 0 to 20, not 21"),
        ('[[trends]]\nserver = "https://x.example"\n' * 2, "trends.server: is followed already, in line 2"),
        (OWN, "timelines: expected one of home = true, lists = […] and bookmarks = true"),
        (OWN.replace("token_env", "#") + "home = true", "expected token_env or token_file too"),
        (OWN + "home = true\n" + OWN + "home = true", "timelines.home: is followed there already, in line 4"),
        (OWN + 'lists = ["a", "a"]', "timelines.lists: is followed there already"),
    ],
)
def test_mistakes_in_timelines(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, T="s3cret")
    assert words in str(caught.value)

"""The command `check`: what a source would get."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.cli.subscriptions.check import _of_feed
from aggregator.model.poll import Collected, Outcome
from aggregator.model.source import Source, SourceMemory
from aggregator.pipeline.enrich import enrich
from aggregator.topics.taxonomy import Taxonomy
from tests.helpers.fediverse import Fediverse
from tests.helpers.poller_room import NOW, article


def run(folder: Path, server: Fediverse, *arguments: str) -> Result:
    file = folder / "aggregator.toml"
    file.write_text(
        f'[storage]\npath = "{folder}/news.db"\n[network]\nallow_private = ["127.0.0.0/8"]\n'
        f'[[hashtags]]\nserver = "{server.url}"\ntags = ["AI"]\n',
        "utf-8",
    )
    return CliRunner().invoke(cli, ["--config", str(file), *arguments])


def test_the_command_check(server: Fediverse, tmp_path: Path) -> None:
    server.post()
    good = run(tmp_path, server, "check", "--json")
    assert good.exit_code == 0
    [row] = json.loads(good.stdout)
    assert (row["good"], row["gets"][:19]) == ("yes", "shows posts of #AI ")
    assert "stories are found by words" in good.stderr
    assert "pages that posts lead to are not read" in good.stderr
    server.token = "good"
    assert run(tmp_path, server, "check", "AI").exit_code == 1
    assert not (tmp_path / "news.db").exists()


def test_the_command_check_on_an_account(server: Fediverse, tmp_path: Path) -> None:
    server.accounts = {"ben@far.example": {}}
    server.post(acct="ben@far.example")
    file = tmp_path / "aggregator.toml"
    file.write_text(
        f'[storage]\npath = "{tmp_path}/news.db"\n[network]\nallow_private = ["127.0.0.0/8"]\n'
        f'[[accounts]]\nserver = "{server.url}"\naccounts = ["@ben@far.example"]\n',
        "utf-8",
    )
    options = ["--config", str(file)]
    assert "good: 0 feeds, 0 hashtags, 1 account, " in CliRunner().invoke(cli, [*options, "config", "check"]).output
    [row] = json.loads(CliRunner().invoke(cli, [*options, "check", "--json", "@ben"]).stdout)
    assert row["good"] == "yes"
    assert row["gets"].startswith("shows posts of @ben@far.example to everybody")
    assert "https://far.example/@ben.rss" in CliRunner().invoke(cli, [*options, "opml", "export"]).output
    words = CliRunner().invoke(cli, [*options, "add", "@cleo@far.example"]).output
    assert 'accounts = ["@cleo@far.example"]' in words


def test_what_a_feed_has_is_counted() -> None:
    feed = Source(kind="feed", url="https://a.example/feed")
    posts = [enrich(article(name, "Ferry", "It sails."), feed, Taxonomy(())) for name in ("one", "two")]
    for count, said in ((1, "a feed with 1 entry, the newest of "), (2, "a feed with 2 entries, the newest of ")):
        found = Collected(
            source=feed, outcome=Outcome.OK, memory=SourceMemory(), started_at=NOW, posts=tuple(posts[:count])
        )
        assert _of_feed(found)[1].startswith(said)

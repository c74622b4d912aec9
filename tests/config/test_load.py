"""What a configuration file and the environment become."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.model.errors import ConfigError
from aggregator.model.settings import Config, Network
from aggregator.text.urls import canonical_url

SHIPPED = Path(__file__).parents[2] / "config" / "aggregator.toml"


@pytest.fixture
def load(tmp_path: Path):
    """Loads a configuration from its text, without the default topics where the text has no say in that."""

    def load(text: str, /, *, taxonomy: bool = False, **environ: str) -> Config:
        file = tmp_path / "aggregator.toml"
        file.write_text(text if taxonomy else text + "\n[taxonomy]\ndefault = false\n", "utf-8")
        return load_config(file, environ)

    return load


# ---------------------------------------------------------------- defaults and keys


def test_an_empty_file_is_the_defaults(load):
    config = load("")
    assert config == replace(Config(), file=config.file)


def test_every_key_is_taken_over(load):
    config = load("""
        [storage]
        path = "/data/a.db"
        snapshot = "/data/b.db"
        snapshot_interval = "2h"
        [polling]
        interval = "1h30m"
        max_backoff = "1d"
        concurrency = 4
        [network]
        user_agent = "me/1"
        timeout = "10s"
        max_size = "2MiB"
        allow_private = ["10.0.0.0/8", "::1"]
        [mastodon]
        backfill_age = "1w"
        backfill_posts = 1
        [stories]
        window = "36h"
        threshold = 0.99
        [log]
        level = "debug"
        format = "json"
    """)
    assert (config.storage.path, config.storage.snapshot) == (Path("/data/a.db"), Path("/data/b.db"))
    assert config.storage.snapshot_interval == timedelta(hours=2)
    assert (config.polling.interval, config.polling.max_backoff) == (timedelta(minutes=90), timedelta(days=1))
    assert config.polling.concurrency == 4
    assert config.network == Network(
        user_agent="me/1",
        timeout=timedelta(seconds=10),
        max_bytes=2 * 1024 * 1024,
        allow_private=(ip_network("10.0.0.0/8"), ip_network("::1/128")),
    )
    assert (config.mastodon.backfill_age, config.mastodon.backfill_posts) == (timedelta(days=7), 1)
    assert (config.stories.window, config.stories.threshold) == (timedelta(hours=36), 0.99)
    assert (config.log.level, config.log.format) == ("debug", "json")


@pytest.mark.parametrize(
    ("keys", "user_agent"),
    [
        ('contact = "https://example.org/bot"', "+https://example.org/bot)"),
        ('contact = "mailto:news@example.org"', "reader; news@example.org)"),
        ('contact = "news@example.org"\nuser_agent = "me/1"', "me/1 (news@example.org)"),
        ('contact = "https://example.org"\nuser_agent = "me/1 (x)"', "me/1 (x; +https://example.org)"),
    ],
)
def test_the_contact_stands_in_the_user_agent(load, keys, user_agent):
    assert load(f"[network]\n{keys}").network.user_agent.endswith(user_agent)


def test_a_path_may_begin_with_the_home_folder(load, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert load('[storage]\npath = "~/news.db"').storage.path == Path("/home/somebody/news.db")


# ---------------------------------------------------------------- sources


def test_feeds_come_first_then_a_source_for_each_tag_in_the_order_of_the_file(load):
    config = load("""
        [[hashtags]]
        server = "https://Mastodon.Example/"
        tags = ["#AI", "KünstlicheIntelligenz"]
        language = "de"
        [[feeds]]
        url = "https://example.org/feed.xml"
        title = "Example"
        interval = "2h"
        topics = ["a", "a"]
        [[feeds]]
        url = " https://example.org/other.xml "
        [topics.a]
        any = ["x"]
        [polling]
        interval = "20m"
    """)
    first, second, ai, ki = config.sources
    assert (first.kind, first.url, first.title) == ("feed", "https://example.org/feed.xml", "Example")
    assert (first.interval, first.topics) == (timedelta(hours=2), ("a",))
    assert (second.url, second.interval) == ("https://example.org/other.xml", timedelta(minutes=20))
    assert (ai.kind, ai.url, ai.server, ai.tag) == (
        "hashtag",
        "https://mastodon.example/tags/AI",
        "https://mastodon.example",
        "AI",
    )
    assert (ki.url, ki.language) == ("https://mastodon.example/tags/K%C3%BCnstlicheIntelligenz", "de")


def test_one_tag_on_two_servers_is_two_sources(load):
    config = load("""
        [[hashtags]]
        server = "https://one.example"
        tags = ["AI"]
        [[hashtags]]
        server = "https://two.example"
        tags = ["AI"]
    """)
    assert len(config.sources) == 2


HASHTAGS = '[[hashtags]]\nserver = "https://mastodon.example"\ntags = ["AI", "KI"]\n'


def test_a_token_comes_from_the_environment_for_all_tags_of_a_block(load):
    config = load(HASHTAGS + 'token_env = "MASTODON_TOKEN"', MASTODON_TOKEN=" s3cret-Token_1 \n")
    assert [source.token for source in config.sources] == ["s3cret-Token_1"] * 2


def test_a_token_comes_from_a_file(load, tmp_path):
    file = tmp_path / "token"
    file.write_text("s3cret-Token_1\n", "utf-8")
    config = load(HASHTAGS + f'token_file = "{file}"')
    assert {source.token for source in config.sources} == {"s3cret-Token_1"}
    assert "s3cret" not in repr(config)


def test_a_token_variable_may_have_our_prefix(load):
    config = load(HASHTAGS + 'token_env = "AGGREGATOR_TOKEN"', AGGREGATOR_TOKEN="abc")
    assert config.sources[0].token == "abc"


# ---------------------------------------------------------------- the file


def test_the_environment_names_the_file(load, tmp_path):
    load('[log]\nlevel = "error"')
    config = load_config(None, {"AGGREGATOR_CONFIG": str(tmp_path / "aggregator.toml")})
    assert config.log.level == "error"
    assert config.file == tmp_path / "aggregator.toml"


def test_a_named_file_beats_the_environment(load):
    assert load("", AGGREGATOR_CONFIG="/nowhere.toml").log.level == "info"


def test_the_file_in_the_folder_is_the_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "aggregator.toml").write_text('[log]\nlevel = "error"\n', "utf-8")
    assert load_config(None, {}).log.level == "error"


def test_windows_line_ends_and_byte_order_mark_are_no_mistake(tmp_path):
    file = tmp_path / "a.toml"
    file.write_bytes(b'\xef\xbb\xbf[log]\r\nlevel = "error"\r\n')
    assert load_config(file, {}).log.level == "error"


# ---------------------------------------------------------------- the environment


def test_the_environment_beats_the_file(load):
    config = load(
        '[storage]\npath = "a.db"\n[log]\nlevel = "error"',
        AGGREGATOR_DATABASE="/data/b.db",
        AGGREGATOR_SNAPSHOT="/data/c.db",
        AGGREGATOR_LOG_LEVEL="debug",
        AGGREGATOR_LOG_FORMAT="json",
    )
    assert (config.storage.path, config.storage.snapshot) == (Path("/data/b.db"), Path("/data/c.db"))
    assert (config.log.level, config.log.format) == ("debug", "json")


def test_an_empty_variable_is_not_set(load):
    assert load('[log]\nlevel = "error"', AGGREGATOR_LOG_LEVEL="").log.level == "error"


def test_variables_that_nobody_chose_are_passed_over(load):
    links = ("SERVICE_HOST", "PORT", "PORT_8000_TCP_ADDR", "WEB_SERVICE_PORT")
    assert load("", **{f"AGGREGATOR_{name}": "x" for name in (*links, "TEST_CORPUS")})


# ---------------------------------------------------------------- what is shipped


def test_the_shipped_file_works_and_follows_what_it_promises():
    config = load_config(SHIPPED, {})
    feeds = [source for source in config.sources if source.kind == "feed"]
    tags = [source for source in config.sources if source.kind == "hashtag"]
    assert len(feeds) >= 36
    assert len(tags) >= 12
    assert len({source.server for source in tags}) >= 3
    assert {"en", "de", "fr", "es", "sv"} <= {source.language for source in feeds}
    assert len({canonical_url(source.url) for source in config.sources}) == len(config.sources)
    slow = [source for source in feeds if "arxiv" in source.url or "regulation" in source.topics]
    assert all(source.interval >= timedelta(hours=3) for source in slow)


def test_the_defaults_that_the_shipped_file_shows_are_the_defaults(tmp_path):
    text = SHIPPED.read_text("utf-8")
    shown = [line for line in text.splitlines() if line[:1] == "#" and line[1:2].isalpha()]
    assert len(shown) > 8
    file = tmp_path / "a.toml"
    file.write_text("\n".join(line[line in shown :] for line in text.splitlines()), "utf-8")
    config = load_config(file, {})
    assert config.articles.fetch == "stories"  # which no older file has, so that nothing begins by an upgrade
    config = replace(config, articles=replace(config.articles, fetch="never"))
    assert replace(config, sources=(), rules=()) == Config(file=file)


def test_every_shipped_source_says_where_it_comes_from():
    headers = [line for line in SHIPPED.read_text("utf-8").splitlines() if line.startswith("[[")]
    assert all("  # " in header for header in headers)


# ---------------------------------------------------------------- cost


def test_importing_the_package_does_not_import_pydantic():
    code = "import sys, aggregator.config; sys.exit('pydantic' in sys.modules or 'aggregator.text.urls' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml: there is no such file \(name it with --config or AGG"):
        load_config(tmp_path / "nowhere.toml", {})


# ---------------------------------------------------------------- pages that posts lead to


def test_a_source_says_which_pages_are_read_that_its_posts_lead_to(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(
        '[articles]\nfetch = "stories"\ntopics = ["funding"]\nper_day = 9\nkeep = "1w"\n'
        '[[feeds]]\nurl = "https://a.example/feed"\narticles = "never"\n[[feeds]]\nurl = "https://b.example/feed"\n'
        '[[hashtags]]\nserver = "https://m.example"\ntags = ["AI"]\narticles = "all"\n'
        '[[trends]]\nserver = "https://m.example"\narticles = "stories"\n',
        "utf-8",
    )
    config = load_config(file, {})
    assert [source.articles for source in config.sources] == ["never", None, "all", "stories"]
    assert (config.articles.fetch, config.articles.topics, config.articles.per_day) == ("stories", ("funding",), 9)


def test_topics_that_choose_nothing_are_a_mistake(tmp_path):
    file = tmp_path / "a.toml"
    for fetch in ("", 'fetch = "all"\n'):
        file.write_text(f'[articles]\n{fetch}topics = ["funding"]\n', "utf-8")
        with pytest.raises(ConfigError) as caught:
            load_config(file, {})
        [said] = caught.value.problems
        assert 'articles.topics: topics choose pages only with `fetch = "stories"`' in said
    source = '[[feeds]]\nurl = "https://a.example/feed"\narticles = "stories"\n'
    file.write_text(f'[articles]\ntopics = ["funding"]\n{source}', "utf-8")
    assert load_config(file, {}).articles.topics == ("funding",)


def test_mistakes_in_what_is_read_get_their_lines(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('[articles]\nfetch = "some"\ntopics = ["fundign"]\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file, {})
    first, second = caught.value.problems
    assert ':2: articles.fetch: expected one of "stories", "all", "never"' in first
    assert ":3: articles.topics: there is no topic “fundign”" in second

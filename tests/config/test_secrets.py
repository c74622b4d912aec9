"""How one feed is asked: its headers, its password, its proxy, and where their secrets come from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import load_config
from aggregator.model.errors import ConfigError
from aggregator.model.settings import Config, DomainLimit
from aggregator.text.secrets.open_addresses import known_by

FEED = '[[feeds]]\nurl = "https://members.example/feed"\n'
SECRET = "tops3cret"


def load(folder: Path, text: str, **environ: str) -> Config:
    file = folder / "aggregator.toml"
    file.write_text(text, "utf-8")
    return load_config(file, environ)


def mistakes(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **environ)
    message = str(caught.value)
    assert SECRET not in message
    return message


def headers(config: Config) -> dict[str, str]:
    return dict(config.sources[0].headers)


def test_headers_and_where_their_values_come_from(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n", "utf-8")
    text = f'{FEED}cookie_env = "COOKIE"\n[feeds.headers]\nAccept-Language = "de"\n'
    text += f'X-Env = {{ env = "KEY" }}\nX-File = {{ file = "{tmp_path / "key"}" }}\n'
    config = load(tmp_path, text, KEY="k", COOKIE="a=b; c=d")
    assert headers(config) == {"Accept-Language": "de", "X-Env": "k", "X-File": SECRET, "Cookie": "a=b; c=d"}
    assert SECRET not in repr(config)


def test_a_user_and_a_password(tmp_path: Path) -> None:
    config = load(tmp_path, f'{FEED}user = "Aladdin"\npassword_env = "PW"\n', PW="open sesame")
    assert headers(config) == {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}


def test_a_proxy(tmp_path: Path) -> None:
    assert (
        load(tmp_path, f'{FEED}proxy = "http://proxy.example:3128"\n').sources[0].proxy == "http://proxy.example:3128"
    )
    hidden = f"http://me:{SECRET}@proxy.example:3128"
    config = load(tmp_path, f'{FEED}proxy_env = "PROXY"\n', PROXY=hidden)
    assert config.sources[0].proxy == hidden
    assert SECRET not in repr(config)


@pytest.mark.parametrize(
    ("keys", "is_secret"),
    [
        ("", False),
        ('headers = { Accept-Language = "de", User-Agent = "me", Referer = "https://a.example/" }\n', False),
        ('proxy = "http://proxy.example:3128"\n', False),
        ('headers = { X-Reader = { env = "PW" } }\n', True),
        ('headers = { Accept-Language = "de", Cookie = "a=b" }\n', True),
        ('headers = { X-Api-Key = "abc" }\n', True),
        ('cookie_env = "PW"\n', True),
        ('user = "me"\npassword_env = "PW"\n', True),
        ('proxy_env = "PROXY"\n', True),
    ],
)
def test_a_feed_that_is_asked_as_somebody(tmp_path: Path, keys: str, is_secret: bool) -> None:
    [source] = load(tmp_path, FEED + keys, PW="open", PROXY="http://me:pw@proxy.example:3128").sources
    assert source.is_asked_with_secret is is_secret
    assert not source.publish
    assert load(tmp_path, f"{FEED}{keys}publish = true\n", PW="open", PROXY="http://p.example").sources[0].publish


@pytest.mark.parametrize(("query", "is_secret"), [("?key=abc", True), ("?keys=abc", False)])
def test_an_address_with_a_key(tmp_path: Path, query: str, is_secret: bool) -> None:
    [source] = load(tmp_path, f'[[feeds]]\nurl = "https://members.example/feed{query}"\n').sources
    assert source.is_asked_with_secret is is_secret


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('user = "me"\n', "feeds.user: expected a password too"),
        ('password_env = "PW"\n', "feeds.password_env: expected a user too"),
        ('user = "me"\npassword_env = "NONE"\n', "the environment variable NONE is not set"),
        ('user = "me"\npassword_env = "PW"\npassword_file = "x"\n', "expected password_env or password_file, not both"),
        ('cookie_file = "/no/such/file"\n', "feeds.cookie_file: can't be read: no such file or directory"),
        ('headers = { Host = "x" }\n', "that one is set by the program"),
        ('headers = { "X Y" = "x" }\n', "expected the name of a header"),
        ('headers = { X-Key = "tops3cret\\n" }\nlanguage = "xx yy"\n', "feeds.language"),
        ("headers = { X-Key = 7 }\n", "expected a text of ASCII characters"),
        ("headers = { X-Key = {} }\n", "expected { env = … } or { file = … }"),
        (f'proxy = "http://me:{SECRET}@proxy.example"\n', "belongs in the variable that proxy_env names"),
        ('proxy = "socks5://proxy.example"\n', "expected the address of an HTTP proxy"),
        ('proxy_env = "PW"\n', "is no address of a proxy"),
    ],
)
def test_mistakes_are_told_without_the_secret(tmp_path: Path, text: str, told: str) -> None:
    assert told in mistakes(tmp_path, FEED + text, PW=SECRET)


def test_limits_of_domains(tmp_path: Path) -> None:
    text = '[polling]\ndomain_spacing = "3s"\n[domains."Reddit.com"]\nconcurrency = 1\n'
    text += '[domains."tumblr.com"]\nspacing = "0s"\n'
    polling = load(tmp_path, text).polling
    assert polling.per_domain == DomainLimit(spacing=timedelta(seconds=3))
    assert polling.domains == {
        "reddit.com": DomainLimit(concurrency=1, spacing=timedelta(seconds=3)),
        "tumblr.com": DomainLimit(spacing=timedelta(0)),
    }
    assert 'did you mean "reddit.com"?' in mistakes(tmp_path, '[domains."https://reddit.com/r/x"]\nconcurrency = 1\n')
    assert "there is no such key here" in mistakes(tmp_path, '[domains."reddit.com"]\nspaceing = "1s"\n')


def test_an_interval_of_its_own_is_no_longer_adapted(tmp_path: Path) -> None:
    config = load(
        tmp_path, f'[polling]\nmax_interval = "2h"\n{FEED}[[feeds]]\nurl = "https://b.example/"\ninterval = "1h"\n'
    )
    assert [source.longest_interval for source in config.sources] == [timedelta(hours=2), None]


# ---------------------------------------------------------------- keys in addresses

KEYED = f"https://members.example/feed?lang=en&apikey={SECRET}"


def test_an_address_may_come_from_a_variable_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text(f"{KEYED}\n", "utf-8")
    for text in ('url_env = "FEED"', f'url_file = "{tmp_path / "feed"}"', f'url = "{KEYED}"'):
        [source] = load(tmp_path, f"[[feeds]]\n{text}\n", FEED=KEYED).sources
        assert source.address == KEYED and source.is_asked_with_secret
        assert source.url.startswith("https://members.example/feed?lang=en#key-") and SECRET not in repr(source)


def test_an_address_without_a_key_is_what_it_was(tmp_path: Path) -> None:
    config = load(tmp_path, FEED)
    [source] = config.sources
    assert (source.url, source.address, source.keys, source.has_key) == (
        "https://members.example/feed", None, (), False
    )  # fmt: skip
    assert config.warnings == ()


def test_a_key_that_stands_in_the_file_is_warned_of(tmp_path: Path) -> None:
    [warning] = load(tmp_path, f'[[feeds]]\ntitle = "x"\nurl = "{KEYED}"\n').warnings
    assert "aggregator.toml:3: feeds.url: there is a key in this address (apikey)" in warning
    assert 'url_env = "NAME"' in warning and SECRET not in warning
    assert load(tmp_path, '[[feeds]]\nurl_env = "FEED"\n', FEED=KEYED).warnings == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[[feeds]]\n",
            "1: feeds.url: is missing (the feed's address); url_env or url_file names one with a key in it",
        ),
        (f'{FEED}url_env = "FEED"\n', "3: feeds.url_env: expected url or url_env, not both (url is in line 2)"),
        ('[[feeds]]\nurl_env = "NONE"\n', "2: feeds.url_env: the environment variable NONE is not set"),
        (
            '[[feeds]]\nurl_env = "BAD"\n',
            "2: feeds.url_env: what the variable holds is no http or https address: it does",
        ),
        ('[[feeds]]\nurl_env = "HOST"\n', "2: feeds.url_env: what the variable holds is no http or https address\n"),
        ('[[feeds]]\nurl_file = "/nowhere/feed"\n', "2: feeds.url_file: can't be read: no such file or directory"),
        (
            '[[feeds]]\nurl_env = "FEED"\n[[feeds]]\nurl_env = "FEED"\n',
            "4: feeds.url_env: the same feed as in line 2",
        ),
    ],
)
def test_what_is_wrong_with_a_hidden_address_is_said_without_it(tmp_path: Path, text: str, said: str) -> None:
    bad = {"BAD": f"members.example/feed?apikey={SECRET}", "HOST": f"https://{SECRET}_.-.example..x/"}
    assert said in f"{mistakes(tmp_path, text, FEED=KEYED, **bad)}\n"


def test_a_title_does_not_tell_the_key(tmp_path: Path) -> None:
    """Readers export a feed without a title under its address; it is stored, and shown to everybody."""
    titles = (KEYED, f"Of {SECRET}", "Members of apikey")
    blocks = (f'[[feeds]]\nurl = "{KEYED}&n={n}"\ntitle = "{title}"\n' for n, title in enumerate(titles))
    found = [source.title for source in load(tmp_path, "".join(blocks)).sources]
    assert found == [KEYED.replace(SECRET, "hidden-key"), "Of hidden-key", "Members of apikey"]  # the last has none


def test_two_keys_with_one_digest_are_told_apart_by_a_word(tmp_path: Path) -> None:
    """These have the same by chance: found by trying some hundreds."""
    assert len({known_by(f"https://members.example/feed?apikey=k{number}") for number in (25, 234)}) == 1
    blocks = [f'[[feeds]]\nurl = "https://members.example/feed?apikey=k{each}"\n' for each in (25, 234)]
    assert "4: feeds.url: its key has by chance the digest of the one in line 2" in mistakes(tmp_path, "".join(blocks))
    named = blocks[1].replace('"\n', '#work"\n')
    assert len({source.url for source in load(tmp_path, blocks[0] + named).sources}) == 2


_MINUTES = {"": timedelta(minutes=10), "5m": timedelta(minutes=5)}


@pytest.mark.parametrize(
    ("polling", "interval", "adaptive", "adapts"),
    [
        ("", "", "", True),
        ("", "", "false", False),
        ("", "5m", "", False),
        ("", "5m", "true", True),
        ("false", "", "", False),
        ("false", "", "true", True),
        ("false", "5m", "", False),
        ("false", "5m", "true", True),
        ("true", "5m", "", False),  # an interval of its own is meant, whatever is said of the others
    ],
)
def test_a_fixed_rhythm_for_all_sources_and_for_one(
    tmp_path: Path, polling: str, interval: str, adaptive: str, adapts: bool
) -> None:
    keys = {"interval": f'"{interval}"' if interval else "", "adaptive": adaptive}
    own = "".join(f"{name} = {value}\n" for name, value in keys.items() if value)
    head = f"[polling]\nadaptive = {polling}\n" if polling else ""
    text = f'{head}{FEED}{own}[[hashtags]]\nserver = "https://m.example"\ntags = ["AI"]\n{own}'
    for source in load(tmp_path, text).sources:
        assert source.interval == _MINUTES[interval]
        assert source.longest_interval == (timedelta(minutes=30) if adapts else None)


def test_a_rhythm_is_true_or_false(tmp_path: Path) -> None:
    assert "polling.adaptive: expected true or false" in mistakes(tmp_path, '[polling]\nadaptive = "no"\n')
    assert "feeds.adaptive: expected true or false" in mistakes(tmp_path, f"{FEED}adaptive = 0\n")

"""Which addresses others may be told, which part of one is a key, and what it is known by then."""

from __future__ import annotations

import pytest

from aggregator.text.secrets.open_addresses import (
    Hidden,
    hidden,
    is_open_address,
    known_by,
    take_apart,
    told_address,
    without_mark,
    without_secrets,
)

PAPER = "https://paper.example"
# Address → what is left of it without its keys.
KEYED = {
    "user and password": ("https://me:word@paper.example/feed", f"{PAPER}/feed"),
    "apikey": (f"{PAPER}/feed?lang=en&apikey=4f0c2b", f"{PAPER}/feed?lang=en"),
    "api_key, whatever it is": (f"{PAPER}/feed?api_key=harbour", f"{PAPER}/feed"),
    "password, whatever it is": (f"{PAPER}/feed?user=me&password=harbour", f"{PAPER}/feed?user=me"),
    "key in another case": (f"{PAPER}/feed?a=1&Key=abc", f"{PAPER}/feed?a=1"),
    "key behind a semicolon": (f"{PAPER}/feed?a=1;key=abc", f"{PAPER}/feed?a=1"),
    "key that calls itself secret": (f"{PAPER}/feed?key=topsecret", f"{PAPER}/feed"),
    "token": (f"{PAPER}/feed?token=9f8a7b6c&page=2", f"{PAPER}/feed?page=2"),
    "token, its name escaped": (f"{PAPER}/feed?feed%5Ftoken=abc", f"{PAPER}/feed"),
    "token, a letter of its name escaped": (f"{PAPER}/feed?%74oken=ab12", f"{PAPER}/feed"),
    "access_token": (f"{PAPER}/feed?access_token=x", f"{PAPER}/feed"),
    "auth": (f"{PAPER}/rss/12?auth=Zk3vQ", f"{PAPER}/rss/12"),
    "authorization": (f"{PAPER}/feed?authorization=Bearer%20x1", f"{PAPER}/feed"),
    "sig of a cloud's storage": (f"{PAPER}/feed?sv=2026-01-01&sig=a%2Bb%3D", f"{PAPER}/feed?sv=2026-01-01"),
    "signature": (f"{PAPER}/feed?X-Amz-Signature=ab12", f"{PAPER}/feed"),
    "rsskey": (f"{PAPER}/feed?rsskey=harbour", f"{PAPER}/feed"),
    "feed, a digest": (f"{PAPER}/.rss?feed=0123456789abcdef01234567&user=me", f"{PAPER}/.rss?user=me"),
    "fragment": (f"{PAPER}/feed#auth=abc", f"{PAPER}/feed"),
    "parameter of the path": (f"{PAPER}/a;token=ab12/feed", f"{PAPER}/a/feed"),
    "address within": (f"{PAPER}/proxy?url=https%3A%2F%2Fo.example%2Ff%3Fkey%3Dab1", f"{PAPER}/proxy"),
    "private folder": (f"{PAPER}/feeds/private/abc/all.xml", f"{PAPER}/feeds/private/hidden-key/all.xml"),
    "private file": (f"{PAPER}/private_feed/9f8a.rss", f"{PAPER}/private_feed/hidden-key.rss"),
    "secret, named in the path": (f"{PAPER}/rss/secret:9f8a/u:me/", f"{PAPER}/rss/secret:hidden-key/u:me/"),
    "private, named in the path": (f"{PAPER}/private-9f8a7b/basic.ics", f"{PAPER}/private-hidden-key/basic.ics"),
}  # fmt: skip
OPEN = {
    "author, keyword": f"{PAPER}/feed?author=me&keyword=x&authority=4711abc9",
    "monkey, turkey": f"{PAPER}/feed?monkey=a1b2c3&turkey=z9",
    "key, a plain word": f"{PAPER}/feed?key=harbour",
    "key, plain words": f"{PAPER}/feed?key=harbour-master+north",
    "token, a plain word": f"{PAPER}/feed?token=next",
    "auth, a flag": f"{PAPER}/feed?auth=1&session=2026",
    "token without a sign": f"{PAPER}/feed?token&page=2",
    "feed, a format": f"{PAPER}/?feed=rss2&code=de",
    "id, as long as a key": f"{PAPER}/feed?channel_id=UC9f8a7b6c5d4e3f2a1b0c",
    "private, a word": f"{PAPER}/private-equity/feed#top",
    "private, a folder of words": f"{PAPER}/private/equity/2026/feed.xml",
    "account": "https://town.example/@lotte@far.example",
    "tag": "https://town.example/tags/private",
    "tags": "https://town.example/tags/AI?any[]=ml",
    "a key that is hidden": f"{PAPER}/feed?apikey=hidden-key",
}


@pytest.mark.parametrize(("url", "rest"), KEYED.values(), ids=KEYED)
def test_these_are_somebodys_own(url: str, rest: str) -> None:
    assert not is_open_address(url)
    assert told_address(url) == rest
    known = known_by(url)
    assert without_mark(known) == rest != known and known_by(known) == known
    taken = take_apart(url)
    assert taken and hidden(taken.keys).text(url) != url and hidden(taken.keys).is_in(url)


@pytest.mark.parametrize("url", OPEN.values(), ids=OPEN)
def test_these_are_not(url: str) -> None:
    assert is_open_address(url)
    assert known_by(url) == told_address(url) == without_mark(url) == url


def test_a_key_that_is_named_and_not_there_is_no_secret_and_not_told() -> None:
    address = f"{PAPER}/feed?auth="
    assert not is_open_address(address) and known_by(address) == address
    assert is_open_address(f"{PAPER}/feed?author=")


def test_what_can_not_be_read_is_told_to_nobody() -> None:
    assert not is_open_address("https://[broken/feed") and told_address("https://[broken/feed") == "…"


def test_what_a_secret_address_is_known_by_leads_nowhere() -> None:
    assert not is_open_address(known_by(f"{PAPER}/feed?apikey=4f0c2b"))


def test_a_digest_tells_keys_apart_and_is_short() -> None:
    known = {known_by(f"{PAPER}/feed?apikey={number:032x}") for number in range(40)}
    assert len(known) == 40  # by these numbers; of 65,536 one is the same
    assert {len(each.partition("#key-")[2]) for each in known} == {4}
    # The same key at another address has another digest: it is not known again.
    one, other = (known_by(f"https://{host}.example/feed?apikey=4f0c2b")[-4:] for host in ("paper", "radio"))
    assert one != other


def test_a_fragment_is_a_name_of_ones_own() -> None:
    assert without_mark(known_by(f"{PAPER}/feed?apikey=4f0c2b#work")) == f"{PAPER}/feed#work"


def test_who_hides_an_address_hides_all_that_could_be_a_key() -> None:
    def known(address: str) -> str:
        return without_mark(known_by(address, is_hidden=True))

    assert known(f"{PAPER}/rss/9f8a7b6c/feed.xml?u=me&h=Zz12345678") == f"{PAPER}/rss/hidden-key/feed.xml?u=me"
    assert known(f"{PAPER}/team/plans") == f"{PAPER}/"  # nothing could be: nothing is told
    taken = take_apart(f"{PAPER}/team/plans", is_hidden=True)
    assert taken and hidden(taken.keys).text(f"{PAPER}/team/plans/1") == f"{PAPER}/hidden-key/1"
    # Where something says what the key is, it is the same source wherever its address stands.
    both = f"{PAPER}/rss/9f8a7b6c/feed?apikey=4f0c2b"
    assert known_by(both, is_hidden=True) == known_by(both)
    assert take_apart(both, is_hidden=True) == take_apart(both)


# ---------------------------------------------------------------- texts

LONG, SHORT = ("apikey=", "Ab+12345/9x"), ("pw=", "news")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("GET /feed?apikey=Ab+12345/9x failed", "GET /feed?apikey=hidden-key failed"),
        ("escaped: Ab%2B12345%2F9x, Ab%2B12345/9x", "escaped: hidden-key, hidden-key"),
        ('{"u": "https:\\/\\/x.example\\/Ab+12345\\/9x"}', '{"u": "https:\\/\\/x.example\\/hidden-key"}'),
        ("words in lower case: ab+12345/9x", "words in lower case: hidden-key"),
        ("/feed?pw=news&a=1 has the news", "/feed?pw=hidden-key&a=1 has the news"),
        ("/feed?pw=newspaper", "/feed?pw=newspaper"),
        ("nothing of it: Ab+12345", "nothing of it: Ab+12345"),
    ],
)
def test_a_text_is_told_without_keys(text: str, told: str) -> None:
    assert Hidden((LONG, SHORT)).text(text) == told
    assert Hidden((LONG, SHORT)).is_in(text) == (told != text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "iso-8859-1"])
def test_so_is_a_document_in_any_encoding(encoding: str) -> None:
    document = "<link>https://x.example/?apikey=Ab+12345/9x</link> <p>Küste</p>"
    assert Hidden((LONG,)).body(document.encode(encoding)).decode(encoding) == document.replace(LONG[1], "hidden-key")


@pytest.mark.parametrize(
    ("keys", "address", "told"),
    [
        ((LONG, SHORT), "/feed?apikey=Ab+12345/9x&pw=news", "/feed?apikey=hidden-key&pw=hidden-key"),
        ((SHORT, LONG), "/feed?apikey=Ab+12345/9x&pw=news", "/feed?apikey=hidden-key&pw=hidden-key"),
        ((LONG,), "/new?mine=Ab+12345/9x", "/new?mine=hidden-key"),
        ((LONG,), "/Ab+12345/9x/feed?apikey=Ab+12345/9x", "/hidden-key/feed?apikey=hidden-key"),
        ((("/", "aaaa1111"), ("/", "bbbb2222")), "/private/aaaa1111/bbbb2222", "/private/hidden-key/hidden-key"),
        ((), "/feed?key=harbour", "/feed?key=harbour"),
    ],
)
def test_the_address_behind_a_told_one_is_asked(keys: tuple[tuple[str, str], ...], address: str, told: str) -> None:
    """Whatever the order of the keys is: it is another where the address is hidden in full."""
    assert Hidden(keys).text(address) == told
    assert Hidden(keys).asked(told) == address


def test_without_keys_nothing_is_looked_for() -> None:
    assert not Hidden(()) and Hidden(()).text("key=1") == "key=1" and not Hidden(()).is_in("")


def test_a_text_keeps_what_may_be_told() -> None:
    told = "403 for (https://www.paper.example/feed?key=abc): see https://paper.example/help, says the server."
    assert without_secrets(told) == "403 for (paper.example): see https://paper.example/help, says the server."
    assert without_secrets("moved to http://me:word@[::1/x") == "moved to …"


def test_an_address_behind_a_long_word_is_found_and_the_word_is_gone_through_once() -> None:
    """Whatever stands before `://` is tried once: else this takes minutes."""
    word = "a" * 200_000
    assert without_secrets(f"{word} :// b") == f"{word} :// b"
    told = without_secrets(f"{word}https://me:s3cret@a.example/")
    assert told.endswith("a.example") and "s3cret" not in told

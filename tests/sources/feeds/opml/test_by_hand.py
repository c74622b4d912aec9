"""Lists that went through editors, mails and servers, or that other programs than feed readers write."""

from __future__ import annotations

import pytest

from aggregator.sources.feeds.opml.markup import read_outlines
from aggregator.sources.feeds.opml.reading import read_opml
from aggregator.sources.feeds.opml.values import Listed, OpmlError

GOOD = '<outline type="rss" text="Good" xmlUrl="https://good.example/f"/>'
FERRY = '<outline text="Ferry" xmlUrl="https://a.example/f"/>'
LIST = f'<?xml version="1.0"?>\n<opml><body>{FERRY}\n{GOOD}</body></opml>'
BOTH = ["https://a.example/f", "https://good.example/f"]


def urls(read: Listed) -> list[str]:
    return [each.url for each in read.found]


def taken_as(written: str) -> Listed:
    return read_opml(f'<opml>\n<outline text="T" xmlUrl="{written}"/>{GOOD}</opml>')


@pytest.mark.parametrize(
    "document",
    [
        b"\xef\xbb\xbf\xef\xbb\xbf" + LIST.encode(),
        "\n\ufeff" + LIST,
        "Content-Type: text/x-opml\r\n\r\n" + LIST,
        "Warning: no such file\n" + LIST,
        "<br />\n<b>Warning</b>: no such file<br />\n" + LIST,
        "<!DOCTYPE html>\n" + LIST,
        LIST.replace("<body>", "<body><!-- -- Harbour -- -->"),
        LIST.replace("<body>", "<body><!-- <!-- Harbour --> <!--->-->"),
        LIST.replace('f"/>', 'f" / >'),
        LIST.replace(FERRY, f"{FERRY}</outline>"),
        LIST.replace(FERRY, f'<outline text="Folder">{FERRY}</Outline>'),
        "<!DOCTYPE opml [<!ENTITY nbsp \"&#160;\">\n<!ENTITY uuml '&#252;'>]>" + LIST,
        LIST.replace('xmlUrl="https://good', 'type="application/rss+xml" url="https://good'),
    ],
)
def test_what_hands_and_servers_do_to_a_list_changes_nothing(document: bytes | str) -> None:
    read = read_opml(document)
    assert (urls(read), read.left_out) == (BOTH, [])


def test_what_stands_in_a_comment_is_not_followed() -> None:
    read = read_opml(LIST.replace(FERRY, f"<!-- -- {FERRY} -->\n<!-- {FERRY} -->"))
    assert (urls(read), read.left_out) == (["https://good.example/f"], [])


def test_lines_keep_their_numbers_whatever_is_mended() -> None:
    read = read_opml(
        f'<opml><!--\n--\n--></outline\n>\n<outline text="Old" xmlUrl="gopher://a.example/"/>{GOOD}</opml>'
    )
    assert read.left_out == ["line 5: Old: no http or https address: gopher://a.example/"]


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY nbsp SYSTEM "file:///etc/passwd">',
        '<!ENTITY ferry "Ferry">',
        '<!ENTITY nbsp "&ferry;"><!ENTITY ferry "x">',
        '<!ENTITY % nbsp "x">',
        f'<!ENTITY nbsp "{"x" * 41}">',
        '<!ENTITY nbsp "x"',
    ],
)
def test_other_entities_than_those_of_html_are_refused(declared: str) -> None:
    with pytest.raises(OpmlError, match="it declares entities"):
        read_opml(f"<!DOCTYPE opml [{declared}]>{LIST}")


# What stands as an address → what is asked.
ADDRESSES = {
    "feed:feed://a.example/f": "http://a.example/f",
    "feed://https//a.example/f": "https://a.example/f",
    "FEED:HTTP//a.example/f": "http://a.example/f",
    "feed://https.example/f": "http://https.example/f",
    "https://a.example/?x=1&amp;amp;y=2": "https://a.example/?x=1&y=2",
    "https://a.example/?x=1&amp;ampere=2": "https://a.example/?x=1&ampere=2",
    "files.example/feed.xml": "https://files.example/feed.xml",
}


@pytest.mark.parametrize(("written", "meant"), ADDRESSES.items())
def test_an_address_is_taken_as_it_is_meant(written: str, meant: str) -> None:
    assert urls(taken_as(written)) == [meant, "https://good.example/f"]


@pytest.mark.parametrize("written", ["feed.xml", "rss.php?id=1", "old.feeds.RSS", "my.opml", "sub.json#x"])
def test_a_file_beside_the_list_is_no_host(written: str) -> None:
    read = taken_as(written)
    assert urls(read) == ["https://good.example/f"]
    assert read.left_out[0].startswith(f"line 2: T: no http or https address: {written[:6]}")


@pytest.mark.parametrize(
    "written", ["/feed?token=s3cret", "http://a.example:99999/f?key=s3cret", "feed.xml#s3cret", "gopher://a/?x=s3cret"]
)
def test_what_is_said_of_an_address_repeats_no_key(written: str) -> None:
    read = taken_as(written)
    assert len(read.left_out) == 1 and "s3cret" not in read.left_out[0]


@pytest.mark.parametrize("url", ["https://a.example/?token=s3cret", "https://a.example/private/s3cret/"])
def test_a_page_with_a_key_in_its_address_is_let_go(url: str) -> None:
    read = read_opml(LIST.replace('text="Ferry"', f'text="Ferry" htmlUrl="{url}"'))
    assert [each.site_url for each in read.found] == [None, None]


def test_a_folder_that_is_called_by_an_address_tells_no_password() -> None:
    read = read_opml(LIST.replace(FERRY, f'<outline text="https://me:s3cret@a.example/">{FERRY}</outline>'))
    assert read.found[0].folders == ("a.example",)


def test_a_category_that_is_an_address_tells_no_key() -> None:
    read = read_opml(LIST.replace('text="Ferry"', 'text="Ferry" category="https://a.example/?token=s3cret"'))
    assert read.found[0].folders == ("a.example",)


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="T" xmlUrl="gopher://\u202ea.example/\u200b"/>',
        '<outline text="T" type="\u202elink" url="https://a.example/"/>',
    ],
)
def test_no_line_that_is_said_is_turned(outline: str) -> None:
    [line] = read_opml(LIST.replace(FERRY, outline)).left_out
    assert line.isprintable()


def test_the_episodes_of_a_podcast_are_no_subscriptions_and_nothing_left_out() -> None:
    episode = '<outline type="podcast-episode" title="First" url="https://a.example/1"/>'
    read = read_opml(LIST.replace('f"/>', f'f">{episode}{episode}</outline>', 1))
    assert (urls(read), read.left_out) == (BOTH, [])
    assert len(read_opml(LIST.replace(FERRY, episode)).left_out) == 1


def test_outlines_that_say_nothing_take_no_room() -> None:
    empty = '<outline x=""/><outline text="Folder"></outline>' * 1000
    assert [each.attributes["text"] for each in read_outlines(f"<opml>{empty}{GOOD}</opml>").found] == ["Good"]


# ---------------------------------------------------------------- plain lists


def test_a_plain_list_says_and_keeps_no_control_characters() -> None:
    read = read_opml(
        'https://a.example/f "~Fer\x1b[31mry\x7f" "Har\x07bour"\n\x1b]0;x\x07\u202egopher://b\nhttps://c.example/f\n'
    )
    assert [(each.title, each.folders) for each in read.found] == [("Fer [31mry", ("Har bour",)), ("", ())]
    [line] = read.left_out
    assert line.isprintable()


def test_titles_of_a_plain_list_are_cut_and_tell_no_password() -> None:
    read = read_opml(f'https://a.example/f "~{"x" * 300}"\nhttps://b.example/f "~https://me:s3cret@b.example/"\n')
    assert [each.title for each in read.found] == ["x" * 200, "b.example"]


def test_of_a_plain_list_with_more_queries_than_feeds_the_feeds_are_taken() -> None:
    read = read_opml(
        '"query:Unread:unread = \\"yes\\""\nexec:/bin/news\nfilter:/bin/f:https://a.example/f\nhttps://b.example/f\n'
    )
    assert urls(read) == ["https://b.example/f"] and len(read.left_out) == 3


def test_a_mail_with_an_address_in_it_is_no_plain_list() -> None:
    with pytest.raises(OpmlError, match="neither OPML nor a list"):
        read_opml("Subject: feeds\nFrom: lotte\nTo: anna\n\nhttps://b.example/f\n")


@pytest.mark.parametrize("document", ['<outline text="Empty"/>', "<body><outline text='Empty'></outline></body>"])
def test_a_folder_alone_is_a_list_without_feeds(document: str) -> None:
    assert urls(read_opml(document)) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_plain_list_may_end_its_lines_as_any_system_does(end: str) -> None:
    assert urls(read_opml(end.join([*BOTH, ""]))) == BOTH

"""The links of a status, whether an API or a feed gives it: which are tags, and which leads to an article. Pure.

By one rule, so that a status that comes both ways is about the same article.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from html import escape
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from aggregator.text.tokens import TAG_CHAR
from aggregator.text.urls import absolute_url, canonical_url, is_home_page

# A status has a few dozen tags; parsing deep nesting takes quadratic time. Above, links are left as they are shown.
_MOST_TAGS = 2000
_HASHTAG = re.compile(f"[#＃]{TAG_CHAR}+")


class StatusLinks:
    """The links of a status's content: the tags among them, those that may be articles, and how they are shown.

    `hashtags` as the author wrote them, without the sign; `others`: addresses, neither of tags nor of accounts;
    `full_html`: the content with each link shown in full.
    """

    def __init__(self, content: str) -> None:
        self.full_html = content
        self.hashtags: list[str] = []
        self.others: list[str] = []
        if "<a" not in content.lower() or content.count("<") > _MOST_TAGS:
            return
        tree = LexborHTMLParser(content.encode("utf-8", "ignore"), is_fragment=True)
        quoted = {node.attributes.get("href") for node in tree.css(".quote-inline a")}
        is_changed = False
        for node in tree.css("a[href]"):
            href = absolute_url(node.attributes.get("href") or "")
            shown = node.text().strip()
            if _is_hashtag(node, shown):
                self.hashtags.append(shown[1:])
            elif href and not _is_mention(node, shown):
                if _is_shortened(shown, href):
                    node.inner_html = escape(href)
                    is_changed = True
                # The address of a quoted status, for programs that know no quotes, is no link of the author's.
                if node.attributes.get("href") not in quoted:
                    self.others.append(href)
        if is_changed:
            self.full_html = tree.html or content


def _is_hashtag(node: LexborNode, shown: str) -> bool:
    if not re.fullmatch(r"[#＃]\S+", shown) or shown[1:].isdigit():
        return False
    is_marked = "hashtag" in _classes(node) or "tag" in (node.attributes.get("rel") or "").split()
    return is_marked or _HASHTAG.fullmatch(shown) is not None


def _is_mention(node: LexborNode, shown: str) -> bool:
    """Mastodon marks mentions by a class; others (Bonfire, Lemmy) only write @user or @user@host."""
    return "mention" in _classes(node) or re.fullmatch(r"@[\w.-]+(?:@[\w.:-]+)?", shown) is not None


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


_BEFORE_HOST = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_ELLIPSIS = re.compile(r"…|\.\.\.")


def _is_shortened(shown: str, href: str) -> bool:
    """Does a link show a part of its address? ("example.org/news/the-qu…") Words are none, nor is a whole address."""
    head, *tail = _ELLIPSIS.split(shown, maxsplit=1)
    if not tail and (shown.startswith(("http://", "https://")) or not re.search(r"[./]", shown)):
        return False
    start, full = _comparable(head), _comparable(href)
    return start != "" and full.startswith(start) and full.endswith("".join(tail).casefold())


def _comparable(address: str) -> str:
    return unquote(_BEFORE_HOST.sub("", address, count=1)).casefold()


# ---------------------------------------------------------------- the article

# Profiles and statuses of Mastodon and its like, on any host. Medium's articles (/@user/words) are none.
_FEDIVERSE_PAGE = re.compile(r"/(?:web/)?@[^/]+(?:/\d+|/statuses/\w+)?/?|/users/[^/]+(?:/statuses/\w+)?/?")
# On the servers of the status, everything about accounts and tags.
_SERVER_PAGE = re.compile(r"/(?:web/)?(?:@|users/|tags?/|discover/tags/)")
_MEDIA_FILE = re.compile(r"\.(?:avif|gif|jpe?g|png|svg|webp|mp4|m4v|mov|webm|mp3|m4a|ogg|opus|flac|wav)", re.IGNORECASE)


def article_among(
    addresses: Iterable[str], own: Iterable[str], hosts: Collection[str | None], known: Collection[str] = ()
) -> str | None:
    """The page that a status points at: the first of its links that can be one.

    `own`: the addresses of the status itself; `hosts`: of its servers; `known`: of its accounts, tags and media. A post
    on another network counts only where there is nothing else. Home pages are left out: two statuses that link to a
    company's site are not about one article.
    """
    own_pages = {canonical_url(address) for address in own}
    found: str | None = None
    for address in addresses:
        path = urlsplit(address).path
        if (
            address not in known
            and canonical_url(address) not in own_pages
            and not is_home_page(address)
            and not _FEDIVERSE_PAGE.fullmatch(path)
            and not (_SERVER_PAGE.match(path) and host_of(address) in hosts)
            and not _MEDIA_FILE.fullmatch(PurePosixPath(path).suffix)
        ):
            if not _is_post_elsewhere(address):
                return address
            found = found or address
    return found


# Networks whose pages are posts of people: what else a status links to is rather what it is about.
_NETWORKS = frozenset(
    {
        "bsky.app", "facebook.com", "instagram.com", "linkedin.com", "t.me", "threads.com", "threads.net", "tiktok.com",
        "twitter.com", "vk.com", "weibo.com", "x.com",
    }
)  # fmt: skip
# Posts of Misskey, Pleroma, Pixelfed and Lemmy, on any host.
_POST_PAGE = re.compile(r"/(?:notes|notice|objects|post)/[\w-]+/?|/p/[^/]+/\d+/?")


def _is_post_elsewhere(url: str) -> bool:
    """Is this a post on another network, rather than an article?"""
    host = (host_of(url) or "").removeprefix("www.").removeprefix("m.").removeprefix("mobile.")
    return host in _NETWORKS or _POST_PAGE.fullmatch(urlsplit(url).path) is not None


def host_of(address: str | None) -> str | None:
    """The host of an address; None where it is none."""
    found = absolute_url(address or "")
    return urlsplit(found).hostname if found else None

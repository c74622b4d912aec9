"""Where feeds stand by habit, beside a page and at the root of its site."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from aggregator.text.urls import absolute_url

# Where the usual software puts them, the commonest first: WordPress, Ghost, Hugo and Jekyll, Django, Drupal, Blogger,
# Discourse and Rails (.rss), Joomla; then WordPress without readable addresses. Some servers know an address only with,
# some only without its last slash.
USUAL_PATHS = (
    "feed", "feed.xml", "rss.xml", "atom.xml", "index.xml", "rss", "feed.atom", "feed/", "rss/", "atom", "?feed=rss2",
    "feed.rss", "index.rss", "index.atom", "atom/", "feed.json", "feeds/posts/default", "rss/feed.xml", "feeds",
    "?format=feed&type=rss",
)  # fmt: skip


def usual_places(page: str) -> list[str]:
    """The addresses to try for a page's feed: in its folder, then at the site's root; each once."""
    found = (absolute_url(urljoin(root, path)) for root in (_folder(page), urljoin(page, "/")) for path in USUAL_PATHS)
    return list(dict.fromkeys(address for address in found if address))


def _folder(page: str) -> str:
    """A page without an ending is a folder itself, whether or not that is written."""
    parts = urlsplit(page)
    folder, _, last = parts.path.rpartition("/")
    path = f"{folder}/" if not last or "." in last else f"{parts.path}/"
    return parts._replace(path=path, query="", fragment="").geturl()

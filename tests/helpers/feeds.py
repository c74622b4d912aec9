"""Feeds as papers publish them, in two lines."""

from __future__ import annotations


def rss(title: str, *items: str, language: str = "en") -> str:
    """An RSS 2.0 feed."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>https://{title.split()[0].lower()}.example/</link><language>{language}</language>"
        f"{''.join(items)}</channel></rss>"
    )


def item(title: str, link: str, text: str, date: str) -> str:
    """An entry of an RSS feed; its link is its guid. `date` as in RFC 5322."""
    link = link.replace("&", "&amp;")
    return (
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>{text}</description><pubDate>{date}</pubDate></item>"
    )

"""A feed of one entry, with the vocabularies that feeds use."""

from __future__ import annotations

SPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:a10="http://www.w3.org/2005/Atom" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:other="https://other.example/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:prism="https://prism.example/9.9/"'
)


def rss(inner: str, head: str = "<title>Paper</title>") -> str:
    """A feed of one item."""
    return f'<rss version="2.0" {SPACES}><channel>{head}<item>{inner}</item></channel></rss>'


def atom(inner: str, head: str = "<title>Paper</title>", attributes: str = "") -> str:
    """The same of Atom."""
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes} {SPACES}>{head}<entry>{inner}</entry></feed>'

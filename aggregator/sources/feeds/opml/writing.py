"""Subscriptions → a document that other readers take. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from aggregator.sources.feeds.opml.texts import NOT_IN_XML
from aggregator.sources.feeds.opml.values import Subscription
from aggregator.text.folders import Shelf


def write_opml(subscriptions: Iterable[Subscription], title: str, now: datetime) -> str:
    """The document with these subscriptions, a folder an outline; all are of the type `rss`, which in OPML is any
    feed."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = _clean(title)
    ElementTree.SubElement(head, "dateCreated").text = format_datetime(now, usegmt=True)
    shelf: Shelf[Subscription] = Shelf()
    for each in subscriptions:
        shelf.put(each, filter(None, map(_clean, each.folders)))
    _write(shelf, ElementTree.SubElement(root, "body"))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _write(shelf: Shelf[Subscription], outline: ElementTree.Element) -> None:
    for each in shelf.items:
        name = _clean(each.title) or each.url
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": each.url}
        if each.site_url:
            attributes["htmlUrl"] = each.site_url
        ElementTree.SubElement(outline, "outline", attributes)
    for name, within in shelf.folders.items():
        _write(within, ElementTree.SubElement(outline, "outline", text=name, title=name))


def _clean(text: str) -> str:
    return " ".join(NOT_IN_XML.sub(" ", text).split())

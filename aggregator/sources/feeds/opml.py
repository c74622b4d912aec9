"""OPML 2.0 (opml.org/spec2.opml), the format in which feed readers hand over their subscriptions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from aggregator.text.urls import absolute_url

# Entities of its own are all that makes a small document large; no list of subscriptions has any.
_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_TITLE = 200


class OpmlError(ValueError):
    """The document is no OPML; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed in a list of subscriptions. `folders` are the outlines it stands in, the outermost first."""

    url: str
    title: str = ""
    site_url: str | None = None
    folders: tuple[str, ...] = ()


def read_opml(text: str) -> tuple[list[Subscription], list[str]]:
    """The feeds of a document, each address once; and a line for each outline that could not be taken.

    Raises:
        OpmlError: the document can't be read.
    """
    if _DOCTYPE.search(text):
        raise OpmlError("it declares entities, which are not read")
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \r\n\t"))
    except (ElementTree.ParseError, ValueError) as error:
        raise OpmlError(f"it is not XML: {error}") from None
    if root.tag.rpartition("}")[2].lower() != "opml":
        raise OpmlError(f"it is not OPML, but <{root.tag[:60]}>")
    found: dict[str, Subscription] = {}
    troubles: list[str] = []
    # In the document's order, and without recursion: it may be nested as deep as it likes.
    waiting: list[tuple[ElementTree.Element, tuple[str, ...]]] = []
    waiting += [(outline, ()) for body in root.iter("body") for outline in body.iterfind("outline")][::-1]
    while waiting:
        outline, folders = waiting.pop()
        named = {name.lower(): " ".join(value.split()) for name, value in outline.attrib.items()}
        title = (named.get("title") or named.get("text") or "")[:_LONGEST_TITLE]
        written = named.get("xmlurl")
        url = absolute_url(written.replace("feed://", "http://")) if written else None
        if url:
            site = absolute_url(named.get("htmlurl", ""))
            found.setdefault(url, Subscription(url=url, title=title, site_url=site, folders=folders))
        elif written:
            troubles.append(f"{title or 'an outline'}: no http or https address: {written[:200]}")
        inside = (*folders, title) if title else folders
        waiting += [(each, inside) for each in outline.iterfind("outline")][::-1]
    return list(found.values()), troubles


def write_opml(subscriptions: Iterable[Subscription], title: str, now: datetime) -> str:
    """The document with these subscriptions, those of one folder together; folders within folders are named by "/"."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = title
    ElementTree.SubElement(head, "dateCreated").text = format_datetime(now, usegmt=True)
    body = ElementTree.SubElement(root, "body")
    folders: dict[Sequence[str], ElementTree.Element] = {(): body}
    for each in subscriptions:
        if each.folders not in folders:
            name = "/".join(each.folders)
            folders[each.folders] = ElementTree.SubElement(body, "outline", text=name, title=name)
        name = " ".join(each.title.split()) or each.url
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": each.url}
        if each.site_url:
            attributes["htmlUrl"] = each.site_url
        ElementTree.SubElement(folders[each.folders], "outline", attributes)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, "unicode")}\n'

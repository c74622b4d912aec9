"""Elements that are one field of an entry or of the feed, and the table of all elements that have a handler."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from aggregator.sources.feeds.fast import parts, texts
from aggregator.sources.feeds.fast.doubts import DoubtError, Why
from aggregator.sources.feeds.fast.names import is_read
from aggregator.sources.feeds.fast.state import HTML_TYPES, Action, State, check_date, map_type, repaired, text_in
from aggregator.sources.feeds.fast.walk import DEEPEST, walk

# What feedparser takes for a reference without its ampersand's name, in addresses.
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
CDF = ("lastmod", "href")


def field(name: str) -> Action:
    """An element that is a line of text."""

    def keep(state: State, element: Element, depth: int) -> None:
        state.keep(name, repaired(text_in(element)), depth)

    return keep


def date(name: str) -> Action:
    """An element that is a date."""

    def keep(state: State, element: Element, depth: int) -> None:
        value = repaired(text_in(element))
        check_date(value)
        state.keep(name, value, depth)

    return keep


def title(state: State, element: Element, depth: int) -> None:
    """The first of those that stand least deep."""
    value, said = texts.content(state, element, "text/plain")
    if not -1 < state.title_depth <= depth:
        state.keep("title", value, depth)
        state.here["title_detail"] = said
    if value:
        state.title_depth = depth


def media_title(state: State, element: Element, depth: int) -> None:
    """Of a file or an entry, and no title seen for those that follow."""
    seen = state.title_depth
    title(state, element, depth)
    state.title_depth = seen


# ---------------------------------------------------------------- texts


def description(state: State, element: Element, depth: int) -> None:
    """A summary; where there is one, a content."""
    if "summary" in state.here and not state.has_content:
        return content(state, element, depth)
    return _described(state, element, depth, "text/html")


def abstract(state: State, element: Element, depth: int) -> None:
    """The same of CDF, never a content."""
    _described(state, element, depth, "text/plain")


def _described(state: State, element: Element, depth: int, default_type: str) -> None:
    _keep_text(state, element, depth, "summary" if state.in_entry else "subtitle", default_type)


def _keep_text(state: State, element: Element, depth: int, name: str, default_type: str) -> None:
    value, said = texts.content(state, element, default_type)
    state.keep(name, value, depth)
    state.here[f"{name}_detail"] = said


def summary(state: State, element: Element, depth: int) -> None:
    """A summary; where there is one, a content."""
    if "summary" in state.here and not state.has_content:
        return content(state, element, depth)
    return _keep_text(state, element, depth, "summary", "text/plain")


def content(state: State, element: Element, depth: int) -> None:
    """One of the texts; also the summary, where there is none yet."""
    _contained(state, element, "text/plain")


def encoded(state: State, element: Element, depth: int) -> None:
    """The same, of RSS."""
    _contained(state, element, "text/html")


def _contained(state: State, element: Element, default_type: str) -> None:
    state.has_content = True
    value, said = texts.content(state, element, default_type)
    if state.in_entry:
        state.here.setdefault("content", []).append(said)
    else:
        state.here["content"] = value
    state.here.setdefault("summary", value)


def subtitle(state: State, element: Element, depth: int) -> None:
    """Also `tagline`."""
    _keep_text(state, element, depth, "subtitle", "text/plain")


# ---------------------------------------------------------------- addresses


def link(state: State, element: Element, depth: int) -> None:
    """An address as attribute, or as text."""
    if len(element):
        raise DoubtError(Why.ELEMENTS_IN_TEXT, element.tag)
    said = state.attributes(element) if element.attrib else {}
    said.setdefault("rel", "alternate")
    said.setdefault("type", "application/atom+xml" if said["rel"] == "self" else "text/html")
    _enforce_href(said)
    here = state.here
    here.setdefault("links", []).append(said)
    if "href" in said:
        said["href"] = state.resolved(said["href"])
        if said["rel"] == "alternate" and map_type(said["type"]) in HTML_TYPES:
            here["link"] = said["href"]
        return
    written = (element.text or "").strip()
    address = repaired(state.resolved(written)) if written else ""
    if "&" in address:
        address = _REFERENCE.sub(r"&\1", address.replace("&amp;", "&") if state.in_entry else address)
    here["link"] = address
    if address or not state.in_entry:
        said["href"] = address


def _enforce_href(said: dict[str, str]) -> None:
    href = said.get("url", said.get("uri", said.get("href")))
    if href:
        said.pop("url", None)
        said.pop("uri", None)
        said["href"] = href


def enclosure(state: State, element: Element, depth: int) -> None:
    """A file, as a link."""
    said = state.attributes(element)
    _enforce_href(said)
    said["rel"] = "enclosure"
    state.here.setdefault("links", []).append(said)
    if len(element):
        walk(state, element, depth + 1)


def guid(state: State, element: Element, depth: int) -> None:
    """An id; also the link, where it says no other and there is none yet."""
    is_link = not element.attrib or state.attributes(element).get("ispermalink", "true") == "true"
    value = text_in(element)
    value = repaired(state.resolved(value) if is_link and value else value)
    state.keep("id", value, depth)
    state.here.setdefault("guidislink", is_link and "link" not in state.here)
    if is_link:
        state.here.setdefault("link", value)


# ---------------------------------------------------------------- tags


def category(state: State, element: Element, depth: int) -> None:
    """By attributes, by text, or both."""
    said = state.attributes(element) if element.attrib else {}
    _add(state, said.get("term"), said.get("scheme", said.get("domain")), said.get("label"))
    _add_text(state, text_in(element))


def media_category(state: State, element: Element, depth: int) -> None:
    """The same, with a scheme of its own."""
    said = state.attributes(element)
    scheme = said.get("scheme", "http://search.yahoo.com/mrss/category_schema")
    _add(state, said.get("term"), scheme, said.get("label"))
    _add_text(state, text_in(element))


def podcast_category(state: State, element: Element, depth: int) -> None:
    """By the attribute `text`; one within another is one more."""
    if depth > DEEPEST:
        raise DoubtError(Why.DEEP)
    _add(state, state.attributes(element).get("text"), "http://www.itunes.com/", None)
    written = element.text or ""
    for part in element:
        if state.bases or state.actions[part.tag] is not podcast_category:
            raise DoubtError(Why.ELEMENTS_IN_TEXT, part.tag)
        podcast_category(state, part, depth + 1)
        written += part.tail or ""
    _add_text(state, written.strip())


def words(scheme: str | None, is_kept: bool) -> Action:
    """Tags in one line, between commas; none where the element has attributes."""

    def split(state: State, element: Element, depth: int) -> None:
        if element.attrib and is_kept:
            state.here["media_keywords"] = state.attributes(element)
        if element.attrib:
            return walk(state, element, depth + 1)
        value = repaired(text_in(element))
        if is_kept:
            state.keep("media_keywords", value, depth)
        for word in value.split(","):
            if word.strip():
                _add(state, word.strip(), scheme, None)
        return None

    return split


def _add(state: State, term: str | None, scheme: str | None, label: str | None) -> None:
    tags = state.here.setdefault("tags", [])
    if not (term or scheme or label):
        return
    tag = {"term": term, "scheme": scheme, "label": label}
    if tag not in tags:
        tags.append(tag)


def _add_text(state: State, written: str) -> None:
    value = repaired(written)
    if not value:
        return
    tags = state.here["tags"]
    if tags and not tags[-1]["term"]:
        tags[-1]["term"] = value
    else:
        _add(state, value, None, None)


# ---------------------------------------------------------------- others


def unread(state: State, element: Element, depth: int) -> None:
    """One that nobody reads; elements in it would change how the others are."""
    text_in(element)


def unread_text(state: State, element: Element, depth: int) -> None:
    """The same, which may have markup."""
    texts.content(state, element, "text/plain")


def check_unread_date(state: State, element: Element, depth: int) -> None:
    """A date that nobody reads."""
    check_date(repaired(text_in(element)))


def entry(state: State, element: Element, depth: int) -> None:
    """An entry within another element than the feed's, which takes it out of the walk."""
    raise DoubtError(Why.NESTED, element.tag)


def refuse(why: Why) -> Action:
    """An element that is a doubt."""

    def raise_it(state: State, element: Element, depth: int) -> None:
        raise DoubtError(why, element.tag)

    return raise_it


_SAME: dict[Action, tuple[str, ...]] = {
    title: ("title", "dc_title"),
    media_title: ("media_title",),
    description: ("description", "dc_description"),
    abstract: ("abstract",),
    summary: ("summary", "itunes_summary"),
    content: ("content",),
    encoded: ("content_encoded", "fullitem"),
    subtitle: ("subtitle", "tagline", "itunes_subtitle"),
    link: ("link",),
    enclosure: ("enclosure",),
    guid: ("guid", "id"),
    category: ("category", "keywords", "dc_subject"),
    media_category: ("media_category",),
    podcast_category: ("itunes_category",),
    words(None, is_kept=True): ("media_keywords",),
    words("http://www.itunes.com/", is_kept=False): ("itunes_keywords",),
    date("published"): ("published", "issued", "pubdate", "dcterms_issued"),
    date("updated"): ("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"),
    date("created"): ("created", "dcterms_created"),
    check_unread_date: ("expirationdate",),
    field("language"): ("language", "dc_language"),
    field("generator"): ("generator",),
    parts.author: ("author", "managingeditor", "dc_author", "dc_creator", "itunes_author"),
    parts.contributor: ("contributor",),
    parts.owner: ("itunes_owner",),
    parts.source: ("source",),
    parts.image: ("image",),
    parts.text_input: ("textinput",),
    parts.media_group: ("media_group",),
    parts.media_content: ("media_content",),
    parts.media_description: ("media_description",),
    parts.media_rating: ("media_rating",),
    unread_text: ("rights", "copyright", "dc_rights", "info", "feedburner_browserfriendly"),
    unread: (
        "name", "itunes_name", "email", "itunes_email", "url", "uri", "homepage", "width", "height",
        "webmaster", "dc_publisher", "dc_contributor",
        "cloud", "cc_license", "creativecommons_license", "itunes_image", "itunes_link", "itunes_block",
        "itunes_explicit", "media_credit", "media_restriction", "media_license", "media_thumbnail", "media_player",
        "georss_point", "georss_line", "georss_polygon", "georss_box",
    ),
    entry: ("item", "entry"),
    refuse(Why.NESTED): ("channel", "feed", "rss"),
    refuse(Why.ELEMENTS_IN_TEXT): ("body", "xhtml_body"),
    refuse(Why.RARE): (
        "tags", "newlocation", "dcterms_valid", "psc_chapters", "psc_chapter", "where", "georss_where", "georssgeom",
        "geom", "gml_point", "gml_linestring", "gml_polygon", "gml_exterior", "gml_linearring", "gml_pos",
        "gml_poslist",
    ),
}  # fmt: skip
ACTIONS: dict[str, Action] = {name: action for action, names in _SAME.items() for name in names}

# Names of fields that feedparser makes of others, and that are read.
_MADE = frozenset({
    "links", "authors", "title_detail", "summary_detail", "description_detail", "subtitle_detail", "guidislink",
    "author_detail", "publisher_detail", "media_keywords", "category_detail", "contributors",
})  # fmt: skip
# Other names under which feedparser keeps an element.
_KEYS = {"date": "updated"}


def unknown(name: str) -> Action:
    """An element without handler: its text, or its attributes where it has any."""
    if name in _MADE or name.startswith("xhtml_"):
        return refuse(Why.FIELD if name in _MADE else Why.ELEMENTS_IN_TEXT)
    key = _KEYS.get(name, name)

    def keep(state: State, element: Element, depth: int) -> None:
        if element.attrib:
            state.here[key] = state.attributes(element)
        elif not len(element):
            state.keep(name, repaired((element.text or "").strip()), depth, key)
        if len(element):
            if is_read(name):
                raise DoubtError(Why.ELEMENTS_IN_TEXT, element.tag)
            walk(state, element, depth + 1)

    return keep

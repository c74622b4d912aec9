"""What makes the fast parser leave a document to feedparser: each doubt has a name, and says why it is one."""

from __future__ import annotations

from enum import Enum


class Why(Enum):
    """A doubt. Its value is the reason, in words for a developer who reads the benchmark's list."""

    # ---------------------------------------------------------------- the document
    MALFORMED = "expat refuses it: feedparser's parser for malformed documents reads on"
    DOCTYPE = "it declares entities, or more than one type: feedparser takes the safe ones"
    ROOT = "it is no RSS, RDF with the vocabulary of RSS 0.90 or 1.0, or Atom"
    LAYOUT = "something stands where only channel, items, image and text input belong, or a second channel does"
    DEEP = "it is nested deeper than any feed"
    PREFIX = "a prefix is bound to several vocabularies, or one vocabulary to several prefixes, or to feedparser's own"
    ATTRIBUTE = "an attribute that is read has a foreign namespace: feedparser takes it for the plain one"
    BASE = "xml:base stands within an author, an image or a source"

    # ---------------------------------------------------------------- its parts
    NESTED = "an item, feed or channel stands within another element"
    ELEMENTS_IN_TEXT = "elements stand in a text of one line, or ones that feedparser takes for fields in a longer text"
    DIV = "an unescaped text that is called plain or HTML begins with a <div>: feedparser loses count of its depth"
    CONTENT_TYPE = "a text has another type than plain text, HTML or XHTML, or is base64"
    CDF = "attributes of CDF: a link or a date that is no element"
    AUTHOR = "an author, contributor or owner has parts that are no name, address or page"
    SOURCE = "the source of an entry has parts of its own kind, or stands outside of entries"
    IMAGE = "an image or a text input has parts that feedparser takes for the feed's or the entry's"
    RARE = "an element whose handler in feedparser does something that is not done here"
    FIELD = "an element is called as a field that feedparser makes"
    DATE = "a date on which feedparser breaks"
    ADDRESS = "an address on which feedparser breaks"


class DoubtError(Exception):
    """The document is left to feedparser. `why`, and the name of what raised it, if that says more."""

    def __init__(self, why: Why, what: str = "") -> None:
        super().__init__(f"{why.name}: {why.value}{what and f' ({what})'}")
        self.why, self.what = why, what

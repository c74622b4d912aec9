"""What a post is called, and which of its words are its author's own.

The one place where that is worked out: the result is stored with the post, and everything reads it from there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from aggregator.text.patterns.late import late_pattern
from aggregator.text.tokens import SPACELESS_CHAR, TAG_CHAR, without_links, without_links_tags_mentions

# A headline made of a status: its first words, in characters.
_TITLE_CHARACTERS = 120
# A first paragraph of so many characters is a headline by itself; what is shorter ("New on the blog:") is none.
_ENOUGH_CHARACTERS = 25
# More than a headline can need of a text.
_LOOKED_AT_CHARACTERS = 2000

_NO_TITLE = "(no title)"

# Begins the line that says whose page a card shows: to be found, and no evidence of what a post is about. With a space
# that does not break, so that no text begins like it.
BYLINE = "—\xa0"

# The line that stands for a quoted post, for programs that know no quotes.
_QUOTED = re.compile(r"^[ \t]*(?:RE|QT|QP|Re)[:：][ \t]*(?:https?://\S+)[ \t]*$", re.MULTILINE)
# A server's own pictures among the words, as Mastodon tells them.
_EMOJI = re.compile(r"(?<![A-Za-z0-9:]):(?=[0-9_]*[A-Za-z])[A-Za-z0-9_]{2,}:(?![A-Za-z0-9:])")
_HASHTAG = rf"[#＃](?={TAG_CHAR}*[^\W\d]){TAG_CHAR}+(?:[-·.]{TAG_CHAR}+)*"
# Only Latin letters before it make it none: Chinese has no spaces.
_HASH = late_pattern(rf"(?<![A-Za-z0-9_&/#])[#＃](?={TAG_CHAR}*[^\W\d])")
_PICTOGRAPH = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff"
_PADDING = rf"[\s,;|/·•*+–—{_PICTOGRAPH}-]"
# So few words, in so few characters, may need the tags behind them ("Today I compare #Vue #React").
_FEW_WORDS, _FEW_CHARACTERS, _FEW_TAGS = 3, 20, 3
# No sentence ends in these: a tag or a link behind them is a word of it.
_LEADS_ON = late_pattern(
    r"(?:^|[\s(])(?:a|about|an|and|at|by|for|from|in|into|of|on|or|the|to|vs\.?|with"
    r"|am|auf|aus|bei|beim|das|dem|den|der|die|ein|eine|für|im|laut|mit|nach|oder|über|und|vom|von|zu|zum|zur"
    r"|au|avec|chez|dans|de|des|du|et|la|le|les|par|pour|selon|sur|con|el|en|los|para|por|según|sobre|y"
    r"|alla|da|di|nel|per|secondo|su|bij|een|het|met|op|over|van|volgens|voor)\s*$",
    re.IGNORECASE,
)
# Who is spoken to, where those are several; and where an account is at home, which says nothing to most.
_SPOKEN_TO = re.compile(r"^(?:@[\w.-]+(?:@[\w.:-]+)?\s+){2,}(?=.*\w)")
_HOST = re.compile(r"(?<![\w/])(@[\w-]+(?:\.[\w-]+)*)@[\w-]+(?:\.[\w-]+)+")
# What taking out a link leaves behind.
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]|[(\[<«]\s*$|<\s*>")
_LABEL = re.compile(r"\W*\w+\s*[:：→]\W*")
_POINTERS = (
    "(?:read|see|find out|learn) more|more(?: here| info)?|full (?:story|post|text)|details|see(?: also)?|source|link"
    "|mehr(?: dazu| infos| hier)?|siehe(?: auch)?|quelle|weiterlesen|en savoir plus|lire la suite|voir|leer más|más|ver"
    "|fuente|vedi|fonte|lees meer|meer|zie|bron"
)
# Words that only say that a link follows. "to see …" is more than that.
_POINTER = late_pattern(
    rf"(?:(?:^|(?<=[.!?…:,;|–—/(\[-]))[\s(\[]*(?:{_POINTERS})|[\s(\[]+via|^via)\s*[:：→]?\s*\x00[)\]]?[\s.\x00]*$",
    re.IGNORECASE,
)
_LONGEST_LEAD = 20
# A link behind these is a word even where it is the last one; others may end a sentence ("macht mit …").
_ENDS_WITH_LINK = re.compile(r"(?:^|[\s(])(?:at|from|of|unter|bei|chez)\s*$", re.IGNORECASE)
_GOES_ON = re.compile(r"\s+(?!(?:via|by|von|par|de|da|di|door|por)\b)[a-zß-öø-ÿа-я]")
# Markup that servers show as it was typed.
_MARKUP = (
    (re.compile(r"^\s*#{1,6}\s+(?=[^\W\d])"), ""),
    (re.compile(r"(?<![A-Za-z0-9*])\*\*(?=[^\s*])([^*]+)(?<=\S)\*\*(?![A-Za-z0-9*])"), r"\1"),
    (re.compile(r"(?<![A-Za-z0-9`])`+(?=[^\s`])([^`]+)(?<=\S)`+(?![A-Za-z0-9`])"), r"\1"),
    (re.compile(r"\[([^\[\]\x00]+)\]\(\s*\x00\s*\)"), "\\1 \x00"),
)
_SPACE_BEFORE = re.compile(r"\s+(?=[,;:.!?…)\]](?:\s|$))")
_POINTING = " \t:：→➡⮕👉🔗🏷⬇↓▶►>|•·,;–—-\ufe0f"
_WARNING = re.compile(r"^(?:cw|content warning|tw)\b(?!['’])\s*[:：,;/–—-]*\s*", re.IGNORECASE)
_SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
_WRITTEN_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


def headline(title: str, text: str, url: str | None, *, warning: str | None = None, others: Iterable[str] = ()) -> str:
    """The title of a post; for one without, the first words that its author wrote; at most about 120 characters.

    Behind a content `warning` it is that alone. `others`: what a post without words of its own may be called, the best
    first (the title of what it links to, what its picture shows). Else its tags, its link, its address `url`.
    """
    if warning:
        return "CW: " + _cut(_one_line(_WARNING.sub("", without_emojis(warning))) or _one_line(warning))
    if title:
        return title
    beginning = text[:_LOOKED_AT_CHARACTERS]
    said = _said(beginning)
    if not _has_words(said):
        said = next(filter(_has_words, map(_one_line, others)), "") or _rest(beginning)
    return _cut(said) or url or _NO_TITLE


def own_words(text: str) -> str:
    """A text without addresses, #hashtags, @mentions, a server's emoji and the line of a quote."""
    return without_links_tags_mentions(without_emojis(_QUOTED.sub("", text)))


def told(title: str, text: str, attached: str) -> tuple[str, str]:
    """Title and text as what decides on a post's matter reads them: its author's words before those `attached`.

    Who says nothing passes something on: the first line of what is attached is the title then, the rest the text.
    """
    attached = without_byline(attached)
    if not attached:
        return title, text
    if says_something(title, text):
        return title, f"{text}\n\n{attached}"
    first, _, rest = attached.partition("\n")
    return first, rest


def without_byline(attached: str) -> str:
    """What is attached without the line that says whose page it is: every video would be about its platform."""
    return attached.partition(f"\n{BYLINE}")[0]


def says_something(title: str, text: str) -> bool:
    """Does a post have words of its own, besides links, tags and mentions?"""
    return bool(title) or _has_words(own_words(text[:_LOOKED_AT_CHARACTERS]))


def without_emojis(text: str) -> str:
    """A text without the names of a server's own emoji (":blobcat:")."""
    return _EMOJI.sub(" ", text) if ":" in text else text


def _said(text: str) -> str:
    """The first words of a text that its author wrote for readers, as one line."""
    taken: list[str] = []
    for paragraph in _paragraphs(text):
        taken.append(paragraph)
        line = " ".join(taken)
        if len(line) >= _ENOUGH_CHARACTERS and line[-1] not in ":,":
            break
    return _SPOKEN_TO.sub("", " ".join(taken)).rstrip(_POINTING)


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text that say something, without links and lines of tags; hashtags as words."""
    if ":" in text:
        # An emoji parts what stands around it, as a full stop does; so does a link.
        text = _EMOJI.sub(" \x00", _QUOTED.sub("", text))
    lines = [(line, _is_tags(line)) for line in text.split("\n")]
    kept: list[str] = []
    for i, (line, is_tags) in enumerate(lines):
        if line.strip() and not is_tags:
            kept.append(_plain(line, is_last=_is_last(lines[i + 1 :])))
        elif kept and not line.strip():
            yield from filter(None, [" ".join(filter(None, kept))])
            kept = []
    yield from filter(None, [" ".join(filter(None, kept))])


def _is_last(following: Sequence[tuple[str, bool]]) -> bool:
    """Does nothing that is said follow in the paragraph, but links and tags?"""
    for line, is_tags in following:
        if not line.strip():
            return True
        if not is_tags and _WRITTEN_LINK.sub("", line).strip(_POINTING):
            return False
    return True


def _is_tags(line: str) -> bool:
    if "#" not in line and "＃" not in line:
        return False
    return _tags_alone().fullmatch(without_links(line).replace("\x00", "")) is not None


def _plain(line: str, *, is_last: bool) -> str:
    """One line without links and signs of markup; nothing where a label is left ("Source: …")."""
    bare = _WRITTEN_LINK.sub(_behind_link, line) if "/" in line or "www." in line.lower() else line
    if "@" in bare:
        bare = _HOST.sub(r"\1", bare)
    if "#" in bare or "＃" in bare:
        if is_last:
            bare = _without_last_tags(bare)
        bare = _HASH.sub("", bare)
    if any(sign in bare for sign in "*`[#"):
        for markup, words in _MARKUP:
            bare = markup.sub(words, bare)
    if "\x00" in bare:
        bare = _POINTER.sub(" ", bare) if is_last or _POINTER.match(bare) else bare
        bare = _SPACE_BEFORE.sub("", _EMPTY_BRACKETS.sub(" ", bare.replace("\x00", " ").rstrip()))
    return "" if bare != line and _LABEL.fullmatch(bare) else _one_line(bare)


def _without_last_tags(line: str) -> str:
    """A line without the tags at its end that are no words of it."""
    found = _tags_behind().search(line)
    if found and not (found["row"] and _needs_more(line[: found.start()], found["row"])):
        return line[: found.start()]
    while (last := _last_tag().search(line)) and not _LEADS_ON.search(before := line[: last.start()]):
        words = re.findall(r"\w+", before.casefold())
        said = {*words, *map("".join, pairwise(words))}
        if last[1][1:].casefold() not in said:
            break
        line = before
    return line


def _needs_more(words: str, tags: str) -> bool:
    """Are the tags behind these words what they speak of?"""
    if _LEADS_ON.search(words):
        return True
    is_short = len(words) <= _FEW_CHARACTERS and len(words.split()) <= _FEW_WORDS
    return is_short and len(re.findall(_HASHTAG, tags)) <= _FEW_TAGS and not SPACELESS_CHAR.search(words)


def _behind_link(link: re.Match[str]) -> str:
    """What is read in place of a link: what stands behind it without a space and belongs to the sentence; with its
    host, where the link is a word of that."""
    before, after = link.string[: link.start()], link.string[link.end() :]
    if not before.strip():
        is_word = _GOES_ON.match(after)
    else:
        leads_on = _LEADS_ON if after.strip(_POINTING) else _ENDS_WITH_LINK
        is_word = leads_on.search(before[-_LONGEST_LEAD:])
    if is_word:
        bare = _SCHEME.sub("", link[0])
        host = re.split(r"[/?#:]", bare)[0].rstrip(".,;!)]»”…").lower().removeprefix("www.")
        return host + link[0][len(link[0].rstrip(".,;:!?)]»”")) :]
    end = link[0].rstrip("…")[-2:].lstrip("/")
    marks = end[len(end.rstrip(".,;:!?)]»”")) :]
    return " \x00" + (marks if ")" not in marks or "(" not in link[0] else "")


def _rest(text: str) -> str:
    """What a post without words can be called: its tags, else where it points."""
    text = _QUOTED.sub("", text)
    tags = dict.fromkeys(tag[1:] for tag in re.findall(_HASHTAG, without_links(text)))
    link = _LINK.search(text)
    if tags and (len(tags) > 1 or not link):
        return ", ".join(tags)
    return _SCHEME.sub("", link[0]).rstrip("/") if link else _one_line(text)


def _has_words(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cut(line: str) -> str:
    """The beginning of a line, cut between two words; where none is seen, at least between two characters."""
    if len(line) <= _TITLE_CHARACTERS:
        return line
    cut = line[:_TITLE_CHARACTERS]
    if " " in cut:
        return cut.rsplit(" ", 1)[0] + " …"
    end = _TITLE_CHARACTERS
    while end > 1 and _continues(line[end - 1], line[end]):
        end -= 1
    return line[:end] + " …"


def _continues(before: str, char: str) -> bool:
    """Marks, signs that vary an emoji and joiners belong to the character before."""
    return (
        unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf")
        or before == "\u200d"
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


# ---------------------------------------------------------------- tags
# Made when the first text is read: these three take 16 ms, which a poll that brings no text need not pay.


@cache
def _tags_alone() -> re.Pattern[str]:
    return re.compile(rf"{_PADDING}*(?:{_HASHTAG}{_PADDING}*)+", re.MULTILINE)


@cache
def _tags_behind() -> re.Pattern[str]:
    """Behind a sentence, or several in a row: there to be found. One amid words, or at their end, is a word of them."""
    return re.compile(
        rf"(?:(?<=[.!?…。！？:\"'”’»)\]\x00])\s*{_HASHTAG}(?:[\s,;|/·•]*{_HASHTAG})*"
        rf"|(?P<row>\s{_HASHTAG}(?:[\s,;|/·•]+{_HASHTAG})+))[\s.\x00]*$"
    )


@cache
def _last_tag() -> re.Pattern[str]:
    return re.compile(rf"\s({_HASHTAG})[\s.\x00]*$")

"""What a message says to people: its title, and its body as plain text or Markdown.

One thing is told with who says so; several are a list. What others wrote is one line each, and carried out so that it
stays text: see `aggregator.publish.messages.form`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from aggregator.model.outbox import Item, Message, Row
from aggregator.publish.clean import web_address
from aggregator.publish.messages.form import Kind, escaped, linked, one_line
from aggregator.publish.messages.wording import Wording

# In characters. A title with its count stays below the 250 that most services take.
_TITLE, _LINE, _NAME, _ADDRESS = 160, 200, 60, 500
# So many posts of a story are named, and so many publishers.
_MOST_POSTS, _MOST_NAMES = 8, 3


def title(message: Message) -> str:
    """What it is about, in one line of plain text."""
    words = _wording(message)
    if not message.items:
        said = words.say("message.test_nothing")
    elif len(message.items) == 1 and not message.left_out:
        said = headline(message.items[0], words)
    else:
        what, first = words.counted(message.items), _called(message.items[0])
        said = words.say("message.several", what=what, first=first)
    return words.say("message.test", title=said) if message.is_test else said


def body(message: Message, kind: Kind = "plain", most: int | None = None) -> str:
    """What there is to say, with the addresses to read on; the title is not said again.

    `most`: so many characters; of several things those at the end are counted then, one alone is cut.
    """
    words = _wording(message)
    said = _body(message, len(message.items), words, kind)
    if most is None or len(said) <= most:
        return said
    room = most - len(_body(message, 0, words, kind)) - 1  # an empty line goes before it
    kept = 0
    for item in message.items:
        room -= len("\n".join(_listed(item, words, kind))) + 1
        if room < 0:
            break
        kept += 1
    if len(message.items) > 1 and kept:
        return _body(message, kept, words, kind)
    return _first_lines(said, most)


def _body(message: Message, kept: int, words: Wording, kind: Kind) -> str:
    """With the first `kept` items; the others are counted."""
    items, left_out = message.items, message.left_out + len(message.items) - kept
    lines = []
    if message.is_test:
        lines += [escaped(words.say("message.test_what", target=message.target), kind), ""]
    if len(items) == 1 and not left_out:
        lines += _whole(items[0], words, kind)
    else:
        lines += [line for item in items[:kept] for line in _listed(item, words, kind)]
    if left_out:
        lines += ["", escaped(words.some("message.left_out", left_out), kind)]
    return "\n".join(lines).strip("\n") or escaped(title(message), kind)


def _first_lines(text: str, most: int) -> str:
    """As many whole lines as have room; of a single long one the beginning."""
    end = text.rfind("\n", 0, max(most - 1, 1))
    return f"{text[:end]}\n…" if end > 0 else f"{text[: max(most - 1, 0)]}…"


def headline(item: Item, words: Wording) -> str:
    """One thing in one line of plain text: what it is called, and who says so or how it has grown."""
    name, row = _called(item), item.row
    if item.kind == "died":
        return words.say("message.source_gone" if row.get("status") == "gone" else "message.source_died", source=name)
    if item.kind == "back":
        return words.say("message.source_back", source=name)
    who = _by(row) if item.kind == "post" else _grown(item, words) or _publishers(row, words)
    return words.say("message.of", title=name, who=who) if who else name


def _wording(message: Message) -> Wording:
    return Wording(message.language, message.timezone, message.at, Path(message.words) if message.words else None)


def _called(item: Item) -> str:
    row = item.row
    if item.kind in ("died", "back"):
        return one_line(row.get("source") or row.get("shown_url") or row.get("url"), _TITLE)
    # What stands behind a content warning is called by that in the views.
    return one_line(row.get("title"), _TITLE) or one_line(row.get("url"), _TITLE)


def _publishers(row: Row, words: Wording) -> str:
    """How many, or who where it is one alone."""
    n = int(row.get("source_count") or 0)
    names = one_line(row.get("publishers"), _NAME)
    return names if n == 1 and names else words.some("count.publishers", n) if n else ""


def _by(row: Row) -> str:
    """Where a post stands; of a status who said it: its source may be a hashtag."""
    author = one_line(row.get("author"), _NAME) if row.get("kind") == "status" else ""
    return author or one_line(row.get("source"), _NAME)


def _grown(item: Item, words: Wording) -> str:
    """What is new since the target was told: "3 publishers more since 14:05"; "" where nothing was told before."""
    if item.told is None or item.kind not in ("story", "grown"):
        return ""
    since = words.hour(item.told.at)
    more = int(item.row.get("source_count") or 0) - item.told.publishers
    if more > 0:
        return words.some("message.more", more, since=since)
    return words.some("message.more_posts", len(item.posts), since=since) if item.posts else ""


# ---------------------------------------------------------------- one thing, and one of several


def _whole(item: Item, words: Wording, kind: Kind) -> Iterator[str]:
    """The lines of a message about one thing: who says so, what else is known of it, where to read on."""
    if item.kind in ("died", "back"):
        yield from _broken(_source(item, words, kind), kind)
        return
    if item.kind == "post":
        yield escaped(" · ".join(_of_post(item.row, words)), kind)
    else:
        yield from _posts(item, words, kind)
    if known := [escaped(line, kind) for line in _known(item, words)]:
        yield ""
        yield from _broken(known, kind)
    if link := web_address(item.link):
        yield ""
        yield linked(words.say("message.read"), link, kind) if kind == "markdown" else link


def _listed(item: Item, words: Wording, kind: Kind) -> list[str]:
    """The lines of one thing in a list."""
    name, said = _called(item), headline(item, words)
    link = web_address(item.link) or web_address(item.row.get("url"))
    # The title alone leads there, not who says so.
    begins, _, ends = said.partition(name) if name else (said, "", "")
    shown = linked(escaped(name, kind), link, kind) if name else ""
    more = [*_known(item, words), *(_why(item, words) if item.kind == "died" else ())]
    lines = [f"- {_inside(begins, kind)}{shown}{_inside(ends, kind)}", *(f"  {escaped(line, kind)}" for line in more)]
    if link and kind == "plain":
        lines.append(f"  {link}")
    return _broken(lines, kind)


def _inside(text: str, kind: Kind) -> str:
    """A part of a line, with the spaces at its ends."""
    return escaped(text, kind) if text.strip() else text


def _broken(lines: Iterable[str], kind: Kind) -> list[str]:
    """Lines of one paragraph that stay lines: Markdown would make one of them."""
    *first, last = lines
    return [*(f"{line}  " if kind == "markdown" else line for line in first), last]


def _posts(item: Item, words: Wording, kind: Kind) -> Iterator[str]:
    """Who says so, the first to say it first; what only repeats another's words is left out."""
    posts = [post for post in item.posts if post.get("copy_of") is None] or list(item.posts)
    for post in posts[:_MOST_POSTS]:
        by = f"{words.hour(post.get('published_at'))} {one_line(post.get('publisher'), _NAME)}".strip()
        name = linked(escaped(one_line(post.get("title"), _LINE), kind), post.get("url"), kind)
        yield f"- {escaped(by, kind)}: {name}" if by else f"- {name}"
    if len(posts) > _MOST_POSTS:
        yield "- " + words.some("message.also", len(posts) - _MOST_POSTS)
    if not posts:
        names = str(item.row.get("publishers") or "").split(", ")
        yield escaped(", ".join(one_line(name, _NAME) for name in names[:_MOST_NAMES]), kind)


def _of_post(row: Row, words: Wording) -> Iterator[str]:
    """When, where and by whom it was said."""
    source, author = one_line(row.get("source"), _NAME), one_line(row.get("author"), _NAME)
    yield from filter(None, (words.hour(row.get("published_at")), source, author if author != source else ""))


def _known(item: Item, words: Wording) -> Iterator[str]:
    """How many say so by now, where the title has only those that came, and which story this goes on with."""
    if item.told and item.kind in ("story", "grown") and (n := int(item.row.get("source_count") or 0)):
        yield words.say("message.all", all=words.some("count.publishers", n))
    earlier = item.earlier
    if earlier and (name := one_line(earlier.get("earlier_title"), _LINE)):
        key = "message.background" if earlier.get("kind") == "background" else "message.continues"
        yield words.say(key, title=name, date=words.date(earlier.get("earlier_at")))


def _source(item: Item, words: Wording, kind: Kind) -> list[str]:
    lines = [escaped(line, kind) for line in _why(item, words)] if item.kind == "died" else []
    # An address with a key in it is stored, and so shown, without the key.
    address = one_line(item.row.get("shown_url") or item.row.get("url"), _ADDRESS)
    return [
        *lines,
        f"<{address}>" if kind == "markdown" and web_address(address) == address else escaped(address, kind),
    ]


def _why(item: Item, words: Wording) -> Iterator[str]:
    """Why a source does not answer, and since when."""
    if why := one_line(item.row.get("last_error"), _LINE):
        yield words.say("message.why", why=why)
    at = words.hour(item.row.get("last_success_at"))
    yield words.say("message.answered", at=at) if at else words.say("message.never")

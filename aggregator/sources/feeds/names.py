"""The names of a document's entries: the id that each has within its source.

A name must be the same at every poll, however many others stand beside the entry then. The entry's own id is one, or
its link where it has no id. Where several share that, or a link is the site's, the entry is named by what tells it
apart besides; where it has neither, by its file or its words. A counter would name other entries as soon as a new one
stands before them. Under what other names an entry may be stored (it was alone with its id then; it was corrected
since) is said by `Post.kin`; which stored post it is, is decided in `aggregator.dedupe.document`.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregator.dedupe.details import file_key, mark
from aggregator.model.post import Post
from aggregator.text.urls import canonical_url, is_home_page

# Ids are keys of an index. Longer ones (texts in the wrong place, data URLs) are replaced by their digest.
MAX_ID = 500


def named(posts: Sequence[Post]) -> list[Post]:
    """The posts with native ids that differ from each other; without a `uri` where that is not theirs alone.

    Given with the id of the document as `native_id`, or what was written for a link; "" where there is neither.
    """
    kin = [_kin(post) for post in posts]
    members: dict[str, list[int]] = defaultdict(list)
    for number, found in enumerate(kin):
        members[found[0]].append(number)
    names = [found[0] for found in kin]
    for group in members.values():
        if len(group) > 1 or not _is_own(posts[group[0]]):
            for number, name in _told_apart(names[group[0]], group, posts).items():
                names[number] = name
    return [
        _with_name(post, name, () if found == (name,) else found, is_alone=len(members[found[0]]) == 1)
        for post, name, found in zip(posts, _numbered(names), kin, strict=True)
    ]


def _with_name(post: Post, name: str, kin: tuple[str, ...], *, is_alone: bool) -> Post:
    uri = post.uri if is_alone else None
    if (post.native_id, post.kin, post.uri) == (name, kin, uri):  # nearly all; a copy takes longer than all the rest
        return post
    return replace(post, native_id=name, kin=kin, uri=uri)


def short(native_id: str) -> str:
    """The id, or its beginning and its digest."""
    return native_id if len(native_id) <= MAX_ID else f"{native_id[:100]} {_digest(native_id)}"


def _kin(post: Post) -> tuple[str, ...]:
    """What the entry's name begins with, first; and what earlier versions, or the entry before its file came, had."""
    if post.native_id or post.url:
        return (short(post.native_id or post.url or ""),)
    words = _digest(post.title or post.text)
    files = [short(file_key(file.url)) for file in post.enclosures[:1]]
    return (*files, words, _digest(f"{post.title}\0{post.text}"))


def _is_own(post: Post) -> bool:
    """Is an entry that is alone with its id, link or file named by that?"""
    if post.has_id or not post.url:
        return bool(post.native_id or post.enclosures)
    return post.canonical_url is not None or not is_home_page(post.url)


def _told_apart(base: str, group: Sequence[int], posts: Sequence[Post]) -> dict[int, str]:
    """Names for the posts of one id: by their links, where those differ, else by what they say; then by their dates."""
    marks = {number: (_link(posts[number]), mark(posts[number]), _date(posts[number])) for number in group}
    if len(set(marks.values())) == 1 and _is_own(posts[group[0]]):
        return {}  # one entry, repeated
    links = Counter(link for link, _, _ in marks.values())
    names = {
        number: f"{base} {link}" if link and posts[number].has_id and links[link] == 1 else _joined(base, link, said)
        for number, (link, said, _) in marks.items()
    }
    uses = Counter(names.values())
    return {number: f"{name} {marks[number][2]}".strip() if uses[name] > 1 else name for number, name in names.items()}


def _joined(base: str, link: str, said: str) -> str:
    return f"{base} {said}" if not link or link == base else f"{base} {link} {said}"


def _link(post: Post) -> str:
    return canonical_url(post.url) or "" if post.url and post.has_id else ""


def _date(post: Post) -> str:
    """Empty where the entry has an address: the same words there once more, later, are no other entry."""
    has_address = post.url is not None and not is_home_page(post.url)
    return "" if has_address or not post.published_at else post.published_at.isoformat(timespec="seconds")


def _numbered(names: Iterable[str]) -> Iterable[str]:
    """The names, with a number added to those that were there before: true repetitions."""
    seen: dict[str, int] = {}
    for name in names:
        times = seen.get(name, 0) + 1
        numbered = name if times == 1 else f"{name} #{times}"
        while times > 1 and numbered in seen:
            times += 1
            numbered = f"{name} #{times}"
        seen[name] = times
        seen.setdefault(numbered, 1)
        yield numbered


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

"""Entries that came under another name and have no address to be known by: a podcast's new host gives new ids, a server
makes an id from a signed address. What they say, their dates and their files tell which stored posts they are.

A key counts only where one entry and one stored post have it: the same words with another date are the next episode.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from aggregator.dedupe import same_text
from aggregator.dedupe.candidates import files_of
from aggregator.dedupe.details import are_other_files, file_key
from aggregator.dedupe.evidence import has_same_date, has_same_text, is_exact, names_other_part, second
from aggregator.dedupe.told import Told
from aggregator.model.post import EnrichedPost, KnownPost, Post
from aggregator.text.words import CHARACTERS

# Characters. Shorter texts are shared by what one form was filled in for.
_LONG_TEXT = 200

_Keys = Callable[[Post | KnownPost], set[Hashable]]
_IsOne = Callable[[Post, KnownPost], bool]


def has_no_address(post: Post | KnownPost) -> bool:
    """An article that no address tells apart from others of its source."""
    return post.kind == "article" and post.canonical_url is None


def renamed(
    waiting: Sequence[EnrichedPost], entries: Sequence[EnrichedPost], stored: Mapping[int, KnownPost], taken: set[int]
) -> dict[str, int]:
    """Native id → post, of those of `waiting` that are stored under other names; none of these has an address.

    `entries`: all of the document; `stored`: posts of its source without address, by id; `taken`: those that other
    entries are.
    """
    found: dict[str, int] = {}
    rest = [each.post for each in waiting]
    posts = [each.post for each in entries if has_no_address(each.post)]
    for keys, is_one in _STEPS:
        said, known = _owners(posts, keys), _owners(stored.values(), keys)
        for post in rest:
            pairs = {known[key][0].id for key in keys(post) if len(said[key]) == 1 and len(known.get(key, ())) == 1}
            free = pairs - taken
            if len(free) == 1 and _may_be(post, stored[other := free.pop()], is_one):
                found[post.native_id] = other
                taken = taken | {other}
        rest = [post for post in rest if post.native_id not in found]
    return found


def _may_be(post: Post, known: KnownPost, is_one: _IsOne) -> bool:
    return not names_other_part(post, known) and is_one(post, known)


def _owners(posts: Any, keys: _Keys) -> dict[Hashable, list[Any]]:
    """Key → the posts that have it."""
    found: dict[Hashable, list[Any]] = {}
    for post in posts:
        for key in keys(post):
            found.setdefault(key, []).append(post)
    return found


def _words_and_date(post: Post | KnownPost) -> set[Hashable]:
    at, text = second(post.published_at), post.text[:CHARACTERS]
    return {(post.title, text, at)} if is_exact(at) and (post.title or text) else set()


def _files_and_title(post: Post | KnownPost) -> set[Hashable]:
    return {(file_key(url), post.title) for url in _files(post)}


def _title_and_date(post: Post | KnownPost) -> set[Hashable]:
    at = second(post.published_at)
    return {(post.title, at)} if is_exact(at) and post.title else set()


def _text_and_date(post: Post | KnownPost) -> set[Hashable]:
    at, text = second(post.published_at), post.text[:CHARACTERS]
    return {(text, at)} if is_exact(at) and len(text) >= _LONG_TEXT else set()


def _is_file_of_one(post: Post, known: KnownPost) -> bool:
    """Some feeds have all at one address (`latest.mp3`), and a key leaves out what may be the name of a file: without
    the same date, the address and the text must be the same."""
    if is_same_date := has_same_date(post, known):
        return True
    return is_same_date is None and has_same_text(post, known) and bool(_files(post) & _files(known))


def _is_same_words(_post: Post, _known: KnownPost) -> bool:
    return True


def _is_corrected(post: Post, known: KnownPost) -> bool:
    """The other words are those of the stored post, corrected a little; or there are none, nor files that differ.

    A date to the second and one field prove nothing by themselves: forms are filled in and sent out together. Files
    of one name are something: their host moved.
    """
    if _file_names(post) & _file_names(known):
        return True
    if are_other_files(_files(post), _files(known)):
        return False
    is_bare = not post.text and not known.text and post.title == known.title
    return is_bare or same_text.is_said_again(_told(post), _told(known), is_gone=True)


def _told(post: Post | KnownPost) -> Told:
    return Told(post.title, post.text, None, post.published_at, _files(post))


def _files(post: Post | KnownPost) -> frozenset[str]:
    return files_of(post) if isinstance(post, Post) else post.files


def _file_names(post: Post | KnownPost) -> set[str]:
    return {urlsplit(url).path for url in _files(post)}


# The surest first.
_STEPS: tuple[tuple[_Keys, _IsOne], ...] = (
    (_words_and_date, _is_same_words),
    (_files_and_title, _is_file_of_one),
    (_title_and_date, _is_corrected),
    (_text_and_date, _is_corrected),
)

"""Which stored post each entry of one document is, all entries seen together: no post is taken by two of them.

An entry is looked up by its name. Entries that share an id, or have none, are named by what tells them apart
(`aggregator.sources.feeds.names`), which a correction changes, and which earlier versions wrote otherwise. So an entry
without a post of its name may be one of its *kin*: posts of its source whose names begin with the same id. Those that
agree most are put together first. What then is left without a post and has no address may be stored under another name
altogether (`aggregator.dedupe.unlinked`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import datetime
from functools import cached_property

from aggregator.dedupe.candidates import Candidates
from aggregator.dedupe.evidence import (
    has_same_date,
    has_same_text,
    has_same_title,
    is_exact,
    is_lasting,
    is_rewritten,
    names_other_part,
    same_title,
    says_the_same,
    second,
)
from aggregator.dedupe.unlinked import has_no_address, renamed
from aggregator.model.post import EnrichedPost, KnownPost, Post, ShownPost
from aggregator.model.source import Source
from aggregator.text.urls import is_home_page
from aggregator.text.words import CHARACTERS

# Each entry is compared with each of its kin only where these are few.
_MOST_PAIRS = 2_000

# Feeds have so many entries, mostly.
_SMALL = 100
_NUMBER_OF_ID = re.compile(r"(?:^|[?&]id=)(\d+)$")

_Key = Callable[[Post | KnownPost], Hashable]
_IsOne = Callable[[EnrichedPost, KnownPost], bool]


class Document:
    """The entries that a source shows at once, among what is stored. `shown`: posts that further ones are, in their
    order, which have names of their own and say nothing new."""

    def __init__(
        self,
        posts: Sequence[EnrichedPost],
        source: Source,
        candidates: Candidates,
        shown: Sequence[ShownPost] = (),
    ) -> None:
        self._posts, self._source, self._candidates, self._shown = posts, source, candidates, shown
        self._noted: set[int] = set()

    def note(self, post_id: int) -> None:
        """One of the entries was decided to be this post."""
        self._noted.add(post_id)

    def shows(self, known: KnownPost) -> bool:
        """Is this post, of the document's source, among its entries?"""
        return known.id in self._noted or known.id in self._known

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset((*self._taken.values(), *self._assigned.values()))

    def find(self, enriched: EnrichedPost) -> KnownPost | None:
        """The stored post that this entry of the document is, by its name or among its kin."""
        post = enriched.post
        found = self._candidates.item(self._source.id, post.native_id)
        if found and not self.is_other(enriched, found):
            return found
        post_id = self._assigned.get(post.native_id)
        return None if post_id is None else self._candidates.post(post_id)

    def stands_beside(self, post: Post, known: KnownPost) -> bool:
        """Of an entry that is named by what it says: is the stored post another one, by its date or this document?"""
        if not post.kin or has_same_text(post, known):  # the same words at the same address
            return False
        if has_same_date(post, known) is False and self._keeps_dates:
            return True
        return known.id in self._taken.values() or known.id in self._assigned.values()

    def is_other(self, enriched: EnrichedPost, known: KnownPost) -> bool:
        """Was the name of this entry used before for something else, `known`?"""
        post = enriched.post
        if post.kin and post.native_id != post.kin[0]:  # named by what it says
            return has_same_date(post, known) is False and not _has_address(post) and self._keeps_dates
        if enriched.digest == known.digest:
            return False
        has_moved = _differ(post.canonical_url, known.canonical_url)
        if has_moved is False and (not post.has_id or has_same_title(post, known)) and not _is_stale(post, known):
            return False
        if has_moved is not False and self._stands_elsewhere(post, known):
            return True
        return not is_lasting(post, post.native_id, known) and self._speaks_against(post, known, has_moved)

    def _speaks_against(self, post: Post, known: KnownPost, has_moved: bool | None) -> bool:
        """An id that may be a place in a list, or a constant: is it still the same article?"""
        has_new_title = not has_same_title(post, known) if post.title and known.title else None
        is_same_text, is_same_date = is_rewritten(post, known), has_same_date(post, known)
        is_own_date = is_same_date and is_exact(known.published_at) and self._dates[second(post.published_at)] == 1
        if is_same_text or (is_own_date and not self._may_be_place(post.native_id)):
            return False
        against = [has_moved is True, has_new_title is True, is_same_text is False, is_same_date is False]
        return sum(against) >= 3 or (has_moved is True and has_new_title is True)

    def _may_be_place(self, native_id: str) -> bool:
        """A number that is small beside the number of entries may say where an entry stands in the list."""
        number = _NUMBER_OF_ID.search(native_id)
        return number is not None and int(number[1][:9]) <= max(_SMALL, 2 * (len(self._posts) + len(self._shown)))

    def _stands_elsewhere(self, post: Post, known: KnownPost) -> bool:
        """The stored post is in the document under another id; or what this entry says is stored under another."""
        name = post.native_id
        if known.canonical_url and self._by_link.get(known.canonical_url, name) != name:
            return True
        if known.title and not has_same_title(post, known) and self._by_title.get(known.title, name) != name:
            return True
        there = self._candidates.at_link(post.canonical_url) if post.canonical_url else []
        return any(
            other.id != known.id and self._source.id in other.source_ids and same_title(post.title, other.title)
            for other in there
        )

    @cached_property
    def _by_link(self) -> dict[str, str]:
        return {each.canonical_url: each.native_id for each in self._entries() if each.canonical_url}

    @cached_property
    def _by_title(self) -> dict[str, str]:
        return {each.title: each.native_id for each in self._entries() if each.title}

    def _entries(self) -> Iterator[Post | ShownPost]:
        """All, in the order of the document."""
        shown = iter(self._shown)
        following = next(shown, None)
        for number, each in enumerate(self._posts):
            while following and following.before <= number:
                yield following
                following = next(shown, None)
            yield each.post
        if following:
            yield following
            yield from shown

    @cached_property
    def _dates(self) -> Counter[datetime | None]:
        return Counter(second(each.published_at) for each in self._entries())

    @cached_property
    def _keeps_dates(self) -> bool:
        """Entries are dated as they were before: not all with the time of the run."""
        if any(each.has_same_date for each in self._shown):
            return True
        known = ((each.post, self._candidates.item(self._source.id, each.post.native_id)) for each in self._posts)
        return any(found is not None and has_same_date(post, found) for post, found in known)

    # ------------------------------------------------------------ kin

    @cached_property
    def _taken(self) -> dict[str, int]:
        """Native id → post, of the entries that are known by their names."""
        named = ((each, self._candidates.item(self._source.id, each.post.native_id)) for each in self._posts)
        taken = {each.post.native_id: known.id for each, known in named if known and not self.is_other(each, known)}
        return taken | {each.native_id: each.id for each in self._shown}

    @cached_property
    def _assigned(self) -> dict[str, int]:
        """Native id → post, of the entries that are not known by their names."""
        free: dict[int, KnownPost] = {}
        waiting: list[EnrichedPost] = []
        for each in self._posts:
            known = self._candidates.item(self._source.id, each.post.native_id)
            if each.post.native_id in self._taken:
                continue
            kin = self._kin(each.post)
            free.update((other.id, other) for other in kin if known is None or other.id != known.id)
            if kin:
                waiting.append(each)
        titles = Counter(each.title for each in self._entries()), Counter(known.title for known in free.values())
        generic = {title for found in titles for title, uses in found.items() if uses > 1}
        for post_id in free.keys() & self._taken.values():
            del free[post_id]
        found = _Pairing(waiting, free, generic).pairs(keeps_dates=self._keeps_dates) if free else {}
        return found | self._renamed(found)

    def _renamed(self, found: dict[str, int]) -> dict[str, int]:
        """The same for those that have neither kin among the stored posts nor an address."""
        names = self._taken.keys() | found.keys()
        waiting = [each for each in self._posts if each.post.native_id not in names and has_no_address(each.post)]
        stored = {known.id: known for known in self._candidates.without_address(self._source.id)} if waiting else {}
        return renamed(waiting, self._posts, stored, {*self._taken.values(), *found.values()}) if stored else {}

    def _kin(self, post: Post) -> list[KnownPost]:
        names = post.kin or (post.native_id,)
        found = {known.id: known for name in names for known in self._candidates.kin(self._source.id, name)}
        return [known for known in found.values() if known.kind == post.kind and not known.is_gone]


class _Pairing:
    """Entries and the stored posts that are free to be one of them, the surest pairs first.

    `generic`: titles that several have.
    """

    def __init__(self, waiting: list[EnrichedPost], free: dict[int, KnownPost], generic: set[str]) -> None:
        self._waiting, self._free, self._generic = waiting, free, generic
        self._found: dict[str, int] = {}

    def pairs(self, *, keeps_dates: bool) -> dict[str, int]:
        """Native id → post. `keeps_dates`: another date is another post."""
        self._join(_words_and_date, lambda e, k: e.details == k.details)
        self._join(_words_and_date)
        may_be_renewed = not (keeps_dates or self._found)

        def is_dated_so(each: EnrichedPost, known: KnownPost) -> bool:
            if may_be_renewed or has_same_date(each.post, known) is not False:
                return True
            return each.post.url == known.url and _has_address(each.post) and has_same_text(each.post, known)

        self._join(lambda post: _words_and_date(post)[:2], is_dated_so)
        self._join(lambda post: post.canonical_url, lambda e, k: is_dated_so(e, k) and has_same_title(e.post, k))
        self._join(_title_and_date)
        self._join(_text_and_date)
        if len(self._waiting) * len(self._free) <= _MOST_PAIRS:
            self._join(lambda _: "any", lambda e, k: is_dated_so(e, k) and says_the_same(e.post, k))
        self._join_undated()
        return self._found

    def _join(self, key_of: _Key, is_one: _IsOne = lambda _each, _known: True) -> None:
        """Put together what has the same key, in the order of both. A key that is None is none."""
        by_key: dict[Hashable, list[KnownPost]] = {}
        for known in self._free.values():
            by_key.setdefault(key_of(known), []).append(known)
        rest: list[EnrichedPost] = []
        for each in self._waiting:
            key = key_of(each.post)
            there = by_key.get(key, []) if key is not None else []
            pair = next((k for k in there if k.id in self._free and _may_be(each, k, is_one)), None)
            if pair is None:
                rest.append(each)
            else:
                self._found[each.post.native_id] = pair.id
                del self._free[pair.id]
        self._waiting = rest

    def _join_undated(self) -> None:
        """Title and link stay, nothing has a date: the text was corrected, if nothing else is called so."""
        self._join(
            lambda post: post.title if post.title not in self._generic else None,
            lambda e, k: not (e.post.published_at or k.published_at) and e.post.url == k.url,
        )


def _may_be(each: EnrichedPost, known: KnownPost, is_one: _IsOne) -> bool:
    if names_other_part(each.post, known):
        return False
    if _differ(each.post.canonical_url, known.canonical_url) and not (
        is_exact(known.published_at) and has_same_date(each.post, known)
    ):
        return False
    return is_one(each, known)


def _words_and_date(post: Post | KnownPost) -> tuple[str, str, datetime | None]:
    return post.title, post.text[:CHARACTERS], second(post.published_at)


def _title_and_date(post: Post | KnownPost) -> Hashable:
    title, _, at = _words_and_date(post)
    return (title, at) if title and is_exact(at) else None


def _text_and_date(post: Post | KnownPost) -> Hashable:
    _, text, at = _words_and_date(post)
    return (text, at) if text and is_exact(at) else None


def _has_address(post: Post) -> bool:
    return post.url is not None and not is_home_page(post.url)


def _differ(one: str | None, other: str | None) -> bool | None:
    return None if one is None or other is None else one != other


def _is_stale(post: Post, known: KnownPost) -> bool:
    """An entry that has no id, at an address that need not name one thing, says something else altogether, later."""
    has_new_title = bool(post.title and known.title) and not has_same_title(post, known)
    return not post.has_id and has_new_title and has_same_date(post, known) is False

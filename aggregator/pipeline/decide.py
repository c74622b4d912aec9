"""Old state and what was collected → what to write. Pure: no I/O, no clock, no globals.

For each collected post, in the order of its time: `dedupe` says whether it is new, known, edited or a copy; a new one
gets its story (`stories.assign`: of the post it copies, of a post that shares its link, or the nearest); a new story is
linked to earlier coverage. For each source: `schedule` says when it is due again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aggregator.dedupe.candidates import Candidates, as_known
from aggregator.dedupe.copies import become_copies, find_copy
from aggregator.dedupe.document import Document
from aggregator.dedupe.identity import date_of, has_late_words, has_other_files, is_settled
from aggregator.dedupe.statuses import is_by_api
from aggregator.dedupe.tombstones import tombstones_of
from aggregator.dedupe.verdict import New, Same, verdict
from aggregator.model.changes import (
    Back,
    Changes,
    CopyOf,
    Counts,
    EditedPost,
    Files,
    FilteredPost,
    LateWords,
    Membership,
    NewPost,
    PolledSource,
    Said,
    Sighting,
)
from aggregator.model.poll import Collected
from aggregator.model.post import EnrichedPost, KnownPost, Neighbours
from aggregator.model.source import Source
from aggregator.model.timelines import GoneBecause
from aggregator.pipeline.filters import Filters
from aggregator.pipeline.placing import Placing
from aggregator.pipeline.quotes import allowed, as_stored, is_withdrawn
from aggregator.pipeline.schedule import Tally, polled_source
from aggregator.stories.assign import place_again
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import StoryPost, story_post
from aggregator.text.urls import is_home

# So many unknown ids at once, and such a share of a feed's: its software may have given all entries new ones.
_FLOOD_POSTS = 10
_FLOOD_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Settings:
    """What deciding needs of the configuration.

    `kinds`: each topic's kind; those other than 'topic' name somebody. `empties_gone`: deleted posts lose their text.
    `earlier_within`: how old earlier coverage may be.
    """

    max_backoff: timedelta
    kinds: Mapping[str, str]
    filters: Filters = field(default_factory=Filters)
    empties_gone: bool = True
    earlier_within: timedelta = timedelta(days=200)


def decide(
    batch: Sequence[Collected],
    neighbours: Neighbours,
    stories: Overlay,
    settings: Settings,
    now: datetime,
    dice: Callable[[], float],
    *,
    waits: bool = False,
) -> Changes:
    """What to write after these polls. Later posts of the batch see the earlier ones; `stories`: the open ones.

    `waits`: new posts get their stories later (`aggregator.pipeline.decide_stories`).
    """
    decider = _Decider(neighbours, stories, settings, now, waits=waits)
    polled = []
    for collected in batch:
        tally = decider.take(collected)
        if len(neighbours.shown.get(collected.source.id, ())) < len(collected.unchanged):
            collected = _read_again(collected)
        polled.append(polled_source(collected, tally, settings.max_backoff, now, dice()))
    return decider.changes(tuple(polled))


@dataclass(slots=True)
class _Written:
    new: list[NewPost] = field(default_factory=list)
    edited: list[EditedPost] = field(default_factory=list)
    counts: list[Counts] = field(default_factory=list)
    files: list[Files] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    became_copies: list[tuple[int, CopyOf]] = field(default_factory=list)
    unquoted: list[int] = field(default_factory=list)
    filtered: list[FilteredPost] = field(default_factory=list)
    gone: dict[int, GoneBecause] = field(default_factory=dict)


class _Decider:
    """One batch. Holds what was decided so far, so that the next post sees it."""

    def __init__(
        self,
        neighbours: Neighbours,
        stories: Overlay,
        settings: Settings,
        now: datetime,
        *,
        waits: bool = False,
    ) -> None:
        self._waits = waits
        self._candidates = Candidates(neighbours)
        self._older_near = neighbours.older_near
        self._forgotten, self._shown, self._pruned = neighbours.forgotten, neighbours.shown, neighbours.pruned
        self._stories = stories
        self._settings = settings
        self._now = now
        self._next_post_id = neighbours.next_post_id
        self._placing = Placing(self._candidates, stories, neighbours.next_story_id, settings.earlier_within)
        self._out = _Written()

    def take(self, collected: Collected) -> Tally:
        """Decide the posts of one source, oldest first."""
        tally = Tally(gone=self._take_gone(collected))
        shown = self._shown.get(collected.source.id, ())
        met = {each.id for each in shown}
        is_flood = self._is_flood(collected)
        document = Document(collected.whole, collected.source, self._candidates, shown)
        for each in sorted(collected.posts, key=lambda enriched: enriched.post.published_at or self._now):
            enriched = allowed(each, self._candidates, self._forgotten, empties_gone=self._settings.empties_gone)
            found = verdict(enriched, collected.source, self._candidates, document=document, is_flood=is_flood)
            if isinstance(found, Same) and found.known.id in met:
                self._see(enriched, collected, found, is_flood=is_flood)
                continue  # two entries are one post: each would edit the other at every poll
            document.note(found.known.id if isinstance(found, Same) else self._next_post_id)
            if isinstance(found, Same) and found.is_back and enriched.post.author in self._forgotten:
                continue
            if isinstance(found, Same):
                met.add(found.known.id)
                tally.held += is_flood and not self._candidates.has_item(collected.source.id, found.native_id)
                tally.edited += self._take_same(enriched, collected, found, is_flood=is_flood)
                self._note(enriched, collected, found.known.id)
            elif self._was_pruned(enriched, collected.source):
                continue
            elif self._is_out(enriched, collected, found.native_id):
                tally.filtered += 1
            elif enriched.post.author not in self._forgotten:
                met.add(self._next_post_id)
                said = collected.said.get(found.native_id) if found.native_id == enriched.post.native_id else None
                tally.copies += self._take_new(enriched, collected, found, said)
                tally.new += 1
        return tally

    def changes(self, polled: tuple[PolledSource, ...]) -> Changes:
        """Everything that was decided."""
        out = self._out
        return Changes(
            now=self._now,
            new=tuple(out.new),
            edited=tuple(out.edited),
            counts=tuple(out.counts),
            files=tuple(out.files),
            sightings=tuple(out.sightings),
            said=tuple(out.said),
            became_copies=tuple(out.became_copies),
            unquoted=tuple(out.unquoted),
            stories=tuple(self._placing.heads.values()),
            links=tuple(self._placing.links),
            filtered=tuple(out.filtered),
            polled=polled,
            gone=out.gone,
            empties_gone=self._settings.empties_gone,
        )

    def _take_gone(self, collected: Collected) -> int:
        """Posts that their server has no more."""
        known = (
            (
                self._candidates.item(collected.source.id, native_id),
                collected.gone_because.get(native_id, GoneBecause.DELETED),
            )
            for native_id in collected.gone
        )
        gone = {post.id: because for post, because in known if post and not post.is_gone}
        for post_id in gone:
            self._candidates.bury(post_id)
        self._out.gone |= gone
        return len(gone)

    def _is_out(self, enriched: EnrichedPost, collected: Collected, native_id: str) -> bool:
        """One of the user's filters keeps the post out; which, is noted."""
        why = self._settings.filters.why_out(enriched, collected.source, collected.title)
        if why:
            self._out.filtered.append(
                FilteredPost(
                    source_id=collected.source.id, native_id=native_id, title=enriched.headline, url=enriched.post.url,
                    filter=why[0], because=why[1], seen_at=self._now,
                )
            )  # fmt: skip
        return why is not None

    def _is_flood(self, collected: Collected) -> bool:
        """Did a feed that was read before bring many entries at once, nearly all under unknown ids?"""
        if collected.source.kind != "feed" or collected.memory.last_success_at is None:
            return False
        source, posts = collected.source, collected.posts
        new = [each for each in posts if not self._candidates.has_item(source.id, each.post.native_id)]
        unknown = sum(not self._was_pruned(each, source) for each in new)
        # Of what is saved in batches each has its share of the entries of which no post was made.
        beside = len(collected.unchanged) * len(posts) / len(collected.whole) if posts else 0
        return unknown >= _FLOOD_POSTS and unknown >= _FLOOD_SHARE * (len(posts) + beside)

    def _was_pruned(self, enriched: EnrichedPost, source: Source) -> bool:
        """Retention took it away, and the source shows it still."""
        return bool(self._pruned) and not self._pruned.isdisjoint(tombstones_of(enriched, source.id))

    def _see(self, enriched: EnrichedPost, collected: Collected, found: Same, *, is_flood: bool) -> None:
        known, post, source = found.known, enriched.post, collected.source
        # Some feeds have other ids at every poll: what its address tells need not be remembered by each of them.
        is_found_again = is_flood and post.canonical_url == known.canonical_url and source.id in known.source_ids
        if not is_found_again and not self._candidates.has_item(source.id, found.native_id):
            self._out.sightings.append(
                Sighting(
                    source_id=source.id, native_id=found.native_id, post_id=known.id, seen_at=self._now,
                    by_token=source.is_asked_with_secret, by_first_poll=collected.is_of_before,
                )
            )  # fmt: skip
            self._candidates.see(known, source.id, found.native_id)

    def _note(self, enriched: EnrichedPost, collected: Collected, post_id: int) -> None:
        """Keep the digest of a known entry that need not be taken in again. `post_id`: what was found that it is."""
        native_id, source = enriched.post.native_id, collected.source
        digest = collected.said.get(native_id)
        known = self._candidates.item(source.id, native_id) if digest else None
        if digest and known and known.id == post_id and is_settled(enriched, source, known):
            self._out.said.append(Said(source.id, native_id, digest))

    def _take_same(self, enriched: EnrichedPost, collected: Collected, found: Same, *, is_flood: bool) -> bool:
        self._see(enriched, collected, found, is_flood=is_flood)
        known, post, source = found.known, enriched.post, collected.source
        is_first_hand = _is_first_hand(known, source)
        if is_by_api(post, source):
            self._out.counts.append(
                Counts(
                    post_id=known.id, boosts=post.boosts, favourites=post.favourites, replies=post.replies,
                    bot=post.bot if is_first_hand else None, indexable=post.indexable if is_first_hand else None,
                )
            )  # fmt: skip
        if is_withdrawn(enriched, known, is_first_hand=is_first_hand):
            self._out.unquoted.append(known.id)
            if known.story_id is not None:
                self._stories.retitle(known.story_id, known.id, enriched.headline)
        if found.edited and post.author not in self._forgotten:
            self._edit(enriched, source, found)
        elif not found.edited and has_other_files(post, source, known):
            self._out.files.append(Files(known.id, post.enclosures))
            self._candidates.renew_files(known.id, post)
        return found.edited

    def _edit(self, enriched: EnrichedPost, source: Source, found: Same) -> None:
        known = found.known
        enriched = as_stored(enriched, known, is_first_hand=_is_first_hand(known, source))
        enriched = replace(enriched, post=replace(enriched.post, published_at=date_of(enriched.post, known)))
        late = self._late(enriched, source, known) if not found.is_said and not found.is_back else None
        self._out.edited.append(
            EditedPost(
                id=known.id,
                enriched=enriched,
                seen_at=self._now,
                headline=enriched.headline,
                is_said=found.is_said,
                back=self._back(enriched, source, known) if found.is_back else None,
                late=late,
            )
        )
        if known.story_id is not None:
            self._stories.retitle(known.story_id, known.id, enriched.headline)
        self._candidates.edit(known.id, enriched, is_by_api=is_by_api(enriched.post, source))
        if late and late.membership:
            self._candidates.move(known.id, late.membership.story_id)

    def _late(self, enriched: EnrichedPost, source: Source, known: KnownPost) -> LateWords | None:
        """What a card, a link or a quote that came later tells of the post's story."""
        if known.story_id is None or known.copy_of is not None or not has_late_words(enriched, known):
            return None
        post = self._story_post(enriched, source, known.id)
        linked = self._placing.sharing_link_of(enriched, without=known.story_id)
        words = self._stories.words(post)
        return LateWords(
            story_id=known.story_id, words=words, membership=place_again(post, known.story_id, self._stories, linked)
        )

    def _back(self, enriched: EnrichedPost, source: Source, known: KnownPost) -> Back:
        """A tombstone is shown again: what it copies by now, and its words. It goes back to where it was, or to its
        original's story."""
        copy_of = find_copy(enriched, source, self._candidates, lambda _: None)
        story_id = self._candidates.story_of(copy_of.post_id) if copy_of else None
        words = self._stories.words(self._story_post(enriched, source, known.id))
        return Back(copy_of=copy_of, story_id=known.story_id if story_id is None else story_id, words=words)

    def _take_new(self, enriched: EnrichedPost, collected: Collected, found: New, said: bytes | None) -> bool:
        """Decide on a post that is new; is it a copy?"""
        source, post_id = collected.source, self._next_post_id
        self._next_post_id += 1
        older = self._older_near.get((source.id, enriched.post.native_id), ())
        if found.native_id != enriched.post.native_id:
            enriched = replace(enriched, post=replace(enriched.post, native_id=found.native_id))
        copy_of: CopyOf | None = found.copy_of
        membership: Membership | None = None
        words: Mapping[str, float] = {}
        if not self._waits:
            copy_of, membership, words = self._placing.decide(
                self._story_post(enriched, source, post_id), enriched, found, lambda _: older
            )
        self._out.new.append(
            NewPost(
                id=post_id, source_id=source.id, enriched=enriched, first_seen_at=self._now,
                copy_of=copy_of, membership=membership, words=words,
                by_token=source.is_asked_with_secret, by_first_poll=collected.is_of_before, said=said,
            )
        )  # fmt: skip
        at = enriched.post.published_at or self._now
        known = as_known(
            post_id, enriched, {source.id}, at=at, seen_at=self._now, copy_of=copy_of,
            story_id=membership.story_id if membership else None,
            is_by_api=is_by_api(enriched.post, source), is_listed=source.lists_links,
        )  # fmt: skip
        self._candidates.add(known, source.id, found.native_id, enriched.bands)
        if copy_of is None:
            for other, copy in become_copies(enriched, self._candidates):
                self._out.became_copies.append((other.id, replace(copy, post_id=post_id)))
                self._candidates.make_copy(other.id, post_id)
        return copy_of is not None

    def _story_post(self, enriched: EnrichedPost, source: Source, post_id: int) -> StoryPost:
        post = enriched.post
        entities = (
            match.topic for match in enriched.topics if self._settings.kinds.get(match.topic, "topic") != "topic"
        )
        return story_post(
            post_id=post_id, source_id=source.id, kind=post.kind, title=enriched.headline,
            language=enriched.language, terms=enriched.terms, entities=entities,
            at=post.published_at or self._now, seen_at=self._now, voice=enriched.publisher,
            vector=enriched.embedding.vector if enriched.embedding else None,
        )  # fmt: skip


def _read_again(collected: Collected) -> Collected:
    """The same, to be read as a whole at the next poll: while it was read, a post was changed that it has."""
    memory = replace(collected.memory, etag=None, last_modified=None, body_digest=None)
    return replace(collected, memory=memory)


def _is_first_hand(known: KnownPost, source: Source) -> bool:
    """Is it the status's home server that speaks, or the only source that has shown it?"""
    return is_home(known.uri, source.url) or known.source_ids == {source.id}

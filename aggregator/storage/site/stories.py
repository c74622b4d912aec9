"""Stories as readers see them, with what may be shown of their posts: here, and nowhere else, that is decided.

Not shown are posts that are gone; posts that only an access token shows, unless the configuration says that they may
be (`publish = true` of their source); and those of people who did not agree to be found, unless it says so.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from aggregator.model.brief import Brief
from aggregator.model.changes import EarlierKind
from aggregator.model.settings import Publish
from aggregator.model.site import (
    Dated,
    LinkedStory,
    Merged,
    Said,
    ShownPost,
    ShownStory,
    ShownTopic,
    shared_topics,
    voices_of,
)
from aggregator.storage.briefs.rows import load_briefs
from aggregator.storage.site.because import shown_because
from aggregator.storage.site.brief import shown_brief
from aggregator.storage.site.names import load_names, names_of_feeds, voice
from aggregator.storage.site.shown import has_agreed, is_public
from aggregator.storage.times import from_text
from aggregator.storage.words.called import called
from aggregator.stories.score import story_score
from aggregator.text.excerpt import shortened
from aggregator.text.story_slugs import words_in, words_of_any

# Enough for the first sentences of an article, and for all of most statuses. In characters.
_TEXT = 1_500
# As `earlier_coverage`.
_LINKS = {"continues": 4, "background": 1}
_LATER = 5
_FEW_WORDS = 400

_IN = "IN (SELECT value FROM json_each(?))"

_STORIES = f"""
SELECT id, slug, title, language, score, pinned_at IS NOT NULL, given_title IS NOT NULL, lead_post_id,
  (SELECT max(c.made_at) FROM corrections c WHERE c.story_id = stories.id AND c.what = 'rename')
FROM stories
WHERE id {_IN} AND merged_into IS NULL AND post_count > 0
"""

_POSTS = f"""
SELECT p.id, p.story_id, p.kind, p.sort_at, p.first_seen_at, {called("p")}, substr(p.text, 1, {_TEXT}), p.url,
  p.article_url, p.author, p.publisher, p.language, p.story_because, p.copy_of, p.content_warning,
  {has_agreed("p")}, p.edited_at, p.published_at
FROM posts p WHERE p.story_id {_IN} AND p.gone_at IS NULL AND p.pruned_at IS NULL
ORDER BY p.story_id, p.sort_at, p.id
"""

# Of these posts, those that no source shows to everybody.
_HIDDEN = f"SELECT p.id FROM posts p WHERE p.id {_IN} AND NOT {is_public('p')}"

_TOPICS = f"SELECT post_id, topic, score FROM post_topics WHERE post_id {_IN}"
_BEFORE = f"SELECT post_id, replaced_at, title FROM post_revisions WHERE post_id {_IN} AND title <> '' ORDER BY id"
_UNSAID = f"SELECT coalesce(title, ''), substr(coalesce(text, ''), 1, {_TEXT}) FROM post_revisions WHERE post_id {_IN}"
_ANSWERS = f"SELECT id, coalesce(boosts, 0), coalesce(replies, 0) FROM posts WHERE id {_IN}"
_LINKED = f"""
SELECT l.story_id, l.earlier_story_id, l.kind, l.similarity, l.because FROM story_links l
JOIN stories s ON s.id = l.story_id JOIN stories e ON e.id = l.earlier_story_id
WHERE (l.story_id {_IN} OR l.earlier_story_id {_IN}) AND e.last_at < s.first_at
ORDER BY l.kind DESC, l.similarity DESC, e.first_at DESC, e.id
"""


class _Link(NamedTuple):
    story_id: int
    earlier_id: int
    kind: EarlierKind
    similarity: float
    because: str


class Stories:
    """Loads stories, each once: a build shows many of them in several places.

    `topics`: all that there are, by slug.
    """

    def __init__(self, conn: sqlite3.Connection, settings: Publish) -> None:
        self._conn, self._settings = conn, settings
        self.names = load_names(conn)
        rows = conn.execute("SELECT topic, label, kind FROM topics")
        self.topics: Mapping[str, ShownTopic] = {row[0]: ShownTopic(*row) for row in rows}
        self._bare: dict[int, ShownStory | None] = {}
        self._whole: dict[int, ShownStory | None] = {}
        # As they are stored: which of their sentences may be shown depends on what came before, too.
        self._briefs: dict[int, Brief] = {}

    def forget(self) -> None:
        """Let go of what was loaded, so that a full build holds no more than a part of all."""
        self._bare.clear()
        self._whole.clear()
        self._briefs.clear()

    def load(self, ids: Iterable[int]) -> list[ShownStory]:
        """These stories, in this order, without what came before and after; those with nothing to show left out."""
        ids = list(ids)
        missing = [story_id for story_id in dict.fromkeys(ids) if story_id not in self._bare]
        if missing:
            self._bare |= dict.fromkeys(missing)
            self._bare |= self._load(missing)
        return [story for story_id in ids if (story := self._bare[story_id])]

    def load_whole(self, ids: Iterable[int]) -> list[ShownStory]:
        """The same with earlier and later coverage."""
        ids = list(ids)
        missing = [story_id for story_id in dict.fromkeys(ids) if story_id not in self._whole]
        if missing:
            self._whole |= dict.fromkeys(missing)
            self._whole |= self._linked(self.load(missing))
        return [story for story_id in ids if (story := self._whole[story_id])]

    def load_answered(self, ids: Iterable[int]) -> list[ShownStory]:
        """As `load_whole`, with what was answered, which no change tells of: only for what is built each time."""
        stories = self.load_whole(ids)
        keys = json.dumps([post.id for story in stories for post in story.posts if post.kind == "status"])
        answers = {row[0]: row[1:] for row in self._conn.execute(_ANSWERS, (keys,))}
        return [
            _with(story, posts=tuple(_answered(post, *answers.get(post.id, (0, 0))) for post in story.posts))
            for story in stories
        ]

    def old_address(self, merged: Merged, target: ShownStory) -> str:
        """The slug of the page that a merged story had, as it was shown: with no words but those that are shown."""
        return self._address(merged.slug, merged.id, [target.title], target.posts)

    def _address(self, slug: str, story_id: int, titles: Sequence[str], posts: Sequence[ShownPost]) -> str:
        """The slug of a story with these posts, without words unless these tell them, or told them until an edit.

        It keeps those of its first title. Whose that was may be hidden or gone, also from another story, into which it
        was moved.
        """
        said = chain(titles, (text for post in posts for text in (post.title, post.text)), self._unsaid(posts))
        return slug if _tells(slug, said) else str(story_id)

    def _unsaid(self, posts: Sequence[ShownPost]) -> Iterator[str]:
        keys = json.dumps([post.id for post in posts if not post.content_warning])
        for texts in self._conn.execute(_UNSAID, (keys,)):
            yield from texts

    # ------------------------------------------------------------ rows

    def _load(self, ids: Sequence[int]) -> dict[int, ShownStory]:
        heads = {row[0]: row for row in self._conn.execute(_STORIES, (json.dumps(ids),))}
        posts, hidden = self._posts(list(heads))
        self._briefs |= load_briefs(self._conn, posts, self._settings.language)
        return {
            story_id: self._story(heads[story_id], tuple(of_one), hidden.get(story_id))
            for story_id, of_one in posts.items()
        }

    def _posts(self, ids: Sequence[int]) -> tuple[dict[int, list[ShownPost]], dict[int, set[str]]]:
        """Story → its posts that may be shown; and of those with others, story → accounts that may not be named."""
        rows = self._conn.execute(_POSTS, (json.dumps(ids),)).fetchall()
        keys = json.dumps([row[0] for row in rows])
        by_token = {row[0] for row in self._conn.execute(_HIDDEN, (keys,))}
        before: dict[int, list[Said]] = defaultdict(list)
        for post_id, until, title in self._conn.execute(_BEFORE, (keys,)):
            before[post_id].append(Said(_time(until), title))
        feeds = names_of_feeds(self._conn, keys)
        topics: dict[int, list[tuple[str, float]]] = defaultdict(list)
        for post_id, topic, score in self._conn.execute(_TOPICS, (keys,)):
            topics[post_id].append((topic, score))
        shown: dict[int, list[ShownPost]] = defaultdict(list)
        hidden: dict[int, set[str]] = defaultdict(set)
        for row in rows:
            if row[0] in by_token:
                hidden[row[1]] |= set()
            elif row[2] == "article" or self._may_speak(agreed=bool(row[15])):
                shown[row[1]].append(
                    self._post(row, before.get(row[0], ()), topics.get(row[0], ()), feeds.get(row[0], {}))
                )
            else:
                hidden[row[1]] |= {row[9] or str(row[0])} if row[13] is None else set()
        return shown, hidden

    def _may_speak(self, *, agreed: bool) -> bool:
        return self._settings.people == "all" or (self._settings.people == "agreed" and agreed)

    def _post(
        self, row: Sequence[Any], before: Iterable[Said], topics: Iterable[tuple[str, float]], feeds: Mapping[str, str]
    ) -> ShownPost:
        return ShownPost(
            id=row[0], kind=row[2], at=_time(row[3]), seen_at=_time(row[4]), title=row[5], text=row[6] or "",
            url=row[7], article_url=row[8], author=row[9], language=row[11], because=row[12] or "", copy_of=row[13],
            voice=voice(
                self.names, kind=row[2], post_id=row[0], publisher=row[10], author=row[9], language=row[11],
                feeds=feeds,
            ),
            content_warning=row[14], agreed=bool(row[15]), edited_at=from_text(row[16]),
            before=() if row[14] else tuple(before), topics=tuple(topics), dated=_dated(row[17]),
        )  # fmt: skip

    def _story(
        self,
        head: Sequence[Any],
        posts: tuple[ShownPost, ...],
        hidden: set[str] | None,
    ) -> ShownStory:
        """`hidden`: who may not be named, None where all that there is may be shown."""
        story_id, address, title, language, score, pinned, is_given, lead_id, renamed_at = head
        lead = next((post for post in posts if post.id == lead_id), None)
        if lead is None:  # what the story was named after may not be shown
            lead = next((post for post in posts if not post.is_copy), posts[0])
            title, language = title if is_given else lead.title, lead.language
        address = self._address(address, story_id, [title], posts)
        voices = voices_of(posts)
        score = score if hidden is None else story_score(voices)
        brief = self._briefs.get(story_id)
        return ShownStory(
            id=story_id, slug=address, title=title, language=language, first_at=posts[0].at, last_at=posts[-1].at,
            changed_at=_changed_at(posts, brief), score=score, pinned=bool(pinned),
            has_page=voices > 1 or bool(pinned) or score >= self._settings.page_for, lead=lead, posts=posts,
            topics=shared_topics(posts, self.topics),
            hidden_people=len(hidden or ()), given_at=from_text(renamed_at) if is_given else None,
            brief=shown_brief(brief, posts),
        )  # fmt: skip

    # ------------------------------------------------------------ before and after

    def _linked(self, stories: Sequence[ShownStory]) -> dict[int, ShownStory]:
        ids = json.dumps([story.id for story in stories])
        links = [_Link(*row) for row in self._conn.execute(_LINKED, (ids, ids))]
        others = {link.earlier_id for link in links} | {link.story_id for link in links}
        known = {story.id: story for story in self.load(sorted(others))}
        earlier: dict[int, list[LinkedStory]] = defaultdict(list)
        later: dict[int, list[LinkedStory]] = defaultdict(list)
        for link in links:
            if link.earlier_id not in known or link.story_id not in known:
                continue
            before, after = known[link.earlier_id], known[link.story_id]
            because = shown_because(link.because, (before, after))
            if not because:  # what links them is not shown
                continue
            if _count(earlier[after.id], link.kind) < _LINKS[link.kind]:
                earlier[after.id].append(_linked_story(before, link, because))
            if len(later[before.id]) < _LATER:
                later[before.id].append(_linked_story(after, link, because))
        return {
            story.id: self._placed(story, tuple(earlier[story.id]), tuple(later[story.id]))
            if story.id in earlier or story.id in later else story
            for story in stories
        }  # fmt: skip

    def _placed(
        self, story: ShownStory, earlier: tuple[LinkedStory, ...], later: tuple[LinkedStory, ...]
    ) -> ShownStory:
        brief = shown_brief(self._briefs.get(story.id), story.posts, earlier) if earlier else story.brief
        return _with(story, earlier=earlier, later=later, brief=brief)


def _dated(published: str | None) -> Dated:
    """Sources that tell the day alone are stored with its first moment."""
    if published is None:
        return "never"
    return "day" if published.endswith("T00:00:00Z") else "time"


def _changed_at(posts: Iterable[ShownPost], brief: Brief | None) -> datetime:
    """When what is told of a story became other. Who reads a feed is told anew of what a model wrote, which is not read
    off the posts; what is taken from them changes with them."""
    at = max(post.edited_at or post.seen_at for post in posts)
    return max(at, brief.written_at) if brief and brief.method == "model" else at


def _count(stories: Iterable[LinkedStory], kind: EarlierKind) -> int:
    return sum(story.kind == kind for story in stories)


def _answered(post: ShownPost, boosts: int, replies: int) -> ShownPost:
    return replace(post, boosts=boosts, replies=replies) if boosts or replies else post


def _with(story: ShownStory, **other: Any) -> ShownStory:
    fields = {name: getattr(story, name) for name in ShownStory.__slots__}
    return ShownStory(**{**fields, **other})


def _tells(address: str, said: Iterable[str]) -> bool:
    """Are the words in a story's address among those of these texts? The last may be cut."""
    *whole, last = words_in(address) or [""]
    missing, cut = set(whole), last
    for text in said if missing or cut else ():
        words = words_of_any(text)
        missing.difference_update(words)
        if cut and any(word.startswith(cut) for word in words):
            cut = ""
        if not missing and not cut:
            break
    return not missing and not cut


def _linked_story(story: ShownStory, link: _Link, because: str) -> LinkedStory:
    lead = story.lead
    return LinkedStory(
        id=story.id, slug=story.slug if story.has_page else None, url=lead.article_url or lead.url, title=story.title,
        language=story.language, at=story.first_at, kind=link.kind, similarity=link.similarity, because=because,
        lead="" if lead.content_warning else shortened(lead.text, _FEW_WORDS), voices=story.publishers,
    )  # fmt: skip


def _time(text: str) -> datetime:
    """A time that is always there."""
    found = from_text(text)
    assert found is not None
    return found

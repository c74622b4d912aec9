"""The stories of new posts, decided one after the other, and what is earlier coverage of those that begin.

The same for posts that come now (`aggregator.pipeline.decide`) and for those that waited until a first poll had ended
(`aggregator.pipeline.decide_stories`). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from aggregator.dedupe.candidates import Candidates
from aggregator.dedupe.copies import is_another
from aggregator.dedupe.verdict import New
from aggregator.model.changes import CopyOf, EarlierLink, Membership, StoryHead
from aggregator.model.post import EnrichedPost, KnownPost, OlderStory
from aggregator.stories.assign import Linked, copy_without_address, place, sharing_link
from aggregator.stories.earlier.keys import Key, Rarity, keys_of
from aggregator.stories.earlier.links import earlier_links, is_second_voice
from aggregator.stories.earlier.recent import RecentStories
from aggregator.stories.earlier.telling import LEAD_CHARACTERS
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story, StoryPost
from aggregator.text.headline import told

# For the keys of a story that starts: the stored ones that may be its earlier coverage.
Older = Callable[[Sequence[Key]], Iterable[OlderStory]]


class Placing:
    """Holds what was decided so far, so that the next post sees it: the `heads` of stories to write, and `links`.

    `candidates`: the posts that may be copied or share a link. `recent`: the stories that began, for links; taken on
    where several batches are one first poll. `within`: how old earlier coverage may be.
    """

    def __init__(
        self,
        candidates: Candidates,
        stories: Overlay,
        next_story_id: int,
        within: timedelta,
        recent: RecentStories | None = None,
    ) -> None:
        self.candidates, self.stories = candidates, stories
        self.next_story_id, self._within = next_story_id, within
        self._recent = recent or RecentStories()
        self.heads: dict[int, StoryHead] = {}
        self.links: list[EarlierLink] = []

    def decide(
        self, post: StoryPost, enriched: EnrichedPost, found: New, older: Older
    ) -> tuple[CopyOf | None, Membership, Mapping[str, float]]:
        """What a post copies, its story, and its words there. `older`: looks up what may be earlier coverage."""
        copy_of, story_of_original = self._original(enriched, post, found)
        membership = self._place(post, enriched, copy_of, story_of_original, older)
        return copy_of, membership, self.stories.words(post)

    def _original(
        self, enriched: EnrichedPost, post: StoryPost, found: New
    ) -> tuple[CopyOf, int | None] | tuple[None, None]:
        """What a new post copies, and the story of that."""
        if found.copy_of:
            return found.copy_of, self.candidates.story_of(found.copy_of.post_id)
        if enriched.post.kind == "article" and not enriched.post.url:
            copy, story_id = copy_without_address(post, self.stories) or (None, None)
            known = self.candidates.known(copy.post_id) if copy else None
            if copy and not (known and is_another(enriched, known)):
                return copy, story_id
        return None, None

    def _place(
        self,
        post: StoryPost,
        enriched: EnrichedPost,
        copy_of: CopyOf | None,
        story_of_original: int | None,
        older: Older,
    ) -> Membership:
        """The story of a new post; starts one if none fits."""
        placed = place(
            post, self.stories, copy_of=copy_of, story_of_original=story_of_original,
            linked=self.sharing_link_of(enriched), new_story_id=self.next_story_id,
        )  # fmt: skip
        self._touch(placed.story, is_new=placed.is_new)
        if placed.is_new and placed.story:
            self.next_story_id += 1
        if placed.story and (placed.is_new or is_second_voice(placed.story)):
            self._link(placed.story, post, enriched, older)
        return placed.membership

    def _link(self, story: Story, post: StoryPost, enriched: EnrichedPost, older: Older) -> None:
        """Look for earlier coverage of a story, as this post tells it, among stored ones and those just started."""
        _, text = told(enriched.post.title, enriched.post.text, enriched.post.attached)
        started = OlderStory(
            id=story.id, title=post.title, text=text[:LEAD_CHARACTERS], language=post.language,
            first_at=story.first_at, last_at=story.last_at, entities=post.entities,
            vector=enriched.embedding.vector if enriched.embedding else None,
            sole_publisher=post.voice if len(story.voices) == 1 else None,
        )  # fmt: skip
        rarity = Rarity(self.stories.rarity_now())
        keys = keys_of(post.title, post.terms, post.entities, rarity)
        candidates = (*older(keys), *self._recent.near(keys))
        links = earlier_links(started, candidates, rarity, self.stories.habits, self._within)
        self.links.extend(links)
        self._recent.add(started)

    def sharing_link_of(self, enriched: EnrichedPost, without: int | None = None) -> Linked | None:
        """A post that shares a link with this one, and its story; not that `without`."""
        return sharing_link(
            enriched.article_key,
            enriched.post.canonical_url,
            at_link=lambda url: _in_stories(self.candidates.at_link(url), without),
            pointing_at=lambda url: _in_stories(self.candidates.pointing_at(url), without),
        )

    def _touch(self, story: Story | None, *, is_new: bool = False) -> None:
        """The story's head may have changed: write it."""
        if story is None:
            return
        before = self.heads.get(story.id)
        self.heads[story.id] = StoryHead(
            id=story.id, title=story.title, lead_post_id=story.lead_post_id, language=story.language,
            at=story.first_at, is_new=is_new or (before is not None and before.is_new),
        )  # fmt: skip


def _in_stories(posts: Iterable[KnownPost], without: int | None) -> Iterator[Linked]:
    return (
        Linked(post.id, post.story_id) for post in posts if post.story_id not in (None, without) and not post.is_gone
    )

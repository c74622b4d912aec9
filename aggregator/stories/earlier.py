"""Earlier coverage: the older stories that a new story continues, so that a writer can say "as we reported on …".

An older story qualifies if it is about one of the same entities (companies, models, people) *and* on the same matter:
the cosine without that name is high enough, with two of the words in both titles. None is better than a wrong one.

Posts do not arrive in the order of their times: a new source brings its old ones. So a story that starts is compared
both ways, with stories before it and after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from aggregator.model.changes import EarlierLink
from aggregator.model.post import OlderStory
from aggregator.stories.overlay import Overlay
from aggregator.stories.story import Story, StoryPost
from aggregator.text.word_vectors import shared_words, title_terms, vector, weigh
from aggregator.text.words import words_of

# At most so many are named; a reader follows a handful.
MOST_LINKS = 5

# Coverage within a day is the same news, not its past.
LEAST_AGE = timedelta(days=1)

# Two posts on one company share its name and, by chance, a word or two; on one matter their cosine without it is
# higher.
LEAST_SIMILARITY = 0.2

# So many of those words must be in both titles: what is only mentioned is not what a post is about.
_LEAST_WORDS = 2

# More words than these in a reason inform nobody.
_WORDS_SAID = 5


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: int
    title: str
    first_at: datetime
    last_at: datetime
    entities: frozenset[str]
    vector: Mapping[str, float]


def earlier_links(
    story: Story, post: StoryPost, overlay: Overlay, older: Iterable[OlderStory]
) -> tuple[EarlierLink, ...]:
    """From a story that starts with this post to those it continues, and to it from those that continue it.

    At most `MOST_LINKS` each way, the nearest first.
    """
    earlier, later = [], []
    for candidate, similarity, because in _nearest(story, post, overlay, older):
        if candidate.last_at < story.first_at:
            earlier.append(EarlierLink(story.id, candidate.id, similarity, because))
        else:
            later.append(EarlierLink(candidate.id, story.id, similarity, because))
    return (*earlier[:MOST_LINKS], *later[:MOST_LINKS])


def _nearest(
    story: Story, post: StoryPost, overlay: Overlay, older: Iterable[OlderStory]
) -> list[tuple[_Candidate, float, str]]:
    """The stories on the same matter as the post, with similarity (0..1) and reason, best first."""
    if not post.entities:
        return []
    mine = _weigh(post.terms, overlay)
    in_title = title_terms(post.title) & mine.keys()
    found = []
    for candidate in _candidates(story, post, overlay, older):
        entities = candidate.entities & post.entities
        names = frozenset(word for entity in entities for word in entity.split("-"))
        shared = [
            (word, weight) for word, weight in shared_words(mine, candidate.vector, most=99) if _is_matter(word, names)
        ]
        similarity = sum(weight for _, weight in shared)
        titled = [word for word in in_title & title_terms(candidate.title) if _is_matter(word, names)]
        if similarity >= LEAST_SIMILARITY and len(titled) >= _LEAST_WORDS:
            words = ", ".join(f"{word} {weight:.2f}" for word, weight in shared[:_WORDS_SAID])
            because = f"also about {', '.join(sorted(entities))}; shared words: {words}"
            found.append((candidate, round(min(similarity, 1.0), 3), because))
    return sorted(found, key=lambda item: (-item[1], -item[0].id))


def _candidates(story: Story, post: StoryPost, overlay: Overlay, older: Iterable[OlderStory]) -> Iterator[_Candidate]:
    """Candidates: other stories about one of the same entities, over a day apart, from the index or stored."""
    met = {story.id}
    for known in overlay.open_stories_about(post.entities):
        if known.id not in met:
            met.add(known.id)
            if _is_apart(story, known.first_at, known.last_at):
                yield _Candidate(known.id, known.title, known.first_at, known.last_at, known.entities, _unit(known))
    for stored in older:
        if stored.id not in met and stored.entities & post.entities:
            met.add(stored.id)
            if _is_apart(story, stored.first_at, stored.last_at):
                terms = _weigh(_terms(stored.title, stored.text, stored.language), overlay)
                yield _Candidate(stored.id, stored.title, stored.first_at, stored.last_at, stored.entities, terms)


def _is_matter(word: str, names: frozenset[str]) -> bool:
    """A word that is not part of the name that both are about anyway ("gpt", "gpt 5")."""
    return names.isdisjoint(word.split(" "))


# The stored stories about one entity are compared with each new story about it.
@lru_cache(maxsize=4096)
def _terms(title: str, text: str, language: str | None) -> Mapping[str, float]:
    return vector(words_of(title, text), language)


def _weigh(terms: Mapping[str, float], overlay: Overlay) -> dict[str, float]:
    return weigh({term: tf * overlay.rarity(term) for term, tf in terms.items()})


def _is_apart(story: Story, first_at: datetime, last_at: datetime) -> bool:
    return last_at <= story.first_at - LEAST_AGE or story.last_at <= first_at - LEAST_AGE


def _unit(story: Story) -> dict[str, float]:
    return {word: weight / story.length for word, weight in story.vector.items()} if story.squared > 0 else {}

"""Is a post that is new a copy of a stored one, and of which, and because of what?

- *Same link*: equal canonical URL. Another post about the same page is a copy of the first.
- *Same text* (`aggregator.dedupe.same_text`): two addresses are two articles, unless their texts are nearly the same
  over some length; within one source or site word for word. In one language, and no other number where it matters
  ("Release 1.4" is no copy of "Release 1.3"). Where one of the two has no address, also *the same article retold* by
  another publisher (`aggregator.dedupe.retelling`). What else an entry without an address retells is decided among the
  stories (`aggregator.stories.assign`), unless the two are plainly two (`is_another`).

- *Passed on* (`aggregator.dedupe.passed_on`): an aggregator's entry with the headline and the name of its publisher.

A status that points at an article is a copy of it only if it adds no words of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import lru_cache

from aggregator.dedupe import passed_on, retelling, same_text, statuses
from aggregator.dedupe.candidates import Candidates
from aggregator.dedupe.evidence import has_other_numbers, is_same_place
from aggregator.dedupe.shingles import text_bands
from aggregator.dedupe.told import told_of
from aggregator.model.changes import CopyOf
from aggregator.model.post import EnrichedPost, KnownPost, Post
from aggregator.model.source import Source
from aggregator.text.tokens import tokens, without_links_tags_mentions
from aggregator.text.urls import publisher_of

# A status may add so many words to an article's title ("Read:", "via @paper") and still say nothing of its own.
_FEW_WORDS = 2

# What comes later under a like title is another instalment.
_RETOLD_WITHIN = timedelta(days=5)

# What an account says again later is meant anew.
_SAID_WITHIN = timedelta(days=1)

SAID_AGAIN = "the same words again at another address"
"""How the reason begins where one source or site has an article at two addresses. It stands when copies are decided
anew: what the source showed beside it then is not kept."""

_SAME_LINK = "same link: "
_REPEATS = "repeats the title of the article it points at: "
_SAME_WORDS = "same words about the same link: "
BY_LINK = (_SAME_LINK, _REPEATS, _SAME_WORDS, statuses.TELLS)
"""How the reasons begin that hang on keys of addresses, and on nothing but them and few words."""

IsGone = Callable[[KnownPost], bool | None]
"""Does the source of both show this older post no more? None where that is not known."""


def find_copy(enriched: EnrichedPost, source: Source, candidates: Candidates, is_gone: IsGone) -> CopyOf | None:
    """The candidate that this post, not an update of a stored one, duplicates; None if it is an original.

    `is_gone` is asked of candidates of the same source.
    """
    if statuses.retellings(enriched, candidates):
        return None
    found = _same_link(enriched, source, candidates) or _bare_pointer(enriched, candidates)
    if found or not enriched.bands:
        return found
    near = candidates.with_bands(enriched.bands)
    if article := passed_on.article_of(enriched, near, source.id):
        return CopyOf(candidates.original(article), passed_on.reason(enriched.publisher), 1.0)
    # The same text shares a band of the text; most candidates share no more than one of the title. But a teaser may
    # share none with the whole.
    by_text = {other.id for other in candidates.with_bands(text_bands(enriched.bands))}
    alike = (other for other in near if other.id in by_text or (other.title and other.title == enriched.post.title))
    return _same_text(enriched, source, alike, candidates, is_gone) or _retold(enriched, source, near, candidates)


def is_another(enriched: EnrichedPost, known: KnownPost) -> bool:
    """Is an article another one than that whose words are near: one form filled in twice, two columns of one name?"""
    mine, theirs = told_of(enriched), told_of(known)
    if same_text.is_filled_in(mine, theirs):
        return True
    return retelling.share_name_of_column(mine, theirs) and not retelling.likeness(mine, theirs).is_borne_out


def become_copies(enriched: EnrichedPost, candidates: Candidates) -> tuple[tuple[KnownPost, CopyOf], ...]:
    """Stored posts that came before the original that this is. The `CopyOf.post_id` is 0: it has no id yet."""
    found = bare_statuses(enriched, candidates) or statuses.retellings(enriched, candidates)
    if found or not enriched.bands:
        return found
    because = passed_on.reason(enriched.publisher)
    entries = passed_on.entries_of(enriched, candidates.with_bands(enriched.bands))
    return tuple((entry, CopyOf(0, because, 1.0)) for entry in entries)


def bare_statuses(article: EnrichedPost, candidates: Candidates) -> tuple[tuple[KnownPost, CopyOf], ...]:
    """Stored statuses that came before the article they point at and only repeat its title.

    The `CopyOf.post_id` is 0: the article has no id yet.
    """
    post = article.post
    if post.kind != "article" or not post.canonical_url:
        return ()
    found = (status for status in candidates.pointing_at(post.canonical_url) if status.kind == "status")
    because = f"{_REPEATS}{post.canonical_url}"
    return tuple(
        (status, CopyOf(0, because, 1.0))
        for status in found
        if status.copy_of is None and not status.is_gone and _adds_nothing(status.text, post.title, post.text)
    )


def _same_link(enriched: EnrichedPost, source: Source, candidates: Candidates) -> CopyOf | None:
    post = enriched.post
    if not post.canonical_url:
        return None
    for other in candidates.at_link(post.canonical_url):
        # A source that gives one link to different items (a changelog page) does not mean one page by it.
        if not other.is_gone and source.id not in other.source_ids:
            return CopyOf(candidates.original(other), f"{_SAME_LINK}{post.canonical_url}", 1.0)
    return None


def _bare_pointer(enriched: EnrichedPost, candidates: Candidates) -> CopyOf | None:
    """A status that points at a stored article, or at what another status points at, and adds no words."""
    post = enriched.post
    if post.kind != "status" or not enriched.article_key:
        return None
    for article in candidates.at_link(enriched.article_key):
        if not article.is_gone and article.kind == "article" and _adds_nothing(post.text, article.title, article.text):
            because = f"{_REPEATS}{enriched.article_key}"
            return CopyOf(candidates.original(article), because, 1.0)
    for other in candidates.pointing_at(enriched.article_key):
        if other.kind == "status" and not other.is_gone and _adds_nothing(post.text, other.text, ""):
            return CopyOf(candidates.original(other), f"{_SAME_WORDS}{enriched.article_key}", 1.0)
    return None


def _adds_nothing(text: str, title: str, lead: str) -> bool:
    """All but a few of the text's own words are in the title, or in the beginning of the lead."""
    own = set(tokens(without_links_tags_mentions(text)))
    return len(own - set(tokens(title)) - set(tokens(lead[:300]))) <= _FEW_WORDS


def _same_text(
    enriched: EnrichedPost, source: Source, near: Iterable[KnownPost], candidates: Candidates, is_gone: IsGone
) -> CopyOf | None:
    """The first of the candidates with the most similar text, if it is the same text."""
    best: tuple[float, KnownPost | None] = 0.0, None
    for other in near:
        if other.is_gone or other.language != enriched.language or has_other_numbers(enriched.post, other):
            continue
        share = _share(enriched, source, other, is_gone)
        if share > best[0]:
            best = share, other
    share, found = best
    if found is None:
        return None
    if _is_one_house(enriched.post, source, found) and enriched.post.kind == "article":
        return CopyOf(candidates.original(found), f"{SAID_AGAIN} of the same publisher", 1.0)
    return CopyOf(candidates.original(found), f"same text: {share:.0%} of the word triples are shared", round(share, 3))


def _share(enriched: EnrichedPost, source: Source, other: KnownPost, is_gone: IsGone) -> float:
    """How much text is shared, where that makes the two the same; else 0."""
    post = enriched.post
    if post.kind == other.kind == "status":
        return _status_share(enriched, other)
    mine, theirs = told_of(enriched), told_of(other)
    if _is_one_house(post, source, other):
        gone = is_gone(other) if source.id in other.source_ids else None
        return float(
            same_text.is_said_again(mine, theirs, is_gone=gone, is_same_place=is_same_place(post.url, other.url))
        )
    return same_text.shared_text(mine, theirs, is_known_apart=not _lacks_address(post, other))


def _status_share(enriched: EnrichedPost, other: KnownPost) -> float:
    """Two statuses, which have no title. What an account says again the same day counts if it says the same; about
    another page, or with another picture, it is another post."""
    mine, theirs = told_of(enriched), told_of(other)
    share = same_text.overlap(mine, theirs)
    is_of_one_author = enriched.publisher is not None and enriched.publisher == other.publisher
    is_of_two_pages = bool(enriched.article_key and other.article_key and enriched.article_key != other.article_key)
    if is_of_one_author:
        is_later = mine.at is not None and theirs.at is not None and abs(mine.at - theirs.at) > _SAID_WITHIN
        is_other = is_of_two_pages or is_later or same_text.have_other_files(mine, theirs)
        return float(share == 1.0 and not is_other)
    if is_of_two_pages or share == 1.0:
        return float(share == 1.0)
    return share if share >= same_text.NEARLY and not same_text.is_form(mine, theirs) else 0.0


def _is_one_house(post: Post, source: Source, other: KnownPost) -> bool:
    """Both are of one source, or have addresses at one publisher's."""
    return source.id in other.source_ids or _is_one_publisher(post, other)


def _is_one_publisher(post: Post, other: KnownPost) -> bool:
    """Both have addresses, and at one publisher's."""
    if not post.canonical_url or not other.canonical_url:
        return False
    mine = _publisher_of(post.canonical_url)
    return mine is not None and mine == _publisher_of(other.canonical_url)


_publisher_of = lru_cache(maxsize=4096)(publisher_of)


def _retold(enriched: EnrichedPost, source: Source, near: Iterable[KnownPost], candidates: Candidates) -> CopyOf | None:
    """Another publisher's article of the same title and matter, where one of the two has no address to tell them
    apart; see `aggregator.dedupe.retelling`."""
    post, mine = enriched.post, told_of(enriched)
    best: tuple[float, int, retelling.Likeness, KnownPost] | None = None
    for other in near:
        if not _may_retell(other, enriched, source):
            continue
        theirs = told_of(other)
        found = retelling.likeness(mine, theirs)
        is_same = found.is_same and not same_text.swaps_words(mine, theirs)
        is_best = is_same and (best is None or (found.both, -other.id) > best[:2])
        if is_best and not has_other_numbers(post, other):
            best = found.both, -other.id, found, other
    if best is None:
        return None
    both, _, found, other = best
    because = f"same article retold: {found.title:.0%} of the title's words are shared, {found.text:.0%} of the text's"
    return CopyOf(candidates.original(other), because, round(both, 3))


def _may_retell(other: KnownPost, enriched: EnrichedPost, source: Source) -> bool:
    post = enriched.post
    if not other.kind == post.kind == "article" or source.id in other.source_ids or not _lacks_address(post, other):
        return False
    if other.is_gone or other.language != enriched.language:
        return False
    return not (other.at and post.published_at and abs(other.at - post.published_at) > _RETOLD_WITHIN)


def _lacks_address(post: Post, other: KnownPost) -> bool:
    """One of the two has no address of its own to identify it."""
    return not (post.canonical_url and other.canonical_url)

"""Is this entry a stored post again, and has its source a newer version of it?

By its name within the source, or by its kin (`aggregator.dedupe.document`); else by its link, as after a site's move:
under a new id only what says the same is the same, because some sites show all that they have to say at one address.
"""

from __future__ import annotations

from datetime import datetime

from aggregator.dedupe import statuses
from aggregator.dedupe.candidates import Candidates, stored_files
from aggregator.dedupe.details import are_more, content_digest, mark
from aggregator.dedupe.document import Document
from aggregator.dedupe.evidence import (
    has_same_date,
    has_same_id,
    has_same_title,
    is_lasting,
    names_other_part,
    says_the_same,
    second,
)
from aggregator.model.post import EnrichedPost, KnownPost, Post
from aggregator.model.source import Source
from aggregator.text.words import CHARACTERS


def find(
    enriched: EnrichedPost, source: Source, candidates: Candidates, document: Document
) -> tuple[str, KnownPost | None]:
    """The name of a post within its source, and the stored post that it is again; None if there is none."""
    post = enriched.post
    if post.kind == "status":
        return post.native_id, statuses.find(post, source, candidates)
    known = candidates.item(source.id, post.native_id)
    if known and known.kind == "status" and known.canonical_url == post.canonical_url:  # what a planet shows of it
        return post.native_id, known
    found = document.find(enriched)
    if found and candidates.item(source.id, post.native_id) == found:
        return post.native_id, found
    return _name(post, source, candidates, found), found or _at_link(post, source, candidates, document)


def _name(post: Post, source: Source, candidates: Candidates, found: KnownPost | None) -> str:
    """The native id; with what tells the entry apart where the source used the same id for something else before."""
    name = post.native_id
    date = second(post.published_at)
    for addition in (post.canonical_url, mark(post), date and date.isoformat()):
        before = candidates.item(source.id, name)
        if before is None or before == found:
            break
        if addition and (addition != post.canonical_url or addition != before.canonical_url):
            name = f"{name} {addition}"
    return name


def _at_link(post: Post, source: Source, candidates: Candidates, document: Document) -> KnownPost | None:
    """The stored post of this source under another name, at the same address."""
    for other in candidates.at_link(post.canonical_url) if post.canonical_url else ():
        if source.id not in other.source_ids or other.kind != post.kind:
            continue
        if not has_same_title(post, other) and not has_same_id(post, other):
            continue
        if document.stands_beside(post, other):
            continue
        has_new_id = post.has_id and not has_same_id(post, other)
        if not names_other_part(post, other) and (not has_new_id or says_the_same(post, other)):
            return other
    return None


def news(enriched: EnrichedPost, source: Source, known: KnownPost) -> tuple[bool, bool]:
    """Does the source have a newer version of the stored post; and did its author change it, or so it seems, rather
    than that the source found out more?"""
    if statuses.is_poorer(enriched, source, known):
        return False, False
    if statuses.is_richer(enriched, source, known):
        return True, False
    is_one_text = statuses.is_from_home(enriched.post, source, known)
    is_said = _is_newer(enriched, known, is_one_text=is_one_text) or _is_later_edit(enriched, source, known)
    return is_said or has_late_words(enriched, known) or _says_more(enriched, known), is_said


def _is_newer(enriched: EnrichedPost, known: KnownPost, *, is_one_text: bool) -> bool:
    if known.is_gone or enriched.digest == known.digest:
        return False
    post, edited_at = enriched.post, enriched.post.edited_at
    # The key of a link that several entries share is another, but nobody reads that. Longer texts are not known whole.
    told, stored = (post.kind, post.title, post.url, post.text), (known.kind, known.title, known.url, known.text)
    if post.kind == "article" and told == stored and len(post.text) < CHARACTERS:
        return False
    # So is a key that earlier rules wrote: it is made anew after an upgrade, while polls go on.
    if post.url == known.url and _with_keys_of(known, post) == known.digest:
        return False
    # An older version, from a cache or from a server that learns of edits late, does not undo a newer one. A status
    # comes from many servers, each with its own HTML: only what it says itself is an edit, else two of them would
    # edit it for ever.
    if post.kind == "status" and not (is_one_text and edited_at == known.edited_at):
        return edited_at is not None and (known.edited_at is None or edited_at > known.edited_at)
    return edited_at is None or known.edited_at is None or edited_at >= known.edited_at


def _with_keys_of(known: KnownPost, post: Post) -> bytes:
    """The digest of what the source says now, at the addresses that are stored."""
    return content_digest(
        post.title, post.text, url=known.url, canonical_url=known.canonical_url, article_key=known.article_key,
        content_warning=post.content_warning,
    )  # fmt: skip


def _is_later_edit(enriched: EnrichedPost, source: Source, known: KnownPost) -> bool:
    """An author may change pictures, their descriptions, a poll or what is hidden, and no word: by the time alone."""
    said, stored = enriched.post.edited_at, known.edited_at
    if known.is_gone or known.details is None or said is None or not statuses.is_by_api(enriched.post, source):
        return False
    return stored is None or said > stored


def has_late_words(enriched: EnrichedPost, known: KnownPost) -> bool:
    """Servers look up the page behind a link a minute later, and a quoted post when its author agreed, and not all do:
    a link, a card, a quote are added, never taken away."""
    post = enriched.post
    if known.kind != "status" or post.kind != "status" or known.is_gone or post.edited_at != known.edited_at:
        return False
    has_link = known.article_key is None and enriched.article_key is not None
    has_card = not known.has_card and post.card is not None
    return has_link or has_card or (known.quote is None and post.quote is not None)


def _says_more(enriched: EnrichedPost, known: KnownPost) -> bool:
    """Does the source say something else than what is stored, beside the words: another date, tags, files, author?"""
    said, stored = enriched.post.edited_at, known.edited_at
    if known.is_gone or known.details is None:
        return False
    if known.kind == "status":
        return said == stored and are_more(enriched.details, known.details)
    if said and stored and said < stored:  # an older version, from a cache
        return False
    # Of what an aggregator passes on earlier versions did not know whose it is.
    is_another_voice = enriched.post.origin is not None and enriched.publisher != known.publisher
    return is_another_voice or enriched.details != known.details or date_of(enriched.post, known) != known.published_at


def has_other_files(post: Post, source: Source, known: KnownPost) -> bool:
    """Are the files of an article at other addresses now, or is more said of them, though nobody need be told?

    Signed addresses expire. Of a status each server has its own copies, and a list of links knows of no files.
    """
    if source.kind != "feed" or post.kind == "status" or known.kind == "status" or post.content_warning:
        return False
    if known.is_gone or known.details is None:
        return False
    is_older = post.edited_at and known.edited_at and post.edited_at < known.edited_at
    return not is_older and stored_files(post) != known.enclosures


def is_settled(enriched: EnrichedPost, source: Source, known: KnownPost) -> bool:
    """Is the stored post what its source says of it, so that it would be again what it is if that were said again?"""
    post = enriched.post
    return (
        not known.is_gone
        and known.details is not None
        and (known.kind, known.digest, known.canonical_url) == (post.kind, enriched.digest, post.canonical_url)
        and has_same_date(post, known) is not False
        and not any(news(enriched, source, known))
        and not has_other_files(post, source, known)
    )


def date_of(post: Post, known: KnownPost) -> datetime | None:
    """When a stored post was published, now that its source says so again.

    What is known of no date, or of a later one, is corrected. A later date than the stored one is a correction only if
    we had not yet seen the post then, and it has an id: else it was sent out anew, or the date is that of the run.
    """
    said, stored = second(post.published_at), known.published_at
    if said is None or (stored and known.kind == "status"):
        return stored
    if stored is None or said < stored:
        return said
    has_lasting_name = post.has_id or is_lasting(post, post.native_id, known)
    is_correction = has_lasting_name and known.first_seen_at is not None and said <= known.first_seen_at
    return said if is_correction else stored

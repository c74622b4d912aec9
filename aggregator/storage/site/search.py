"""What a reader finds: full-text search over the posts that the site may show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aggregator.model.settings import People
from aggregator.model.site import ShownPost, ShownStory, Voice
from aggregator.storage.queries import Reader
from aggregator.storage.search import Search
from aggregator.storage.times import from_text
from aggregator.storage.words.called import called

# Of an article; of a status all of its words.
_BEGINNING = 400

# Not for the public is what was only ever seen with an access token, unless the configuration says that it is.
_PUBLIC = (
    "EXISTS (SELECT 1 FROM sightings g JOIN sources c ON c.id = g.source_id "
    "WHERE g.post_id = {post}.id AND (g.by_token = 0 OR c.publish = 1))"
)
_AGREED = "({post}.noindex = 0 AND coalesce({post}.indexable, 1) = 1)"


def may_be_shown(post: str, people: People) -> str:
    """The condition, in SQL, for a row of `posts` that is shown to others. `post`: what the statement calls it.

    Not what is gone or was emptied; not what only a token shows; of people, only whom the configuration lets speak.
    """
    conditions = ["{post}.gone_at IS NULL", "{post}.pruned_at IS NULL"]
    if people == "none":
        conditions.append("{post}.kind = 'article'")
    elif people == "agreed":
        conditions.append(f"({{post}}.kind = 'article' OR {_AGREED})")
    return " AND ".join([*conditions, _PUBLIC]).format(post=post)


def find(reader: Reader, words: str, people: People, limit: int) -> tuple[list[ShownStory], bool]:
    """The newest posts that contain the words and may be shown, and whether there are more; see `Search`.

    Those of one story together, as that story: the newest is its lead, and no other post of it is there. `has_page` is
    for whoever knows the site to say.

    Raises:
        AggregatorError: the words are no query, or it took too long.
    """
    also = f"EXISTS (SELECT 1 FROM posts o WHERE o.id = p.id AND {may_be_shown('o', people)})"
    found = Search(reader, words, limit + 1, found="SELECT p.id FROM latest_posts p", also=also).answer()
    return _told_of(reader, [row[0] for row in found.rows[:limit]]), len(found.rows) > limit


def _told_of(reader: Reader, ids: Sequence[int]) -> list[ShownStory]:
    answer = reader.ask(
        f"SELECT p.id, p.kind, p.sort_at, p.first_seen_at, {called('p')} AS title, p.url, p.article_url, p.author, "
        "p.publisher, p.language, p.story_because, p.content_warning, p.boosts, p.replies, p.edited_at, "
        f"{_AGREED.format(post='p')} AS agreed, iif(p.kind = 'status', p.text, substr(p.text, 1, ?)) AS text, "
        "s.id AS story_id, s.slug, coalesce(s.score, 0) AS score, s.pinned_at IS NOT NULL AS pinned "
        f"FROM posts p LEFT JOIN stories s ON s.id = p.story_id WHERE p.id IN ({', '.join('?' * len(ids))})",
        (_BEGINNING, *ids),
    )
    rows = {row[0]: dict(zip(answer.columns, row, strict=True)) for row in answer.rows}
    by_story: dict[object, list[dict[str, Any]]] = {}
    for each in ids:
        by_story.setdefault(rows[each]["story_id"] or f"post {each}", []).append(rows[each])
    return [_story(of_one[0], [_post(row) for row in of_one]) for of_one in by_story.values()]


def _story(row: dict[str, Any], posts: Sequence[ShownPost]) -> ShownStory:
    """`posts`: the newest first."""
    lead = posts[0]
    return ShownStory(
        id=row["story_id"] or 0,
        slug=row["slug"] or "",
        title=lead.title,
        language=lead.language,
        first_at=posts[-1].at,
        last_at=lead.at,
        changed_at=lead.at,
        score=row["score"],
        pinned=bool(row["pinned"]),
        has_page=False,
        lead=lead,
        posts=tuple(reversed(posts)),
    )


def _post(row: dict[str, Any]) -> ShownPost:
    never = datetime.min.replace(tzinfo=UTC)
    return ShownPost(
        id=row["id"],
        kind=row["kind"],
        at=from_text(row["sort_at"]) or never,
        seen_at=from_text(row["first_seen_at"]) or never,
        title=row["title"],
        text=row["text"] or "",
        url=row["url"],
        article_url=row["article_url"],
        author=row["author"],
        voice=_voice(row),
        language=row["language"],
        because=row["story_because"] or "",
        content_warning=row["content_warning"],
        agreed=row["kind"] == "article" or bool(row["agreed"]),
        boosts=row["boosts"] or 0,
        replies=row["replies"] or 0,
        edited_at=from_text(row["edited_at"]),
    )


def _voice(row: dict[str, Any]) -> Voice:
    """A person by the name of the account, a paper by its site."""
    key = row["publisher"] or f"post {row['id']}"
    if row["kind"] == "status":
        account = row["author"] or key
        return Voice(account, f"@{account.partition('@')[0]}", is_person=True, language=row["language"])
    return Voice(key, row["publisher"] or row["author"] or "", is_person=False, language=row["language"])

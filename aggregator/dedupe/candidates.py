"""The candidates: stored posts near a batch, and those of the batch itself as they are decided, by every key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from aggregator.model.changes import CopyOf
from aggregator.model.post import Enclosure, EnrichedPost, KnownPost, Neighbours, Post


class Candidates:
    """Look-up of candidates. Grows while a batch is decided, so that later posts see earlier ones."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._items = dict(neighbours.items)
        self._kin: dict[tuple[int, str], list[int]] = defaultdict(list)
        for (source_id, native_id), post_id in self._items.items():
            self._index_kin(source_id, native_id, post_id)
        self._posts: dict[int, KnownPost] = {}
        self._by_uri: dict[str, int] = {}
        self._at_link: dict[str, list[int]] = defaultdict(list)
        self._without_address: dict[int, set[int]] = defaultdict(set)
        self._pointing_at: dict[str, list[int]] = defaultdict(list)
        self._bands: dict[int, list[int]] = defaultdict(list)
        self._stories_of_originals: dict[int, int | None] = {}
        for post in sorted(neighbours.posts.values(), key=lambda post: post.id):
            self._index(post)
        for band, ids in neighbours.bands.items():
            self._bands[band].extend(ids)

    def add(self, post: KnownPost, source_id: int, native_id: str, bands: Sequence[int]) -> None:
        """A post of this batch was decided to be new."""
        self._index(post)
        self._items[source_id, native_id] = post.id
        self._index_kin(source_id, native_id, post.id)
        for band in bands:
            self._bands[band].append(post.id)

    def see(self, post: KnownPost, source_id: int, native_id: str) -> None:
        """A stored post was seen in a source under this native id."""
        self._items[source_id, native_id] = post.id
        self._index_kin(source_id, native_id, post.id)
        self._posts[post.id] = post._replace(source_ids=post.source_ids | {source_id})

    def edit(self, post_id: int, enriched: EnrichedPost, *, is_by_api: bool = False) -> None:
        """A stored post got a newer version."""
        post, old = enriched.post, self._posts[post_id]
        edited = old._replace(
            kind=post.kind,
            uri=post.uri,
            is_by_api=is_by_api or old.is_by_api,
            is_listed=False,
            digest=enriched.digest,
            details=enriched.details,
            language=enriched.language,
            title=post.title,
            text=post.text,
            url=post.url,
            canonical_url=post.canonical_url,
            article_key=enriched.article_key,
            published_at=post.published_at,
            edited_at=post.edited_at,
            publisher=enriched.publisher,
            enclosures=stored_files(post),
            at=post.published_at or old.first_seen_at or old.at,
            is_gone=False,
            gone_because=None,
            has_card=post.card is not None,
            quote=post.quote,
        )
        self._posts[post_id] = edited
        if post.uri and post.kind == "status":
            self._by_uri[post.uri] = post_id
        _move(self._at_link, post_id, old.canonical_url, edited.canonical_url)
        _move(self._pointing_at, post_id, old.article_key, edited.article_key)

    def renew_files(self, post_id: int, post: Post) -> None:
        """A stored post got other files, or more is known of them."""
        self._posts[post_id] = self._posts[post_id]._replace(enclosures=stored_files(post))

    def move(self, post_id: int, story_id: int) -> None:
        """A stored post is in another story now."""
        self._posts[post_id] = self._posts[post_id]._replace(story_id=story_id)

    def make_copy(self, post_id: int, original: int) -> None:
        """A stored post turned out to be a copy."""
        self._posts[post_id] = self._posts[post_id]._replace(copy_of=original)

    def bury(self, post_id: int) -> None:
        """A stored post is gone."""
        self._posts[post_id] = self._posts[post_id]._replace(is_gone=True)

    def post(self, post_id: int) -> KnownPost:
        """The post with this id; KeyError if it is not near the batch."""
        return self._posts[post_id]

    def known(self, post_id: int) -> KnownPost | None:
        """The post with this id, if it is near the batch."""
        return self._posts.get(post_id)

    def has_item(self, source_id: int, native_id: str) -> bool:
        """This native id was seen in this source before."""
        return (source_id, native_id) in self._items

    def item(self, source_id: int, native_id: str) -> KnownPost | None:
        """The post seen in a source under this native id."""
        post_id = self._items.get((source_id, native_id))
        return None if post_id is None else self._posts.get(post_id)

    def kin(self, source_id: int, name: str) -> list[KnownPost]:
        """Posts of a source whose native id is this name, or begins with it and a space; oldest first."""
        ids = {post_id for post_id in self._kin.get((source_id, name), ()) if post_id in self._posts}
        if found := self.item(source_id, name):
            ids.add(found.id)
        return self._all(sorted(ids))

    def without_address(self, source_id: int) -> list[KnownPost]:
        """Articles of a source that have no address of their own, oldest first."""
        found = self._all(sorted(self._without_address.get(source_id, ())))
        return [post for post in found if post.canonical_url is None and not post.is_gone]

    def status(self, uri: str) -> KnownPost | None:
        """The status with this ActivityPub id."""
        post_id = self._by_uri.get(uri)
        return None if post_id is None else self._posts[post_id]

    def at_link(self, canonical_url: str) -> list[KnownPost]:
        """Posts whose own address this is, oldest first."""
        return self._all(self._at_link.get(canonical_url, ()))

    def pointing_at(self, article_key: str) -> list[KnownPost]:
        """Posts that point at this page, oldest first."""
        return self._all(self._pointing_at.get(article_key, ()))

    def with_bands(self, bands: Iterable[int]) -> list[KnownPost]:
        """Posts that share a band: candidates for the same text, oldest first."""
        ids = {post_id for band in bands for post_id in self._bands.get(band, ())}
        return self._all(sorted(post_id for post_id in ids if post_id in self._posts))

    def original(self, post: KnownPost) -> int:
        """The id of the post that a copy of this one should point at: never a copy itself."""
        met = {post.id}
        while post.copy_of is not None and post.copy_of not in met:
            met.add(post.copy_of)
            original = self._posts.get(post.copy_of)
            if original is None:
                return post.copy_of
            post = original
        return post.id

    def story_of(self, post_id: int) -> int | None:
        """The story of a post near the batch, or of one whose copies are."""
        post = self._posts.get(post_id)
        return post.story_id if post else self._stories_of_originals.get(post_id)

    def _all(self, ids: Iterable[int]) -> list[KnownPost]:
        return [self._posts[post_id] for post_id in ids]

    def _index_kin(self, source_id: int, native_id: str, post_id: int) -> None:
        end = native_id.find(" ")
        while end > 0:
            self._kin[source_id, native_id[:end]].append(post_id)
            end = native_id.find(" ", end + 1)

    def _index(self, post: KnownPost) -> None:
        self._posts[post.id] = post
        if post.uri and post.kind == "status":
            self._by_uri[post.uri] = post.id
        if post.canonical_url:
            self._at_link[post.canonical_url].append(post.id)
        elif post.kind == "article":
            for source_id in post.source_ids:
                self._without_address[source_id].add(post.id)
        if post.article_key:
            self._pointing_at[post.article_key].append(post.id)
        if post.copy_of is not None:
            self._stories_of_originals.setdefault(post.copy_of, post.story_id)


def as_known(
    post_id: int,
    enriched: EnrichedPost,
    source_ids: Iterable[int],
    *,
    at: datetime,
    seen_at: datetime | None = None,
    copy_of: CopyOf | None,
    story_id: int | None,
    is_by_api: bool = False,
    is_listed: bool = False,
) -> KnownPost:
    """A post that was just decided, as a candidate for later ones."""
    post = enriched.post
    return KnownPost(
        id=post_id, kind=post.kind, digest=enriched.digest, uri=post.uri, language=enriched.language, title=post.title,
        text=post.text, url=post.url, canonical_url=post.canonical_url, article_key=enriched.article_key,
        published_at=post.published_at, first_seen_at=seen_at, edited_at=post.edited_at, details=enriched.details,
        copy_of=copy_of.post_id if copy_of else None, story_id=story_id, source_ids=frozenset(source_ids), at=at,
        publisher=enriched.publisher, enclosures=stored_files(post), is_by_api=is_by_api, is_listed=is_listed,
        has_card=post.card is not None, quote=post.quote,
    )  # fmt: skip


def files_of(post: Post) -> frozenset[str]:
    """The addresses of a post's enclosures."""
    return frozenset(file.url for file in post.enclosures)


def stored_files(post: Post) -> frozenset[Enclosure]:
    """A post's enclosures as they are stored: of each address the first."""
    return frozenset({file.url: file for file in reversed(post.enclosures)}.values())


def _move(index: dict[str, list[int]], post_id: int, old: str | None, new: str | None) -> None:
    """A post's key changed."""
    if old == new:
        return
    if old:
        index[old].remove(post_id)
    if new:
        index[new].append(post_id)
        index[new].sort()

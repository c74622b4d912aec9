"""A server with Mastodon's API whose clock the test moves; it serves the benchmark too.

Posts have an id, a time at which they become visible, and perhaps one at which they are deleted; all requests are
answered as of `clock`. The rules are those of real servers: `min_id` gives the page next above an id, `since_id` the
newest page above it, at most 40 at once, Link headers that forget half of the parameters, limits announced and not.
"""

from __future__ import annotations

import json
from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import web

from aggregator.sources.mastodon.ids import id_at, order
from aggregator.text.tokens import fold_tag
from tests.helpers.http_server import HttpServer, Request

DEFAULT_PAGE, LARGEST_PAGE, LARGEST_BULK = 20, 40, 20

Answer = tuple[int, dict[str, str], Any]


@dataclass
class Entry:
    """A post as the server keeps it. `changes`: what differs from the usual status, the newest edit included."""

    id: str
    uri: str
    created_at: datetime
    visible_at: datetime
    tags: tuple[str, ...]
    changes: dict[str, Any] = field(default_factory=dict)
    deleted_at: datetime | None = None
    acct: str = "ada@far.example"
    boosted: str | None = None


@dataclass
class Limit:
    """So many requests in a window, for those that `only_paged` or all; announced in headers or not."""

    most: int
    window: timedelta
    only_paged: bool = False
    is_announced: bool = True
    retry_after: int | None = None
    made: deque[datetime] = field(default_factory=deque)

    def left(self, now: datetime) -> int:
        while self.made and self.made[0] <= now - self.window:
            self.made.popleft()
        return self.most - len(self.made)


class Fediverse:
    """See the module. A context manager; `url` is its base address, `asked` the targets of all requests.

    `family`: "snowflake" (as Mastodon) or "ulid" (as GoToSocial). `token`: what a request must carry, if anything, and
    `refusal` the status for one that does not. `has_bulk`: several statuses at once. `per_request`: how far each
    request moves the clock. `answer`: in place of everything, while it is set; `unknown`: beginnings of paths that are
    not found.

    `accounts`: by name, what the server says of each beside its id; one that is not there is looked up in vain. They
    post with `acct`, and boost with `boosted`, the id of another's post. `pinned_on_top`: ids shown on each page.
    `scopes`: parts of the API that the token is good for; None: all. A token's user follows all `accounts`, has `lists`
    (title to members) and `bookmarks` (ids of statuses, the latest last). `is_partial`: home is still put together.
    `trends`: the cards of trending links; `trending`: tags, None where there are no trends.
    """

    def __init__(self, clock: datetime, family: str = "snowflake", *, has_bulk: bool = True, port: int = 0) -> None:
        self._http = HttpServer(self._respond, port=port)
        self.clock, self.family, self.has_bulk = clock, family, has_bulk
        self.entries: list[Entry] = []
        self.by_id: dict[str, Entry] = {}
        self.asked: list[str] = []
        self.limits: list[Limit] = []
        self.token: str | None = None
        self.refusal = 401
        self.access = {"local": "public", "remote": "public"}
        self.per_request = timedelta(0)
        self.answer: Answer | None = None
        self.accounts: dict[str, dict[str, Any]] = {}
        self.pinned_on_top: list[str] = []
        self.scopes: tuple[str, ...] | None = None
        self.lists: dict[str, tuple[str, ...]] = {}
        self.bookmarks: list[str] = []
        self.is_partial = False
        self.trends: list[dict[str, Any]] = []
        self.trending: list[str] | None = []
        self.unknown: tuple[str, ...] = ()
        self._numbers = 0

    @property
    def url(self) -> str:
        return self._http.url

    def __enter__(self) -> Self:
        self._http.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._http.__exit__(*error)

    # ------------------------------------------------------------ what happens there

    def post(
        self,
        *,
        id_time: datetime | None = None,
        delay: timedelta = timedelta(0),
        tags: tuple[str, ...] = ("ai",),
        native_id: str | None = None,
        at: datetime | None = None,
        acct: str = "ada@far.example",
        boosted: str | None = None,
        uri: str | None = None,
        **changes: Any,
    ) -> str:
        """Somebody posts at `at` (now): visible after `delay`, with an id of `id_time` (now); `uri`: elsewhere."""
        at = at or self.clock
        created_at = id_time or at
        self._numbers += 1
        native_id = native_id or self._id_at(created_at)
        uri = uri or f"{self.url}/users/ada/statuses/{self._numbers}"
        entry = Entry(native_id, uri, created_at, at + delay, tags, changes, acct=acct, boosted=boosted)
        self._keep(entry)
        return native_id

    def edit(self, native_id: str, *, tags: tuple[str, ...] | None = None, **changes: Any) -> None:
        """Its author edits a post."""
        entry = self.by_id[native_id]
        entry.tags = entry.tags if tags is None else tags
        entry.changes |= {"edited_at": _written(self.clock), **changes}

    def delete(self, native_id: str) -> None:
        """Its author deletes a post."""
        self.by_id[native_id].deleted_at = self.clock

    def copy(self, home: Fediverse, ids: Iterable[str]) -> list[str]:
        """Posts of another server come here; their ids here."""
        return [
            self.post(
                at=entry.created_at, id_time=entry.created_at, uri=entry.uri, content=home._status(entry)["content"]
            )
            for entry in (home.by_id[each] for each in ids)
        ]

    def lose(self, ids: Iterable[str]) -> list[Entry]:
        """It knows these posts no more, although nobody deleted them; what `find_again` takes."""
        lost = [self.by_id.pop(each) for each in ids]
        for entry in lost:
            self.entries.remove(entry)
        return lost

    def find_again(self, lost: Iterable[Entry]) -> None:
        """It knows them once more, as they were."""
        for entry in lost:
            self._keep(entry)

    def reset(self, family: str | None = None) -> None:
        """The database is lost, and ids begin anew."""
        self.entries, self.by_id, self.family = [], {}, family or self.family

    def _keep(self, entry: Entry) -> None:
        self.by_id[entry.id] = entry
        insort(self.entries, entry, key=lambda each: order(each.id))

    def _id_at(self, moment: datetime) -> str:
        """As servers make them: the time, and a number that tells those of one millisecond apart."""
        base = id_at(moment, self.family)  # type: ignore[arg-type]
        if base is None:
            return str(self._numbers)
        if self.family == "snowflake":
            return str(int(base) + self._numbers % 65536)
        return base[:-4] + f"{self._numbers:04d}"

    # ------------------------------------------------------------ what it answers

    def reply(self, target: str, token: str | None) -> Answer:
        """The answer to a GET request."""
        self.asked.append(target)
        self.clock += self.per_request
        if self.answer:
            return self.answer
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        refused, headers = self._limited(query)
        if refused:
            return refused
        status, more, body = self._routed(parts.path, query, token)
        return status, {**headers, **more}, body

    def _respond(self, request: Request) -> web.Response:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ") or None
        status, headers, body = self.reply(request.target, bearer)
        usual = {"Content-Type": "application/json", "Date": self.clock.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(status=status, body=sent, headers=usual | headers)

    def _limited(self, query: dict[str, list[str]]) -> tuple[Answer | None, dict[str, str]]:
        is_paged = bool({"min_id", "max_id", "since_id"} & query.keys())
        headers: dict[str, str] = {}
        for limit in self.limits:
            if limit.only_paged and not is_paged:
                continue
            left = limit.left(self.clock)
            if limit.is_announced:
                reset_at = (limit.made[0] if limit.made else self.clock) + limit.window
                headers = {
                    "X-RateLimit-Limit": str(limit.most),
                    "X-RateLimit-Remaining": str(max(0, left - 1)),
                    "X-RateLimit-Reset": reset_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                }
            if left <= 0:
                wait = {"Retry-After": str(limit.retry_after)} if limit.retry_after else {}
                return (429, {**headers, **wait}, {"error": "Too many requests"}), headers
            limit.made.append(self.clock)
        return None, headers

    def _routed(self, path: str, query: dict[str, list[str]], token: str | None) -> Answer:
        if path.startswith(self.unknown):
            return 404, {}, {"error": "Not found"}
        if path == "/api/v2/instance":
            feeds = {"configuration": {"timelines_access": {"hashtag_feeds": self.access}}}
            return 200, {}, {"domain": "fediverse.example", "version": "4.5.0", **feeds}
        if path == "/api/v1/instance":
            return 200, {}, {"uri": "fediverse.example", "version": "4.0.0 (a small server)"}
        if self.token is not None and token != self.token:
            words = (
                "This method requires an authenticated user" if self.refusal == 422 else "The access token is invalid"
            )
            return self.refusal, {}, {"error": words}
        if self.scopes is not None and not path.startswith(self.scopes):
            return 403, {}, {"error": "This action is outside the authorized scopes"}
        if path.startswith("/api/v1/timelines/tag/"):
            return self._timeline(unquote(path.rpartition("/")[2]), query, path)
        if path.startswith("/api/v1/accounts/"):
            return self._account_reply(path, query)
        if path == "/api/v1/timelines/public":
            return 200, {}, [self._status(each) for each in self.entries[::-1] if self._is_there(each)][:1]
        if path == "/api/v1/trends/tags" and self.trending is not None:
            tags = [{"name": fold_tag(tag), "id": "7", "history": []} for tag in self.trending]
            return 200, {}, tags[: min(int(query["limit"][-1]), 20)]
        if path == "/api/v1/trends/links" and self.trending is not None:
            first, limit = (int(query.get(name, ["0"])[-1]) for name in ("offset", "limit"))
            return 200, {}, self.trends[first : first + min(limit, 20)]
        if path.startswith(("/api/v1/lists", "/api/v1/bookmarks", "/api/v1/timelines/home", "/api/v1/timelines/list/")):
            return self._own_reply(path, query) if token else (401, {}, {"error": "The access token is invalid"})
        if path == "/api/v1/statuses":
            if not self.has_bulk:
                return 405, {}, {"error": "Method not allowed"}
            found = (self.by_id.get(each) for each in query.get("id[]", [])[:LARGEST_BULK])
            return 200, {}, [self._status(each) for each in found if each and self._is_there(each)]
        if path.startswith("/users/"):
            return self._as_data(f"{self.url}{path}")
        entry = self.by_id.get(path.rpartition("/")[2])
        if path.startswith("/api/v1/statuses/") and entry and self._is_there(entry):
            return 200, {}, self._status(entry)
        return 404, {}, {"error": "Record not found"}

    def _as_data(self, uri: str) -> Answer:
        """A status by its ActivityPub id."""
        found = any(each.uri == uri and self._is_there(each) for each in self.entries)
        return (200, {}, {"id": uri, "type": "Note"}) if found else (404, {}, {"error": "Not found"})

    def _timeline(self, tag: str, query: dict[str, list[str]], path: str) -> Answer:
        one = {name: values[-1] for name, values in query.items()}
        limit = min(int(one.get("limit", DEFAULT_PAGE)), LARGEST_PAGE)
        wanted = {fold_tag(tag), *map(fold_tag, query.get("any[]", []))}
        found = [
            each
            for each in self.entries
            if self._is_there(each) and not each.boosted and wanted & set(map(fold_tag, each.tags))
        ]
        return self._paged(found, one, limit, path)

    def _paged(self, found: list[Entry], one: dict[str, str], limit: int, path: str) -> Answer:
        if "max_id" in one:
            found = [each for each in found if order(each.id) < order(one["max_id"])]
        if "min_id" in one:
            found = [each for each in found if order(each.id) > order(one["min_id"])][:limit]
        elif "since_id" in one:
            found = [each for each in found if order(each.id) > order(one["since_id"])]
        page = found[::-1][:limit]
        links = f'<{self.url}{path}?max_id={page[-1].id}>; rel="next"' if page else ""
        return 200, {"Link": links} if page else {}, [self._status(each) for each in page]

    def _account_reply(self, path: str, query: dict[str, list[str]]) -> Answer:
        """An account that is looked up, or its statuses: with boosts, without what it has pinned."""
        one = {name: values[-1] for name, values in query.items()}
        names = list(self.accounts)
        if path == "/api/v1/accounts/lookup":
            name = one["acct"]
            found = self.accounts.get(name)
            return (404, {}, {"error": "Record not found"}) if found is None else (200, {}, self._account(name))
        number = path.split("/")[4]
        if not number.isdigit() or not 0 < int(number) <= len(names):
            return 404, {}, {"error": "Record not found"}
        name = names[int(number) - 1]
        mine = [each for each in self.entries if self._is_there(each) and each.acct == name]
        if self.accounts[name].get("suspended"):
            mine = []
        if one.get("exclude_reblogs") == "true":
            mine = [each for each in mine if not each.boosted]
        if one.get("exclude_replies") == "true":
            mine = [each for each in mine if not each.changes.get("in_reply_to_id")]
        status, headers, page = self._paged(mine, one, min(int(one.get("limit", DEFAULT_PAGE)), LARGEST_PAGE), path)
        pinned = [{**self._status(self.by_id[each]), "pinned": True} for each in self.pinned_on_top]
        return status, headers, [*pinned, *page]

    def _own_reply(self, path: str, query: dict[str, list[str]]) -> Answer:
        """What only a token's user sees."""
        one = {name: values[-1] for name, values in query.items()}
        limit = min(int(one.get("limit", DEFAULT_PAGE)), LARGEST_PAGE)
        titles = list(self.lists)
        if path == "/api/v1/lists":
            return 200, {}, [{"id": str(number), "title": title} for number, title in enumerate(titles, 7)]
        if path == "/api/v1/bookmarks":
            return self._bookmarks(one, limit)
        members = tuple(self.accounts)
        if path.startswith("/api/v1/timelines/list/"):
            number = int(path.rpartition("/")[2]) - 7
            if not 0 <= number < len(titles):
                return 404, {}, {"error": "Record not found"}
            members = self.lists[titles[number]]
        found = [each for each in self.entries if self._is_there(each) and each.acct in members]
        if self.is_partial:
            return 206, {}, []
        return self._paged(found, one, limit, path)

    def _bookmarks(self, one: dict[str, str], limit: int) -> Answer:
        """By ids of their own, told in the Link header alone."""
        found = [(number, each) for number, each in enumerate(self.bookmarks, 500) if self._is_there(self.by_id[each])]
        if "max_id" in one:
            found = [each for each in found if each[0] < int(one["max_id"])]
        if "min_id" in one:
            found = [each for each in found if each[0] > int(one["min_id"])][:limit]
        page = found[::-1][:limit]
        if not page:
            return 200, {}, []
        base = f"{self.url}/api/v1/bookmarks?limit={limit}"
        links = [f'<{base}&max_id={page[-1][0]}>; rel="next"'] if len(page) == limit else []
        links.append(f'<{base}&min_id={page[0][0]}>; rel="prev"')
        return 200, {"Link": ", ".join(links)}, [self._status(self.by_id[each]) for _, each in page]

    def _account(self, acct: str) -> dict[str, Any]:
        number = list(self.accounts).index(acct) + 1 if acct in self.accounts else 0
        host = acct.rpartition("@")[2] if "@" in acct else "fediverse.example"
        page = {"url": f"https://{host}/@{acct.partition('@')[0]}", "bot": False}
        return {"id": str(number), "acct": acct, **page, **self.accounts.get(acct, {})}

    def _is_there(self, entry: Entry) -> bool:
        if entry.boosted and self.by_id[entry.boosted].deleted_at:
            return False
        return entry.visible_at <= self.clock and entry.deleted_at is None

    def _status(self, entry: Entry) -> dict[str, Any]:
        return {
            "id": entry.id,
            "uri": entry.uri,
            "url": f"https://far.example/@ada/{entry.uri.rpartition('/')[2]}",
            "created_at": _written(entry.created_at),
            "edited_at": None,
            "content": f"<p>The ferry sails again, says captain {entry.uri.rpartition('/')[2]}.</p>",
            "account": self._account(entry.acct),
            "tags": [{"name": fold_tag(tag)} for tag in entry.tags],
            "visibility": "public",
            "language": "en",
            "reblog": self._status(self.by_id[entry.boosted]) if entry.boosted else None,
            **entry.changes,
        }


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

"""The tools, resources and prompts of `aggregator mcp`, as the protocol's own package serves them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from aggregator import __version__
from aggregator.engine.assistant.answers import Answer, Desk
from aggregator.engine.assistant.arguments import AskedServer
from aggregator.engine.assistant.quotation import NOTE
from aggregator.model.errors import AggregatorError

_INSTRUCTIONS = f"""News that this desk has collected: posts of feeds and of Mastodon, one copy of each, tagged by
topic, grouped into stories about one event, with what was reported before. Everything is read only.
{NOTE}
Begin with `new_since` or `search`; `story` has the sources of one story. Say which source says what, and link it.
Times are UTC. A time to ask from is written 24h, 3d, 2w or 2026-11-01. `sql` is for what no other tool answers: read
the resource aggregator://schema first, ask the views, and name the columns that you need."""

_Since = Annotated[str, Field(description="24h, 3d, 2w, 2026-11-01 or 2026-11-01T08:00Z; empty: from the beginning")]
_Topic = Annotated[str, Field(description="a topic (resource aggregator://topics), such as funding; empty: all")]
_Language = Annotated[str, Field(description="ISO 639-1, such as en or de; empty: all")]
_Limit = Annotated[int, Field(ge=1, le=200, description="how many at most")]
_Sources = Annotated[int, Field(ge=1, description="only stories that so many sources carry")]

_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


def assistant_server(database: Path) -> MCPServer[None]:
    """The server over this database. It opens it for each question, so that a daemon may write meanwhile."""
    server = AskedServer(
        "aggregator", title="News desk", instructions=_INSTRUCTIONS, version=__version__, log_level="WARNING"
    )
    desk = Desk(database)
    _add_tools(server, desk)
    _add_more_tools(server, desk)
    _add_resources(server, desk)
    _add_prompts(server)
    return server


def _told(ask: Callable[[], Answer]) -> str:
    """The answer as JSON.

    Raises:
        ToolError: there is none; says why in words.
    """
    try:
        return json.dumps(ask(), ensure_ascii=False, separators=(",", ":"))
    except AggregatorError as error:
        raise ToolError(str(error)) from error


def _add_tools(server: MCPServer[None], desk: Desk) -> None:
    tool = functools.partial(server.tool, annotations=_READS, structured_output=False)

    @tool()
    def search(
        words: Annotated[str, Field(description='all of them must stand in the post; OR, NOT, "a phrase", prefix*')],
        since: _Since = "",
        topic: _Topic = "",
        language: _Language = "",
        limit: _Limit = 10,
    ) -> str:
        """Posts that contain all the words, the newest first, with their story."""
        return _told(lambda: desk.search(words, since, topic, language, limit))

    @tool()
    def stories(
        topic: _Topic = "",
        since: _Since = "",
        language: _Language = "",
        min_sources: _Sources = 1,
        sort: Literal["time", "score"] = "time",
        limit: _Limit = 10,
    ) -> str:
        """Stories: what happened, each told by its posts. The latest first, or by score the weightiest."""
        return _told(lambda: desk.stories(topic, since, language, min_sources, sort, limit))

    @tool()
    def story(name: Annotated[str, Field(description="its id or slug")]) -> str:
        """One story: its brief, every post with its address and why it belongs here, topics, earlier coverage."""
        return _told(lambda: desk.story(name))

    @tool()
    def timeline(topic: _Topic, since: _Since = "30d", limit: _Limit = 10) -> str:
        """How much was written on a topic day by day, and the stories that most sources carried, in order of time."""
        return _told(lambda: desk.timeline(topic, since, limit))


def _add_more_tools(server: MCPServer[None], desk: Desk) -> None:
    tool = functools.partial(server.tool, annotations=_READS, structured_output=False)

    @tool()
    def explain(post: Annotated[str, Field(description="its id or address")]) -> str:
        """Why a post has its topics, is a copy of another, is in its story, or was kept out by a filter."""
        return _told(lambda: desk.explain(post))

    @tool()
    def new_since(
        since: Annotated[str, Field(description="24h, 3d, 2026-11-01, or the `seq` of your last answer")] = "24h",
        limit: _Limit = 20,
    ) -> str:
        """Stories with news since then. Keep `seq` of the answer to ask the next time for what is new to you; where
        there are `stories_left_out`, ask once more with a larger limit before: the next time they are not told."""
        return _told(lambda: desk.new_since(since, limit))

    @tool()
    def sources_in_trouble() -> str:
        """Sources that can't be read, are gone or limited, or say something that whoever follows them should know."""
        return _told(desk.sources_in_trouble)

    @tool()
    def sql(
        query: Annotated[str, Field(description="one SELECT of SQLite, over the views of aggregator://schema")],
        limit: _Limit = 20,
    ) -> str:
        """The first rows of the answer to a query. Read only, five seconds, texts cut: name the columns you need."""
        return _told(lambda: desk.sql(query, limit))


def _add_resources(server: MCPServer[None], desk: Desk) -> None:
    def read(ask: Callable[[], str]) -> str:
        try:
            return ask()
        except AggregatorError as error:
            raise ResourceError(str(error)) from error

    @server.resource("aggregator://schema", title="Schema", mime_type="text/plain")
    def schema() -> str:
        """Views and tables as SQL, with a comment on what each column is."""
        return read(desk.schema)

    @server.resource("aggregator://topics", title="Topics", mime_type="text/plain")
    def topics() -> str:
        """The topics that posts have, with how many."""
        return read(desk.topics)


def _add_prompts(server: MCPServer[None]) -> None:
    @server.prompt(title="Brief me on …")
    def brief_me_on(subject: str) -> str:
        """What happened lately with a subject, with links."""
        return (
            f"Brief me on {subject}. Search for it and for its topic, read the stories that matter, and tell me in "
            "three parts: what happened, why it matters, what to watch. Say of each sentence which source says so, and "
            f"link it. Leave out what no source says. {NOTE}"
        )

    @server.prompt(title="What is new since …")
    def what_is_new_since(when: str = "24h") -> str:
        """The news since a time, the weightiest first."""
        return (
            f"What is new since {when}? Ask new_since, group what belongs together, and tell me the five that most "
            "sources carry, a sentence and a link each; then, in a line, what else there is. Say of a story that goes "
            f"on what was known before. {NOTE}"
        )

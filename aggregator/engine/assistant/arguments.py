"""What an assistant asks with: mistakes in it are said in words. The protocol's package says them as pydantic does, and
passes over arguments that a tool does not have, so that `topics` for `topic` would ask for everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, InputRequiredResult
from pydantic import ValidationError

from aggregator.text.typed.nearest import nearest


class AskedServer(MCPServer[None]):
    """A server that says of each argument that a tool can't use what was expected."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: there is no such tool, it can't use the arguments, or it has no answer; says why in words.
        """
        tools = {tool.name: tool.input_schema.get("properties", {}) for tool in await self.list_tools()}
        if name not in tools:
            raise ToolError(f"there is no tool {name!r}{_meant(nearest(name, tools))}: there are {', '.join(tools)}")
        if wrong := list(_unknown(name, arguments, tools[name])):
            raise ToolError("; ".join(wrong))
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError("; ".join(_in_words(name, error.__cause__))) from error
            if isinstance(error.__cause__, ToolError):  # ours, behind words of the package
                raise error.__cause__ from None
            raise


def _unknown(tool: str, arguments: Mapping[str, object], known: Mapping[str, object]) -> Iterator[str]:
    takes = f"it takes {', '.join(known)}" if known else "it takes nothing"
    for each in arguments:
        if each not in known:
            yield f"{tool} has no argument {each!r}{_meant(nearest(each, known))}: {takes}"


def _in_words(tool: str, error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False):
        argument = ".".join(str(part) for part in each["loc"]) or "the arguments"
        if each["type"] == "missing":
            yield f"{tool} needs {argument}"
        else:
            yield f"{tool}, {argument}: {each['msg'][:1].lower()}{each['msg'][1:]}, not {str(each['input'])[:80]!r}"


def _meant(name: str | None) -> str:
    return f" (did you mean {name}?)" if name else ""

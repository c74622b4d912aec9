"""A message on the standard input of a program, which is run without a shell, in a process group of its own.

It has a minute. What it says on standard output is not read, of standard error the end is kept: its last line says why
it failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from datetime import datetime

from aggregator.model.outbox import Command, Delivery, Message
from aggregator.publish.messages.payload import as_json
from aggregator.text.terminal.characters import seen_line

_PATIENCE_SECONDS = 60.0
# Between being asked to end and being ended.
_GRACE_SECONDS = 3.0
# What it left running may hold its standard error open; that is not waited for.
_LAST_WORDS_SECONDS = 0.5
_LOOK_SECONDS = 0.02
_MOST_KEPT = 4 * 1024
_CHUNK = 16 * 1024
_MOST_SAID = 200


class CommandChannel:
    """The way to a program. `patience`, `grace`: in seconds."""

    def __init__(self, target: Command, *, patience: float = _PATIENCE_SECONDS, grace: float = _GRACE_SECONDS) -> None:
        self._argv, self._patience, self._grace = target.argv, patience, grace

    async def send(self, message: Message, now: datetime) -> Delivery:
        """Run it; it took the message where it ends with status 0. Cancelling ends it, and all that it started."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE, start_new_session=True, env=_environment(message),
            )  # fmt: skip
        except (OSError, ValueError) as error:
            return Delivery(error=_not_started(error))
        said = bytearray()
        listening = asyncio.create_task(_listen(process, said))
        # Beside: what it left running may hold the other end of its input open, too, and read nothing.
        telling = asyncio.create_task(_tell(process, as_json(message) + b"\n"))
        try:
            async with asyncio.timeout(self._patience):
                status = await _status(process)
            await asyncio.wait({listening}, timeout=_LAST_WORDS_SECONDS)
        except TimeoutError:
            await self._end(process)
            return Delivery(error=f"it ran for longer than {self._patience:g} s, and was ended")
        except BaseException:
            await self._end(process)
            raise
        finally:
            listening.cancel()
            telling.cancel()
            _close(process)
        return Delivery(error=None if status == 0 else _in_words(status, _last_line(said)))

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """Ask it and what it started to end, and end what does not."""
        try:
            if _signalled(process, signal.SIGTERM):
                async with asyncio.timeout(self._grace):
                    await _status(process)
        except TimeoutError:
            pass
        finally:
            # Also where it has ended by itself: others of its group may not have.
            _signalled(process, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace):
                await _status(process)


def _not_started(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "it is not there, or what its first line says that runs it"
    if isinstance(error, PermissionError):
        return "it may not be run: it is not executable, or not for this user"
    return f"it can't be run: {getattr(error, 'strerror', None) or error}"


def _environment(message: Message) -> Mapping[str, str]:
    kinds = dict.fromkeys(item.kind for item in message.items)
    return {
        **os.environ,
        "AGGREGATOR_TARGET": message.target,
        "AGGREGATOR_KIND": " ".join(kinds),
        "AGGREGATOR_MESSAGE_ID": message.id,
    }


async def _tell(process: asyncio.subprocess.Process, text: bytes) -> None:
    """Write it. One that does not read is no trouble: it may know all that it wants by the environment."""
    if process.stdin is None:
        return
    with contextlib.suppress(ConnectionError):
        process.stdin.write(text)
        await process.stdin.drain()
    with contextlib.suppress(ConnectionError):
        process.stdin.close()
        await process.stdin.wait_closed()


async def _status(process: asyncio.subprocess.Process) -> int:
    """What it ended with. asyncio's own `wait` waits for all who hold its pipes open, too: those it left running."""
    while process.returncode is None:
        await asyncio.sleep(_LOOK_SECONDS)
    return process.returncode


async def _listen(process: asyncio.subprocess.Process, said: bytearray) -> None:
    """Keep the end of what it says on standard error, however much that is."""
    while process.stderr and (chunk := await process.stderr.read(_CHUNK)):
        said += chunk
        del said[:-_MOST_KEPT]


def _close(process: asyncio.subprocess.Process) -> None:
    """Let go of its pipes, which what it left running may hold open for ever."""
    if process.stdin is not None and process.stdin.transport.get_write_buffer_size():
        process.stdin.transport.abort()  # to close it waits until somebody has read it all
    transport = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()


def _signalled(process: asyncio.subprocess.Process, number: signal.Signals) -> bool:
    """Tell its whole group; False where nobody is left in it."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _last_line(said: bytearray) -> str:
    lines = said.decode("utf-8", "replace").splitlines()
    line = next((line for line in reversed(lines) if line.strip()), "")
    return seen_line(line)[:_MOST_SAID]


# What shells and `env` end with where they can't run something.
_MEANINGS = {126: "what it wanted to run may not be run", 127: "what it wanted to run is not there"}


def _in_words(status: int, line: str) -> str:
    if status < 0:
        try:
            how = f"it was ended by {signal.Signals(-status).name}"
        except ValueError:
            how = f"it was ended by signal {-status}"
    else:
        meaning = _MEANINGS.get(status)
        how = f"exit status {status}" + (f" ({meaning})" if meaning else "")
    return f"{how}: {line}" if line else how

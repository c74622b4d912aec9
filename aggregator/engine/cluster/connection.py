"""A connection to other machines that is kept, and made again where it is lost; how many there are is said.

Whatever is wrong with it, sources are polled from here meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from threading import Thread
from types import TracebackType

import structlog

from aggregator.engine.cluster.task import this_program
from aggregator.model.machines.cluster import Machines

# How often it is looked who is there, and tried to connect where nobody is; how long either may take.
_LOOK_SECONDS, _CONNECT_SECONDS, _LONGEST_LOOK = 5.0, 10.0, 20.0


class Workers(Executor):
    """The workers that one connection leads to. `submit` raises RuntimeError where none has a thread free."""

    @property
    @abstractmethod
    def threads(self) -> Mapping[str, int]:
        """How many each has that can be used."""

    @abstractmethod
    def is_connected(self) -> bool:
        """Does it lead anywhere?"""

    @abstractmethod
    def look(self) -> Sequence[str]:
        """See who is there now; of each new one that is of another version, what it is, in words. Blocks, and raises
        whatever its library does."""

    @abstractmethod
    def close(self) -> None:
        """Part with them. Blocks for a second at most."""


class Connection:
    """An async context manager. `connect` blocks, and raises whatever its library does, or ConnectionError; `address`
    is what it leads to, in words."""

    def __init__(self, address: str, connect: Callable[[], Workers]) -> None:
        self._address, self._connect = address, connect
        self._workers: Workers | None = None
        self._told: set[str] = set()  # since it was last seen who is there
        self._none_since: float | None = time.monotonic()
        self._keeping: asyncio.Task[None] | None = None
        self._connecting: asyncio.Future[Workers] | None = None
        self._is_left = False
        self._log = structlog.get_logger("cluster")

    async def __aenter__(self) -> Connection:
        await self.go_on()
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._is_left = True
        if self._keeping:
            self._keeping.cancel()
        if self._connecting:
            self._connecting.add_done_callback(_nobody_waits)
        await self._part()

    def executor(self) -> Executor | None:
        """What takes tasks; None where no worker can be reached."""
        return self._workers if self._threads() else None

    def machines(self) -> Machines:
        """How many there are, and since when there is none."""
        threads = self._threads()
        return Machines(len(threads), sum(threads.values()), None if threads else self._none_since)

    def _threads(self) -> Mapping[str, int]:
        return self._workers.threads if self._workers and self._workers.is_connected() else {}

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.go_on()

    async def go_on(self) -> None:
        """Connect, or see who is there now. What goes wrong is said once, and tried again."""
        try:
            if self._workers is None or not self._workers.is_connected():
                await self._part()
                self._workers = await self._connected()
                self._log.info("connected to the scheduler", scheduler=self._address)
            look = asyncio.to_thread(self._workers.look)
            for words in await asyncio.wait_for(look, _LONGEST_LOOK):  # the scheduler may hang
                self._log.error(f"a worker is refused: it is {words}, this is {this_program()}")
            self._tell_workers(self._workers.threads)
        except Exception as error:  # of a library, over a network: whatever it is, sources are polled from here
            await self._part()
            why = f"{type(error).__name__}: {str(error) or 'the scheduler gave no answer in time'}"
            trouble = "".join(char for char in why if not char.isdigit())  # of ports
            if trouble not in self._told:
                self._told.add(trouble)
                self._log.error("no cluster: all is collected here", scheduler=self._address, why=why)
        if self._threads():
            self._none_since = None
        elif self._none_since is None:
            self._none_since = time.monotonic()

    def _tell_workers(self, threads: Mapping[str, int]) -> None:
        """How many there are, when that is another number."""
        found = {f"{sorted(threads.values())}"}
        if found == self._told:
            return
        self._told = found
        if threads:
            self._log.info("workers collect", workers=len(threads), threads=sum(threads.values()))
        else:
            self._log.warning("the scheduler has no worker that can be used: all is collected here")

    async def _part(self) -> None:
        if workers := self._workers:
            await asyncio.to_thread(workers.close)

    async def _connected(self) -> Workers:
        """Raises whatever `connect` does, and ConnectionError where nothing comes: what hangs is then waited for again,
        and nothing tried beside it."""
        if self._connecting is None:
            self._connecting = _beside(self._connect_for_somebody)
        await asyncio.wait({self._connecting}, timeout=_CONNECT_SECONDS)
        if not self._connecting.done():
            raise ConnectionError("the scheduler takes a connection, and says nothing")
        found, self._connecting = self._connecting, None
        return found.result()

    def _connect_for_somebody(self) -> Workers:
        workers = self._connect()
        if self._is_left:
            workers.close()
            raise ConnectionError("nobody waits for it any more")
        return workers


def _nobody_waits(found: asyncio.Future[Workers]) -> None:
    """A connection that comes after all is closed; why none came is looked at, so that asyncio does not complain."""
    if not found.cancelled() and found.exception() is None:
        Thread(target=found.result().close, name="parting", daemon=True).start()


def _beside(work: Callable[[], Workers]) -> asyncio.Future[Workers]:
    """What comes of it, in a thread that holds up neither others nor the end of this process where it never ends."""
    done: Future[Workers] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    Thread(target=run, name="connecting", daemon=True).start()
    return asyncio.wrap_future(done)

"""How what is under way ends when the program does."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta
from typing import Any


async def cut_off(tasks: Collection[asyncio.Task[Any]], patience: timedelta) -> None:
    """Wait for these tasks, so long at most for all of them together; those that have not ended then are cancelled.
    Returns when all have ended, and raises nothing of theirs."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=patience.total_seconds())
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)

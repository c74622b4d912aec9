"""Asking after stored posts that a timeline did not show: were they deleted, edited, or are they only not listed?

Absence from a timeline says nothing. A status is gone if the server answers 404 or 410 for it and shows another one,
or leaves it out of a reply with several statuses that has another one. Everything else is trouble with access.
"""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.model.poll import Outcome
from aggregator.sources.mastodon.client import BULK, Server, Stop
from aggregator.sources.mastodon.ids import order
from aggregator.sources.mastodon.step import Step

# More than these in one reply are asked for one by one before they are believed to be gone: a server may hide posts.
_FEW = 5
# Posts that one call asks after; more wait for the next.
MOST_AT_ONCE = 5 * (BULK - 1)
_MOST_SINGLY = 20


def recheck(server: Server, unseen: Sequence[str], has_bulk: bool | None, found: Step) -> tuple[bool | None, bool]:
    """Ask after these posts. Whether the server gives several at once, and whether this is at its end.

    Raises Stop, with what was learned before in `found`.
    """
    if not unseen:
        return has_bulk, True
    page = found.take(server.page({}))
    if not page:
        return has_bulk, True  # nothing to compare with
    witness = max(page, key=order)
    try:
        if has_bulk is not False:
            answer = _in_bulk(server, unseen, witness, found)
            if answer is not None:
                return True, not answer or len(unseen) < MOST_AT_ONCE
        is_known = _singly(server, unseen[:_MOST_SINGLY], witness, found)
        return False, not is_known or len(unseen) <= _MOST_SINGLY
    except Stop as stop:
        # The timeline is well; the server only refuses this, and would again.
        if stop.outcome is Outcome.FAILED and server.session.reply and not stop.retry_at:
            found.warnings.append(f"deletions can't be followed: {stop.detail}")
            return has_bulk, True
        raise


def _in_bulk(server: Server, unseen: Sequence[str], witness: str, found: Step) -> bool | None:
    """Several at once. False: the server can't be believed; None: it can't do that."""
    for start in range(0, len(unseen), BULK - 1):
        server.stop_if_exhausted()
        asked = unseen[start : start + BULK - 1]
        given = server.statuses([*asked, witness])
        if given is None:
            return None
        if witness not in given:
            found.warnings.append("deletions can't be followed: the server leaves out posts that it shows elsewhere")
            return False
        found.take([given[native_id] for native_id in asked if native_id in given])
        absent = [native_id for native_id in asked if native_id not in given]
        if len(absent) > _FEW:
            _ask_each(server, absent, found)
        else:
            found.gone += absent
    return True


def _singly(server: Server, unseen: Sequence[str], witness: str, found: Step) -> bool:
    """One by one. False: the server can't be believed."""
    server.stop_if_exhausted()
    if server.status(witness) is None:
        found.warnings.append("deletions can't be followed: the server does not know a post that it shows elsewhere")
        return False
    _ask_each(server, unseen, found)
    return True


def _ask_each(server: Server, ids: Sequence[str], found: Step) -> None:
    for native_id in ids:
        server.stop_if_exhausted()
        status = server.status(native_id)
        if status is None:
            found.gone.append(native_id)
        else:
            found.take([status])

"""Who is to be told and takes no messages, and what was given up."""

from __future__ import annotations

from collections.abc import Iterator

from aggregator.model.finding import Finding, note, trouble, well
from aggregator.storage.checkup.looking import Look
from aggregator.storage.outbox.listing import STUCK_AFTER, stuck_targets


def check_targets(look: Look) -> Iterator[Finding]:
    """Targets of `[[notify]]` that have taken nothing for an hour; messages that were given up are a note."""
    stuck = stuck_targets(look.conn, look.now, STUCK_AFTER)
    for name, error, since in stuck:
        words = f"takes no messages since {since:%Y-%m-%d %H:%M} UTC: {error}"
        remedy = "What waits is sent when it takes messages again, and given up after three days."
        yield trouble("targets", words, name, remedy, look.command("notify", "test", name))
    failed = look.conn.execute(
        "SELECT target, count(1) FROM outbox WHERE state = 'failed' GROUP BY target ORDER BY target"
    ).fetchall()
    for name, count in failed:
        words = f"things that it was to be told, and that were given up: {count:,}"
        yield note("targets", words, name, "`aggregator notify retry` has them sent again.")
    if not stuck and not failed:
        yield well("targets", "whoever is to be told is told")

"""Asking after stored posts that a timeline did not show: were they deleted, edited, or are they only not listed?

Absence from a timeline says nothing. A server *has not* a status if it answers 404 or 410 for it and shows another one,
or leaves it out of a reply with several statuses that has another one. Where the timeline is empty, that is any status
that the server shows in public; if there is none, its word counts no more than that of a server which is not the
status's own. Everything else is trouble with access.

That a server has it not does not mean that it was deleted: servers forget what is not theirs, block others, and are set
up anew. So it is *believed* of the status's home server, the host of its `uri`; else that one is asked, publicly (see
`home`): it is believed where it shows a tombstone or says 410, and with a plain 404 where it shows another status: then
it is neither wiped nor behind a broken proxy. Else all servers that had shown it must agree; else this one a day later,
if no other has shown it meanwhile. A server that has more of its posts not than it has is in trouble, and is not
believed at once even of its own. Until then nothing is emptied: the post is `Missing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.model.poll import Outcome
from aggregator.model.source import SourceMemory
from aggregator.model.timelines import GoneBecause, Missing, Unseen
from aggregator.sources.mastodon.accounts import take_page
from aggregator.sources.mastodon.client import BULK, Server, Stop
from aggregator.sources.mastodon.home import Homes, Told
from aggregator.sources.mastodon.ids import order
from aggregator.sources.mastodon.step import Step
from aggregator.text.urls import is_home

# More than these in one reply are asked for one by one before they are believed to be gone: a server may hide posts.
_FEW = 5
# Posts that one call asks after; more wait for the next.
_MOST_AT_ONCE = 5 * (BULK - 1)
_MOST_SINGLY = 20

# How long after the first look the second one must agree; also how long a proof that a post is there keeps.
SECOND_LOOK = timedelta(days=1)
# When a home server is asked that could not be, because requests ran out.
_SOON = timedelta(minutes=30)
# A server that has so many posts not, and fewer that it has, is in trouble.
_TROUBLE = 5
# So many are buried in one call, of a server in trouble or by the word of homes that are not followed, so that somebody
# may see it before all are gone.
_MOST_BURIED = 20


def recheck(
    server: Server, memory: SourceMemory, has_bulk: bool | None, found: Step, now: datetime
) -> tuple[bool | None, bool]:
    """Ask after the posts of `memory.unseen`. Whether the server gives several at once, and whether this is at its end.

    Raises Stop, with what was learned before in `found`.
    """
    unseen = memory.unseen
    found.is_rechecked = True
    if not unseen:
        return has_bulk, True
    page = {} if found.is_lost else take_page(server, found, {})
    witness = max(page, key=order) if page else server.any_status()
    by_id = {each.native_id: each for each in unseen if each.native_id not in page}
    ids, absent = list(by_id), list[str]()
    try:
        if has_bulk is not False and witness:
            answer = _in_bulk(server, ids, witness, found, absent)
            if answer is not None:
                return True, not answer or len(unseen) < _MOST_AT_ONCE
        is_known = _singly(server, ids[:_MOST_SINGLY], witness, found, absent)
        return False, not is_known or len(unseen) <= _MOST_SINGLY
    except Stop as stop:
        # The timeline is well; the server only refuses this, and would again.
        if stop.outcome is Outcome.FAILED and server.session.reply and not stop.retry_at:
            found.warnings.append(f"deletions can't be followed: {stop.detail}")
            return has_bulk, True
        raise
    finally:
        if absent:
            is_doubted = witness is None
            _believe(server, [by_id[each] for each in absent], memory.still_shown, found, now, is_doubted=is_doubted)


def _in_bulk(server: Server, ids: Sequence[str], witness: str, found: Step, absent: list[str]) -> bool | None:
    """Several at once. False: the server can't be believed; None: it can't do that."""
    for start in range(0, len(ids), BULK - 1):
        server.stop_if_exhausted()
        asked = ids[start : start + BULK - 1]
        given = server.statuses([*asked, witness])
        if given is None:
            return None
        if witness not in given:
            found.warnings.append("deletions can't be followed: the server leaves out posts that it shows elsewhere")
            return False
        found.take([given[native_id] for native_id in asked if native_id in given])
        left_out = [native_id for native_id in asked if native_id not in given]
        if len(left_out) > _FEW:
            _ask_each(server, left_out, found, absent)
        else:
            absent += left_out
    return True


def _singly(server: Server, ids: Sequence[str], witness: str | None, found: Step, absent: list[str]) -> bool:
    """One by one. False: the server can't be believed."""
    server.stop_if_exhausted()
    if witness and server.status(witness) is None:
        found.warnings.append("deletions can't be followed: the server does not know a post that it shows elsewhere")
        return False
    _ask_each(server, ids, found, absent)
    return True


def _ask_each(server: Server, ids: Sequence[str], found: Step, absent: list[str]) -> None:
    for native_id in ids:
        server.stop_if_exhausted()
        status = server.status(native_id)
        if status is None:
            absent.append(native_id)
        else:
            found.take([status])


# ---------------------------------------------------------------- whom to believe


def _believe(
    server: Server, absent: Sequence[Unseen], still_shown: int, found: Step, now: datetime, *, is_doubted: bool
) -> None:
    """What the server has not: gone, or missing for now. `is_doubted`: it has shown nothing else."""
    lost = sum(each.shown_at is None for each in absent)
    # Of an account that is gone for good, as its server says, all are expected to be gone.
    is_in_trouble = lost >= _TROUBLE and lost > still_shown and (is_doubted or not found.is_lost)
    left = None if server.allowance is None else server.allowance - server.requests
    homes = Homes(server.network, left)
    told = _ask_homes(homes, absent, server.address, found, is_doubted=is_doubted)
    buried = 0
    for each in absent:
        is_believed = not (is_in_trouble or is_doubted) and is_home(each.uri, server.address)
        decided = _decide(each, told.get(each.native_id), now, is_believed=is_believed)
        is_capped = is_in_trouble or not is_home(each.uri, server.address)
        is_held = isinstance(decided, GoneBecause) and is_capped and buried >= _MOST_BURIED
        if isinstance(decided, GoneBecause) and not is_held:
            buried += is_capped
            found.bury(each.native_id, decided)
        else:
            missing = decided if isinstance(decided, Missing) else _first_look(each, now)
            found.missing.append(replace(missing, again_at=now + _SOON) if is_held else missing)
    server.requests += homes.requests
    if is_in_trouble:
        found.trouble = _trouble(lost, buried, len(absent) - buried)
        found.warnings.append(found.trouble)


def _trouble(lost: int, buried: int, kept: int) -> str:
    """What is to be said of a server that has none of so many posts, of which some are emptied and some are kept."""
    told = [f"{buried} went now, for their home servers, or a second look, agree"] if buried else []
    if kept:
        whose = "The others" if buried else "They"
        told.append(f"{whose} are kept until their home servers, or a second look a day later, agree")
    what = f"the server has none of {lost} posts that it showed before"
    return f"{what}: was it set up anew, or does it block others? {'. '.join(told)}"


def _ask_homes(
    homes: Homes, absent: Sequence[Unseen], address: str, found: Step, *, is_doubted: bool
) -> dict[str, Told]:
    """What home servers say of their statuses, by the ids here; a plain 404 only of those that show another one."""
    told: dict[str, Told] = {}
    uris = {each.native_id: each.uri for each in absent if each.uri and not each.is_shown}
    for native_id, uri in uris.items():
        is_own = is_home(uri, address)
        if is_own and not is_doubted:
            continue
        said = homes.ask(uri) if homes.may_ask(uri) else None
        if said and not (is_own and said is Told.GONE):  # a server may say 410 to everything
            told[native_id] = said
    # The oldest is the best: what a server shows that is newer may have come after it was wiped.
    others = [str(found.statuses[each].get("uri")) for each in sorted(found.statuses, key=order)]
    unknown = [native_id for native_id, said in told.items() if said is Told.UNKNOWN]
    return {key: said for key, said in told.items() if key not in unknown or homes.is_alive(uris[key], others)}


def _decide(each: Unseen, told: Told | None, now: datetime, *, is_believed: bool) -> GoneBecause | Missing:
    """Is a post gone that a server has not? `is_believed`: that is its home; `told`: what its home says when asked."""
    if is_believed and each.missing_since is None:
        return GoneBecause.DELETED
    if each.is_shown or told is Told.SHOWN:
        return _proved(each, now)
    if told is not None:
        return GoneBecause.DELETED
    since = each.shown_at or each.missing_since
    is_second = since is not None and now - since >= SECOND_LOOK
    if each.is_agreed or is_second:
        return GoneBecause.MISSING
    return _first_look(each, now)


def _first_look(each: Unseen, now: datetime) -> Missing:
    since = each.shown_at or each.missing_since or now
    return Missing(each.native_id, each.missing_since or now, max(now + _SOON, since + SECOND_LOOK), each.shown_at)


def _proved(each: Unseen, now: datetime) -> Missing:
    """It is there, elsewhere. It is asked after again in a day, and the older it is, the later."""
    return Missing(each.native_id, each.missing_since or now, now + max(SECOND_LOOK, now - each.at), now)

"""Is there a server with Mastodon's API at all, and if not, which was meant?"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from itertools import zip_longest
from urllib.parse import urlsplit

from aggregator.model.poll import Outcome
from aggregator.sources.mastodon.client import Server, Stop
from aggregator.text.typed.nearest import how_far

# Servers that many know: what people may mean who write something like it. Picked by hand, by no statistics.
_WELL_KNOWN = (
    "aus.social", "chaos.social", "det.social", "fosstodon.org", "front-end.social", "hachyderm.io", "indieweb.social",
    "infosec.exchange", "mas.to", "masto.ai", "mastodon.art", "mastodon.cloud", "mastodon.ie", "mastodon.nl",
    "mastodon.nu", "mastodon.online", "mastodon.scot", "mastodon.social", "mastodon.uno", "mastodon.world",
    "mastodonapp.uk", "mathstodon.xyz", "mstdn.jp", "mstdn.social", "norden.social", "nrw.social", "pawoo.net",
    "piaille.fr", "ruby.social", "scholar.social", "sigmoid.social", "social.coop", "social.tchncs.de",
    "techhub.social", "todon.eu", "toot.community", "troet.cafe", "wandering.shop",
)  # fmt: skip

# In these words such servers say that there is no such thing. Others use them too: then it is only not noticed that the
# server is none.
_OWN_WORDS = b"Record not found"


def explained(server: Server, stop: Stop, known: Iterable[str] = ()) -> Stop:
    """Why a server did not give what was asked for: where it does not know that (404), perhaps because it is none.
    `known` as in `no_server`."""
    reply = server.session.reply
    is_unknown = reply is not None and reply.status == HTTPStatus.NOT_FOUND
    return Stop(Outcome.FAILED, no_server(server.address, known)) if is_unknown and is_none(server) else stop


def is_none(server: Server) -> bool:
    """Does a server that does not know a timeline (404) know nothing of itself either? Takes one request at most.

    Of accounts and trends two: a small server (snac) has the older address alone, and knows every tag.
    """
    if server.session.reply and _OWN_WORDS in server.session.reply.body:
        return False
    knows_every_tag = server.timeline.on_unknown is Outcome.OK
    return not any(_introduces_itself(server, version) for version in ((2,) if knows_every_tag else (2, 1)))


def _introduces_itself(server: Server, version: int) -> bool:
    try:
        return bool(server.instance(version))
    except Stop:
        return not says_nothing(server)


def says_nothing(server: Server) -> bool:
    """Was the last answer none of such a server: not found, or a page for people?"""
    reply = server.session.reply
    return reply is not None and (reply.status == HTTPStatus.NOT_FOUND or reply.status < HTTPStatus.BAD_REQUEST)


def no_server(address: str, known: Iterable[str] = ()) -> str:
    """What is said of an address where there is none. `known`: others that are followed."""
    host = urlsplit(address).hostname or ""
    hosts = {urlsplit(each).hostname or "" for each in known} | set(_WELL_KNOWN)
    near = "" if host in _WELL_KNOWN else _nearest(host, sorted(hosts - {host, ""}))
    hint = f": did you mean {near}?" if near else ": is it spelled right?"
    return f"{address} is no server with Mastodon's API (404 for this and for /api/v2/instance){hint}"


def _nearest(host: str, hosts: Iterable[str]) -> str:
    """The host that is spelled nearly so, label by label: `.be` is another country than `.de`."""
    far: list[tuple[int, str]] = []
    for known in hosts:
        labels = [*zip_longest(host.split("."), known.split("."), fillvalue="")]
        slips = [how_far(one, other) for one, other in labels]
        if None not in slips:
            far.append((sum(each or 0 for each in slips), known))
    return min(far, default=(0, ""))[1]

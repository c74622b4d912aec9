"""Chromium on a built site: what it asks for, what it complains about, and what is wrong with how a page lies there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, Route

# The rules of axe: WCAG 2.0 to 2.2, levels A and AA, and what its makers hold for good.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# No sandbox: as root, as in a container, there is none. The others: nothing but the pages is asked for.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars=false",
]  # fmt: skip
# WCAG 1.4.12: a reader may set these, and nothing is lost.
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    " p { margin-bottom: 2em !important }"
)


def chromium() -> str | None:
    """Where Chromium is: AGGREGATOR_TEST_CHROMIUM, or of the usual names the first that is there."""
    named = os.environ.get("AGGREGATOR_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Visit:
    """A page in the browser, and all that it did. `asked`: what it asked for elsewhere, and was not given."""

    page: Page
    root: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Load a page of the site, by its path in the folder."""
        self.page.goto(self.root + path.removesuffix("index.html"), wait_until="load")

    def style(self, css: str) -> None:
        """As a reader's own stylesheet; the policy of the page allows none in it."""
        self.page.evaluate(
            "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
            " document.adoptedStyleSheets = [sheet] }", css,
        )  # fmt: skip

    def enlarge(self) -> None:
        """Letters twice as large as usual, as a reader sets them in the browser."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})

    def unfold(self) -> None:
        """Open all that is folded."""
        self.page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true })")

    def faults(self) -> list[str]:
        """What is cut off, sticks out, or lies over something else."""
        return list(self.page.evaluate(_FAULTS))

    def violations(self) -> list[str]:
        """What axe finds: rule, element, and what is wrong with it."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(_axe())
        found: list[dict[str, Any]] = self.page.evaluate(
            "async rules => (await axe.run(document, {runOnly: rules, resultTypes: ['violations']})).violations", RULES
        )
        return [
            f"{rule['id']}: {node['html'][:200]}: {' '.join(node['failureSummary'].split())[:300]}"
            for rule in found
            for node in rule["nodes"]
        ]


# Looks at a site: at a width, in a colour scheme, with more options of `visit`.
Look = Callable[..., AbstractContextManager[Visit]]


@contextmanager
def visit(browser: Browser, root: str, **options: Any) -> Iterator[Visit]:
    """A browser of its own on the site at `root`. `options` are those of playwright's `new_context`.

    Nothing moves smoothly: it is where it goes at once.
    """
    context = browser.new_context(**{"reduced_motion": "reduce", **options})
    page = context.new_page()
    here = Visit(page, root)

    def fetch(route: Route) -> None:
        if route.request.url.startswith(root):
            route.continue_()
        else:
            here.asked.append(route.request.url)
            route.abort()

    context.route("**/*", fetch)
    page.on("console", lambda said: here.complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: here.complaints.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (here.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("requestfailed", lambda asked: _is_left(asked) or here.complaints.append(f"failed: {asked.url}"))
    page.on("response", lambda got: got.status >= 400 and here.complaints.append(f"{got.status}: {got.url}"))
    yield here
    context.close()


def _is_left(asked: Request) -> bool:
    """Nobody waits for it any more: the page was left."""
    return asked.failure == "net::ERR_ABORTED"


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


_FAULTS = Path(__file__).with_name("layout_faults.js").read_text("utf-8")

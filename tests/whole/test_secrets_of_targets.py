"""Addresses and keys of those who are told go to them, and stand nowhere else, though the receivers send them back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.helpers.feeds import item, rss
from tests.helpers.http_server import Answer, HttpServer, Raw, Request
from tests.helpers.program import EVERY_SECOND, Program

HOOK, PUSHED, PASSWORD, KEY = "hook-5a1c77e2", "push-93ab41d0", "pass-c4f2081b", "S1gnH3r3Q4mVb2k5"
SECRETS = (HOOK, PUSHED, PASSWORD, KEY)
DATE = "Mon, 04 May 2026 10:00:00 GMT"
MORE = """[[notify]]
name = "desk"
on = "post"
webhook_env = "DESK"
secret_env = "KEY"
[[notify]]
name = "phone"
on = "post"
apprise_file = "{file}"
[[notify]]
name = "door"
on = "post"
webhook_file = "{door}"
"""


def refused(request: Request) -> Answer:
    """With all that was sent in the reason, the headers and the body."""
    sent = " ".join(f"{key}={value}" for key, value in request.headers.items()) + f" {request.target} {KEY}"
    head = (
        f"HTTP/1.1 403 No {sent}\r\nX-Error: {sent}\r\nContent-Type: text/plain\r\nContent-Length: {len(sent)}\r\n\r\n"
    )
    return Raw(((head + sent).encode(),))


@pytest.fixture
def program(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("secrets")

    def answer(request: Request) -> Answer:
        if request.method == "POST":
            moved = web.Response(status=307, headers={"Location": f"http://elsewhere.invalid/{HOOK}/there"})
            return moved if request.path.startswith("/door") else refused(request)
        number = 2 if request.times > 1 else 1
        entries = [
            item(f"Ferry {n} is late", f"https://paper.example/{n}", f"Pier {n} saw no ferry.", DATE)
            for n in range(number)
        ]
        return web.Response(text=rss("Paper", *entries), content_type="application/rss+xml")

    with HttpServer(answer) as site:
        monkeypatch.setenv("DESK", f"{site.url}/in/{HOOK}?auth={PASSWORD}")
        monkeypatch.setenv("KEY", f"whsec_{KEY}")
        monkeypatch.setenv("AGGREGATOR_LOG_LEVEL", "debug")
        (folder / "phone").write_text(
            f"json://me:{PASSWORD}@127.0.0.1:{site.port}/{PUSHED}\nslack://{PUSHED}\n", "utf-8"
        )
        (folder / "door").write_text(f"{site.url}/door/{HOOK}\n", "utf-8")
        made = Program(tmp_path, site, feeds=0)
        feed = f'[[feeds]]\nurl = "{site.url}/feed"\n'
        more = MORE.format(file=folder / "phone", door=folder / "door")
        made.write_config(0, EVERY_SECOND + feed + more)
        yield made
        made.close()


def test_no_secret_is_told(program: Program, tmp_path: Path) -> None:
    daemon = program.start("run")
    tried = "SELECT 1 FROM outbox WHERE error IS NOT NULL AND target = '{}'"
    program.wait_for(lambda: all(program.rows(tried.format(name)) for name in ("desk", "phone", "door")))
    daemon.terminate()
    daemon.wait(20)
    arrived = " ".join(f"{asked.target} {asked.headers}" for asked in program.site.asked if asked.method == "POST")
    assert HOOK in arrived and PUSHED in arrived and "webhook-signature" in arrived.lower()
    said = {
        words: (done := program.call(*words.split())).stdout + done.stderr
        for words in (
            "config check", "notify list", "notify list --json", "notify list --rows --json", "notify test desk",
            "notify test phone", "notify test door", "notify retry", "poll", "health", "doctor",
        )
    }  # fmt: skip
    for name in ("desk", "phone", "door"):
        assert "did not take it" in said[f"notify test {name}"], said[f"notify test {name}"]
    assert "403" in said["notify test desk"] and "redirected elsewhere" in said["notify test door"]
    files = {str(path): path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()}
    assert any(name.endswith("log") for name in files) and any(name.endswith("news.db") for name in files)
    told = {where: [secret for secret in SECRETS if secret in text] for where, text in {**said, **files}.items()}
    assert {where: secrets for where, secrets in told.items() if secrets} == {}

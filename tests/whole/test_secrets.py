"""Secrets go to the servers they are for, and stand nowhere else: no log, table, metric, page or answer of a command.

The servers here are the worst kind: they send what they were sent back in the reason and the headers of a refusal.
"""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from aggregator.cli.main import _COMMANDS
from tests.helpers.feeds import item, rss
from tests.helpers.http_server import Answer, HttpServer, Raw, Request
from tests.helpers.program import Program, posts

SECRETS = {
    "HEADER": "header-7c1e", "PASSWORD": "password-93ab", "COOKIE": "cookie-51df", "MASTODON": "mastodon-8e02",
    "MODEL": "sk-model-4b77", "PROXY": "http://me:proxy-60fa@PROXY/", "AGGREGATOR_TOKEN": "door-2d9c",
    "FEED": "http://PROXY/named?token=variable-77aa1f3c",
}  # fmt: skip
# Keys within addresses: written into the configuration, in a variable, in a file (a part of a path that nothing names a
# key), and one that a permanent redirect hands on.
KEYS = ["written-5e2d17c9", "variable-77aa1f3c", "path-f00d4b1d9e", "moving-31c9e0ab"]
IN_FILE = "/rss/path-f00d4b1d9e/all.xml"
# As they stand in headers: `me:password-93ab` and `me:proxy-60fa` in Base64.
ENCODED = {"PASSWORD": "bWU6cGFzc3dvcmQtOTNhYg==", "PROXY": "bWU6cHJveHktNjBmYQ=="}
WORDS = [SECRETS["HEADER"], "password-93ab", "cookie-51df", "mastodon-8e02", "sk-model-4b77", "proxy-60fa", "door-2d9c",
         *KEYS]  # fmt: skip
MORE = """[briefs]
base_url = "{url}/v1"
model = "small"
api_key_env = "MODEL"
min_publishers = 1
[http]
token_env = "AGGREGATOR_TOKEN"
[[feeds]]
url = "{url}/header"
[feeds.headers]
X-Api-Key = {{ env = "HEADER" }}
[[feeds]]
url = "{url}/password"
user = "me"
password_env = "PASSWORD"
[[feeds]]
url = "{url}/cookie"
cookie_env = "COOKIE"
[[feeds]]
url = "{url}/proxied"
proxy_env = "PROXY"
[[feeds]]
url = "{url}/keyed?lang=en&apikey=written-5e2d17c9"
[[feeds]]
url_env = "FEED"
[[feeds]]
url_file = "{file}"
[[feeds]]
url = "{url}/moved?auth=moving-31c9e0ab"
[[hashtags]]
server = "{url}"
tags = ["Ferries"]
token_env = "MASTODON"
"""


def answer(request: Request) -> Answer:
    """A feed the first time, its address all over it; then a refusal that repeats all that it was sent."""
    if request.path == "/moved":
        return web.Response(status=301, headers={"Location": request.target.replace("moved", "landed")})
    if request.path.startswith("/feed") or (request.times == 1 and not request.path.startswith(("/api", "/v1"))):
        name = request.path.strip("/").replace("/", " ")
        link = f"https://paper.example/{name.replace(' ', '-')}"
        if any(key in request.target for key in KEYS):
            link = f"http://{request.host}{request.target}#{name.replace(' ', '-')}"
        entry = item(f"What {name} says of the harbour", link, f"{link} harbour".replace("&", "&amp;"),
                     "Mon, 04 May 2026 10:00:00 GMT")  # fmt: skip
        return web.Response(
            text=rss(name.partition(" ")[0], entry), content_type="application/rss+xml", headers={"ETag": f'"{link}"'}
        )
    sent = " ".join(f"{key}={value}" for key, value in request.headers.items()) + f" {request.target}"
    head = f"HTTP/1.1 403 No {sent}\r\nX-Error: {sent}\r\nWWW-Authenticate: Bearer {sent}\r\nContent-Length: 0\r\n\r\n"
    return Raw((head.encode(),))


@pytest.fixture
def program(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Program]:
    with HttpServer(answer) as site, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        for name, value in SECRETS.items():
            monkeypatch.setenv(name, value.replace("PROXY", site.url.removeprefix("http://")))
        monkeypatch.setenv("AGGREGATOR_LISTEN", f"127.0.0.1:{port}")
        monkeypatch.setenv("AGGREGATOR_SITE", str(tmp_path / "site"))
        monkeypatch.setenv("AGGREGATOR_SNAPSHOT", str(tmp_path / "snapshot.db"))
        monkeypatch.setenv("AGGREGATOR_LOG_LEVEL", "debug")
        made = Program(tmp_path, site)
        file = tmp_path_factory.mktemp("secrets") / "feed"
        file.write_text(f"{site.url}{IN_FILE}\n", "utf-8")
        more = MORE.format(url=site.url, file=file)
        made.write_config(2, f'[polling]\ninterval = "1s"\nmax_interval = "1s"\n{more}')
        made.environment = {"PORT": str(port)}  # the tests' own
        yield made
        made.close()


def sent(program: Program) -> str:
    """All addresses and headers that any server got."""
    headers = (f"{key}: {value}" for request in program.site.asked for key, value in request.headers.items())
    return "\n".join([*(request.target for request in program.site.asked), *headers])


def over_http(program: Program, path: str) -> str:
    """What the program's own server says, with the token."""
    url = f"http://127.0.0.1:{program.environment['PORT']}{path}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {SECRETS['AGGREGATOR_TOKEN']}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as found:
            return f"{found.status} {dict(found.headers)} {found.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {dict(error.headers)} {error.read().decode()}"


def what_it_says(program: Program) -> dict[str, str]:
    """Where a secret might come out: answers of commands and of the server, by who gave them."""
    found: dict[str, str] = {}
    ((shown,),) = program.rows("SELECT story_id FROM posts WHERE title LIKE '%feed0%'")
    commands = ["health", "sources --json", "stories --json", "posts --json", "config check", "config schema", "check",
                "opml export", f"brief {shown}", f"brief {shown} --model", "story 1", "poll", "sql SELECT * FROM polls",
                "sql SELECT * FROM sources", "sql SELECT * FROM model_requests", "backup safe", "sources",
                f"add {program.site.url}/keyed?lang=en&apikey=written-5e2d17c9",
                f"poll {program.site.url}/keyed?lang=en&apikey=written-5e2d17c9",
                "poll apikey=written-5e2d17c9"]  # fmt: skip
    for command in [*commands, *(["doctor"] if "doctor" in _COMMANDS else [])]:
        words = command.split(" ") if not command.startswith("sql ") else ["sql", command.removeprefix("sql ")]
        done = program.call(*[str(program.database.parent / word) if word == "safe" else word for word in words])
        found[command] = done.stdout + done.stderr
    for path in ("/", "/health", "/healthz", "/readyz", "/metrics", "/changes", "/search/?q=harbour", "/nothing"):
        found[path] = over_http(program, path)
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Every file that is there, but for the configuration: database, its log, lock, backups, snapshot, site, log."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "aggregator.toml")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def with_secrets(found: dict[str, str] | dict[str, bytes]) -> dict[str, list[str]]:
    """Where which secrets stand."""
    all_of_them = [*WORDS, *ENCODED.values()]
    texts = {name: text.decode("latin-1") if isinstance(text, bytes) else text for name, text in found.items()}
    named = {name: [word for word in all_of_them if word in text] for name, text in texts.items()}
    return {name: words for name, words in named.items() if words}


def test_no_secret_is_told(program: Program, tmp_path: Path) -> None:
    daemon = program.start("run")
    program.wait_for(lambda: posts(program) >= 5 and (tmp_path / "site" / "index.html").exists())
    paths = ("/header", "/password", "/cookie", "/api/v1/timelines/tag/Ferries", "/keyed", "/named", IN_FILE, "/landed")
    program.wait_for(lambda: all(sum(asked.path == path for asked in program.site.asked) for path in paths))
    # A story is decided after its source's first poll has ended; of what has none no brief is asked for.
    program.wait_for(lambda: not program.rows("SELECT 1 FROM posts WHERE story_id IS NULL"))
    said = what_it_says(program)
    program.wait_for(lambda: SECRETS["MODEL"] in sent(program))
    daemon.terminate()
    daemon.wait(20)
    arrived = sent(program)
    others = ["cookie-51df", "mastodon-8e02", "sk-model-4b77", *KEYS]
    assert [word for word in [SECRETS["HEADER"], *ENCODED.values(), *others] if word not in arrived] == []
    assert over_a_dozen(said) and json.loads(said["sources --json"])
    assert with_secrets(said) == {}
    kept = files(tmp_path)
    assert {"news.db", "snapshot.db", "log", "site/index.html"} <= kept.keys()
    assert any(name.startswith("safe/") for name in kept)
    assert with_secrets(kept) == {}


def over_a_dozen(said: dict[str, str]) -> bool:
    """Whether most of them had something to say."""
    return sum(len(text) > 20 for text in said.values()) > 12


def test_a_secret_would_be_found(program: Program, tmp_path: Path) -> None:
    """The control: one that is told where another place was meant for it."""
    text = program.file.read_text("utf-8")
    program.file.write_text(text.replace('user = "me"', f'user = "me"\ntitle = "{SECRETS["HEADER"]}"'), "utf-8")
    program.call("poll")
    assert with_secrets({"sources": program.call("sources", "--json").stdout}) == {"sources": [SECRETS["HEADER"]]}
    assert "news.db" in with_secrets(files(tmp_path)) or "news.db-wal" in with_secrets(files(tmp_path))

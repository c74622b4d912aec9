"""docs/channels.md: its programs run, its JSON is valid, its addresses and figures are the program's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import apprise
import jsonschema
import pytest

from aggregator.config import load_config
from aggregator.engine.outbox.channels import command, webhook
from aggregator.engine.outbox.channels.open import channel_of
from aggregator.model.outbox import Command, Item, Webhook
from aggregator.model.settings import Network
from aggregator.publish.messages.payload import payload
from aggregator.publish.messages.telling import title
from tests.helpers.messages import NOW, earlier_row, grown, message, post_row, source_row, story
from tests.helpers.prometheus import free_port

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "channels.md").read_text("utf-8")
SCHEMA = json.loads((ROOT / "config" / "notification.schema.json").read_text("utf-8"))
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def fences(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@contextmanager
def receiver(port: int) -> Iterator[subprocess.Popen[str]]:
    """The first program of the page, run as it stands; listening when this begins."""
    code = fences("python")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 16
    # It says nothing when it is ready, and so is asked.
    ready = code.replace("HTTPServer((", "server = HTTPServer((").replace(").serve_forever()", ")")
    ready += 'print("ready", flush=True)\nserver.serve_forever()\n'
    environment = {**os.environ, "DESK_SECRET": SECRET, "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "-c", ready], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout and process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


async def test_the_receiver_takes_what_is_signed() -> None:
    port = free_port()
    network = Network(allow_private=(ip_network("127.0.0.1/32"),))
    target = Webhook(url=f"http://127.0.0.1:{port}/", shown="x", secret=SECRET)
    with receiver(port) as process:
        assert process.stdout
        assert (await channel_of(target, network).send(message(), NOW)).error is None
        assert process.stdout.readline() == title(message()) + "\n"
        wrong = replace(target, secret="whsec_" + "a" * 32)
        assert (await channel_of(wrong, network).send(message(), NOW)).error == "HTTP 401"
        assert process.stdout.readline() == "not ours\n"


async def test_the_command_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "show"
    file.write_text(fences("python")[1].replace("/usr/bin/env python3", sys.executable), "utf-8")
    file.chmod(0o755)
    shown = tmp_path / "notify-send"
    shown.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/title\n', "utf-8")
    shown.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert (await channel_of(Command(argv=(str(file),)), Network()).send(message(), NOW)).error is None
    assert (tmp_path / "title").read_text("utf-8") == title(message())


@pytest.mark.parametrize("text", fences("toml"))
def test_its_examples_load(tmp_path: Path, text: str) -> None:
    file = tmp_path / "aggregator.toml"
    file.write_text(text, "utf-8")
    environ = {"DESK_WEBHOOK": "https://desk.example/", "DESK_SECRET": SECRET, "PHONE_ADDRESSES": "ntfys://ntfy.sh/x"}
    [found] = load_config(file, environ).notify
    assert channel_of(found.target, Network())


def test_its_json_is_a_message() -> None:
    [example] = map(json.loads, fences("json"))
    jsonschema.validate(example, SCHEMA)
    ours = payload(message(replace(grown(), earlier=earlier_row())))
    assert example.keys() == ours.keys()
    [item], [made] = example["items"], ours["items"]
    assert item.keys() == made.keys()
    for key in ("story", "earlier_coverage", "told"):
        assert item[key].keys() == made[key].keys(), key
    assert item["posts"][0].keys() == made["posts"][0].keys()


def test_its_keys_are_all_told() -> None:
    told = set(re.findall(r"`(?:items\[\]\.)?([a-z_]+)`", PAGE))
    every = payload(message(story()))
    assert {*every, *every["items"][0], "post", "source"} <= told


def test_its_titles_are_those_of_the_program() -> None:
    for item in (
        story(), grown(), Item(kind="post", row=post_row()),
        Item(kind="died", row=source_row()), Item(kind="back", row=source_row()),
    ):  # fmt: skip
        assert f"| {title(message(item))} |" in PAGE


def test_its_figures_are_those_of_the_program() -> None:
    for status in webhook._FINAL:
        assert re.search(rf"^\| .*\b{status}\b.* refused for good", PAGE, re.MULTILINE)
    assert f"longer than {command._PATIENCE_SECONDS:.0f} seconds" in PAGE
    assert command._GRACE_SECONDS == 3 and "three seconds later ended" in PAGE
    assert webhook._ANSWER.most == 64 * 1024 and "first 64 KB" in PAGE


def test_apprise_knows_its_addresses() -> None:
    """As soon as what stands for a token has the length of one."""
    table = PAGE.partition("| service | address |")[2].partition("\n\n")[0]
    addresses = re.findall(r"`([a-z]+://[^`]+)`", table)
    assert len(addresses) == 9
    for address in addresses:
        for placeholder, like in {
            "T000/B000/XXXX": "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
            "BOT_TOKEN": "123456789:" + "A" * 35,
            "CHAT_ID": "12315544",
            "//ID/": "//123456789012345678/",
            "TOKEN": "a" * 64,
        }.items():
            address = address.replace(placeholder, like)
        assert apprise.Apprise.instantiate(address) is not None, address

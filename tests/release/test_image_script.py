"""`.ci/image`: what it says to docker, by one that only repeats it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from aggregator import __version__

SCRIPT = Path(__file__).parents[2] / ".ci" / "image"
DIGEST = "sha256:" + "0a" * 32
_OURS = ("PYTHON_IMAGE", "BUILD_IMAGE", "DOCKER_BUILD_NETWORK", "SOURCE", "REVISION", "CREATED", "BUILD")


def said(*options: str, **environment: str) -> list[str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    done = subprocess.run(
        [SCRIPT, *options], env={**kept, "BUILD": "echo", **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def given(words: list[str]) -> dict[str, str]:
    pairs = [words[place + 1].partition("=") for place, word in enumerate(words) if word == "--build-arg"]
    return {name: value for name, _, value in pairs}


def test_what_it_says_by_itself() -> None:
    words = said()
    found = given(words)
    assert found["VERSION"] == __version__
    assert found["BASE_NAME"] == "python:3.13-slim-bookworm"
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", found["REVISION"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["CREATED"])
    assert words[-3:] == ["-t", "aggregator", "."]
    assert found.keys().isdisjoint({"PYTHON_IMAGE", "BUILD_IMAGE", "BASE_DIGEST", "SOURCE"})


def test_a_base_image_with_its_digest() -> None:
    base = f"mirror.example:5000/python:3.13-slim-bookworm@{DIGEST}"
    found = given(said("name:1", PYTHON_IMAGE=base))
    assert found["PYTHON_IMAGE"] == base
    assert (found["BASE_NAME"], found["BASE_DIGEST"]) == (base.partition("@")[0], DIGEST)


def test_what_is_given_goes_on() -> None:
    words = said("name:1", "--push", "-q", BUILD_IMAGE="other", DOCKER_BUILD_NETWORK="host", SOURCE="https://s.example/",
                 REVISION="abc", CREATED="2030-01-01T00:00:00Z")  # fmt: skip
    found = given(words)
    assert (found["BUILD_IMAGE"], found["SOURCE"], found["REVISION"]) == ("other", "https://s.example/", "abc")
    assert found["CREATED"] == "2030-01-01T00:00:00Z"
    assert words[words.index("--network") + 1] == "host"
    assert words[-5:] == ["-t", "name:1", "--push", "-q", "."]

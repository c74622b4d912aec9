"""YAML files of the repository: read, and held against the schema of their kind, which check-jsonschema has inside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def read_yaml(path: Path) -> Any:
    """What a file says."""
    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def against(schema: str, path: Path) -> tuple[bool, str]:
    """Whether a file fits a schema that check-jsonschema calls so, and what it says."""
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", schema, path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr

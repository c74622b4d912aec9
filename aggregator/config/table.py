"""What the tables of the file have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Table(BaseModel):
    """A table of the file. Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def key(description: str, default: object = ..., *, alias: str | None = None, least: int | None = None) -> Any:
    """A key of a table: its description for people and the JSON Schema, and its default; without one it is needed."""
    return Field(default, description=description, alias=alias, min_length=least)

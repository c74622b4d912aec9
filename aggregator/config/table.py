"""What all tables of the file are made of: their base, their keys, and the kinds of values that several have."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from aggregator.config import kinds as values
from aggregator.config.kinds import FLAG, Of
from aggregator.config.units import duration

# A second is for servers of one's own; the documentation asks for more patience with those of others.
_INTERVAL = duration(timedelta(seconds=1), timedelta(days=30), "15m")
_SLUG_PATTERN = "[a-z0-9]+(?:-[a-z0-9]+)*"

Interval = Annotated[timedelta, Of(_INTERVAL)]
OwnInterval = Annotated[timedelta | None, Of(_INTERVAL)]
Flag = Annotated[bool, Of(FLAG)]
_LANGUAGE = values.text(
    'a language code such as "en", "de" or "pt-BR"',
    most=35,
    pattern="[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*",
    mended=lambda text: text.replace("_", "-"),
)
Language = Annotated[str | None, Of(_LANGUAGE)]
LanguageCode = Annotated[str, Of(_LANGUAGE)]
Slug = Annotated[
    str,
    Of(
        values.text(
            'the short name of a topic, such as "open-source"',
            most=64,
            pattern=_SLUG_PATTERN,
            mended=lambda text: "-".join(text.lower().replace("_", "-").split()),
        )
    ),
]


def key(description: str, default: object = ..., *, alias: str | None = None, least: int | None = None) -> Any:
    """A key of a table: what it means, and its default; `...` where it must be there."""
    return Field(default, description=description, alias=alias, min_length=least)


class Table(BaseModel):
    """A table of the file. Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

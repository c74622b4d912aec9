"""The JSON Schema of the file, made from the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from aggregator.config.tables import File
from aggregator.config.units import written_length, written_size


def made() -> dict[str, Any]:
    """See `aggregator.config.json_schema`."""
    schema = File.model_json_schema(schema_generator=_Generator)
    schema["properties"]["topics"]["additionalProperties"] = False  # pydantic leaves other names open
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


class _Generator(GenerateJsonSchema):
    """Pydantic's, but defaults are written as in the file, and there is no null, which TOML has not."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        if default is None or isinstance(default, BaseModel | dict) or is_dataclass(default):
            return inner
        return {**inner, "default": _written(default, inner)}


def _written(value: object, schema: Mapping[str, Any]) -> Any:
    """A default as it would stand in the file."""
    match value:
        case timedelta():
            return written_length(value)
        case Path():
            return value.as_posix()
        case tuple():
            return [_written(each, {}) for each in value]
        case int() if schema.get("type") == "string":
            return written_size(value)
        case _:
            return value

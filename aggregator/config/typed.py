"""Our kinds of values beside types, so that pydantic reads, checks and describes them our way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import CoreSchema, core_schema

from aggregator.config.kinds import Kind

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


class Of:
    """Beside a type: the value is read, checked and described as one of our kinds."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Called by pydantic when it makes the class."""
        return core_schema.no_info_plain_validator_function(self.kind)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Called by pydantic when it makes the JSON Schema."""
        return dict(self.kind.schema)


class EitherWay:
    """Beside a table: a plain value of this kind may stand for it."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Called by pydantic when it makes the JSON Schema."""
        return {"anyOf": [dict(self.kind.schema), handler(schema)]}

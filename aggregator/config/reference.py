"""What is shown of the file, made from its tables: the JSON Schema for editors, and the tables of the reference page.

`make reference` makes both anew: config/aggregator.schema.json, and what stands between marks in docs/configuration.md.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from aggregator.config.table import AsTable, Declared, declared
from aggregator.config.tables import File, usual_limit
from aggregator.config.topics import default_rules, packs_of
from aggregator.config.units import written_length, written_size
from aggregator.model.settings import DomainLimit

# ---------------------------------------------------------------- for editors


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


# ---------------------------------------------------------------- for people

_MARKED = re.compile(r"(<!-- keys of (\S+): made by `make reference` -->\n\n).*?(\n<!-- end of keys -->)", re.DOTALL)


def with_tables(page: str) -> str:
    """The reference page, what stands between its marks made anew.

    Raises:
        KeyError: a mark names a table that is not made of a settings class.
    """
    made = dict(_tables())
    return _MARKED.sub(lambda mark: mark[1] + made[mark[2]] + mark[3], page)


def _tables() -> Iterator[tuple[str, str]]:
    """Every table of the file that is made of a settings class: its name, and what the page shows of it."""
    for name, field in File.model_fields.items():
        for each in field.metadata:
            if isinstance(each, AsTable):
                rows = [*map(_row, declared(each.owner)), *_block_rows(name, each)]
                yield f"[{name}]", _table(f"[{name}]", rows)
    yield "[domains.NAME]", _table("[domains.NAME]", map(_own_row, declared(DomainLimit)))
    yield "packs", _packs()


def _packs() -> str:
    """The default topics by pack and kind; one that is in several stands in each."""
    kinds = {"topic": "topics", "person": "people", "model": "models and products", "product": "models and products"}
    packs, rows = packs_of(), dict[tuple[str, str], list[str]]()
    for topic, rule in default_rules().items():
        for pack in packs[topic]:
            rows.setdefault((pack, kinds.get(rule.kind, "companies and bodies")), []).append(f"`{topic}`")
    head = "| pack | kind | default topics |\n|---|---|---|\n"
    ordered = sorted(rows, key=lambda row: (row[0], row[1] != "topics", row[1]))
    return head + "".join(f"| `{pack}` | {kind} | {', '.join(rows[pack, kind])} |\n" for pack, kind in ordered)


def _table(place: str, rows: Iterable[tuple[str, ...]]) -> str:
    head = f"| key in `{place}` | default | expected | meaning |\n|---|---|---|---|\n"
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in rows)
    return head + "".join(f"| {' | '.join(row)} |\n" for row in escaped)


def _row(key: Declared) -> tuple[str, ...]:
    default = "none" if key.default is None else f"`{json.dumps(_written(key.default, key.kind.schema))}`"
    return f"`{key.name}`", key.key.unset or default, _expected(key), f"{key.key.help} {key.key.more}".rstrip()


def _block_rows(name: str, table: AsTable) -> Iterator[tuple[str, ...]]:
    for key in table.blocks:
        help = table.table.model_fields[key].description or ""
        yield f"`{key}`", "`[]`", f"blocks that begin with `[[{name}.{key}]]`", help


def _own_row(limit: Declared) -> tuple[str, ...]:
    return f"`{limit.name}`", usual_limit(limit), _expected(limit), f"{limit.key.own}."


def _expected(key: Declared) -> str:
    """As messages say it, without the example: the default is one."""
    expected = key.kind.expected.partition(", such as ")[0]
    return f"a list: {expected}" if key.is_list else expected


def main(file: Path) -> None:
    """Make the tables of the page in a file anew."""
    file.write_text(with_tables(file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Templates → text: jinja2 with autoescape, the user's templates before the shipped ones of the same name."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from aggregator.publish.words import Words

_PACKAGE = "aggregator.publish"


class Renderer:
    """The templates of one site. A name that a template asks for and nobody gave is an error, not a gap in the page."""

    def __init__(self, words: Words, folder: Path | None = None) -> None:
        shipped = PackageLoader(_PACKAGE, "templates")
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder), shipped]) if folder is not None else shipped,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            undefined=StrictUndefined,
        )
        # `t`: the sentences by their keys. `say`: those with something to fill in. `count`: those with a number.
        self._environment.globals.update(
            t=words.fixed, say=words.say, count=words.count, number=words.number, day=words.day, clock=words.clock,
            language_name=words.language_name,
        )  # fmt: skip

    def render(self, template: str, /, **values: Any) -> str:
        """The text that a template makes of these values."""
        return self._environment.get_template(template).render(values)

    def sources(self) -> dict[str, str]:
        """Every template by its name, as it is used."""
        environment = self._environment
        assert environment.loader is not None
        return {
            name: environment.loader.get_source(environment, name)[0] for name in environment.list_templates(["html"])
        }


def shipped(name: str) -> bytes:
    """A file that ships beside this module."""
    with as_file(files(_PACKAGE) / name) as path:
        return path.read_bytes()

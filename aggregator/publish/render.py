"""Templates → text: jinja2 with autoescape, the user's templates before the shipped ones of the same name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.ext import Extension
from markupsafe import Markup, escape

from aggregator.model.errors import PublishError
from aggregator.publish.words import Words

_WORD = re.compile(r'\{\{ t\["([\w.]+)"\] \}\}')
_PACKAGE = "aggregator.publish"


class _Fixed(Extension):
    """Puts the site's fixed words into a template as it is read, so that they cost a page nothing."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        fixed: Mapping[str, str] = self.environment.globals["t"]  # type: ignore[assignment]

        def word(found: re.Match[str]) -> str:
            said = str(fixed.get(found[1], "{"))
            return found[0] if "{" in said else said

        return _WORD.sub(word, source)


class _Code(CodeGenerator):
    """Templates as Python that leaves alone what is markup already: to escape it again would copy it, which was a fifth
    of the work of a page. Should jinja2 write its code otherwise one day, pages come out the same, only later."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.escaped(")
        else:
            super()._output_child_pre(node, frame, finalize)


class _Environment(Environment):
    code_generator_class = _Code

    @staticmethod
    def escaped(value: object) -> Markup:
        """The value as markup."""
        return value if type(value) is Markup else escape(value)


class _Own(FileSystemLoader):
    """The user's templates."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(10) + 1
            raise TemplateSyntaxError("this is not UTF-8", line, template, str(self._file(template))) from error
        except TemplateNotFound:  # which is an OSError
            raise
        except OSError as error:
            raise PublishError(f"{self._file(template)}: can't be read: {error.strerror}") from error

    def _file(self, template: str) -> Path:
        return Path(self.searchpath[0], template)


class Renderer:
    """The templates of one site. A name that a template asks for and nobody gave is an error, not a gap in the page."""

    def __init__(self, words: Words, folder: Path | None = None) -> None:
        shipped, self._folder = PackageLoader(_PACKAGE, "templates"), folder
        self._environment = _Environment(
            loader=ChoiceLoader([_Own(folder), shipped]) if folder is not None else shipped,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,  # all of them, which are few
            undefined=StrictUndefined,
            extensions=[_Fixed],
        )
        # `t`: the sentences by their keys. `say`: those with something to fill in. `count`: those with a number.
        self._environment.globals.update(
            t=words.fixed, say=words.say, count=words.count, number=words.number, day=words.day, clock=words.clock,
            language_name=words.language_name,
        )  # fmt: skip

    def render(self, template: str, /, **values: Any) -> str:
        """The text that a template makes of these values.

        Raises:
            PublishError: the template is wrong; says which, and where. Or a catalogue is.
        """
        try:
            return self._environment.get_template(template).render(values)
        except (PublishError, MemoryError):
            raise
        except TemplateError as error:
            place = self._place(error) or template
            raise PublishError(f"{place}: {error.message or type(error).__name__}") from error
        except Exception as error:
            # What a template does may fail in any way; what fails in our own code beside it is another matter.
            if (found := self._place(error)) is None:
                raise
            raise PublishError(f"{found}: {type(error).__name__}: {error}") from error

    def _place(self, error: Exception) -> str | None:
        """The file and the line in which a template is wrong."""
        if isinstance(error, TemplateSyntaxError):
            return f"{error.filename or error.name}, line {error.lineno}"
        found = None
        for frame, line in walk_tb(error.__traceback__):
            name = frame.f_code.co_filename
            if name.endswith(".html") or (self._folder and Path(name).is_relative_to(self._folder)):
                found = f"{name}, line {line}"
        return found

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

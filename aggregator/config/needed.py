"""What the configuration asks for must be there: extras, files and folders, the words of a language.

And what it asks for in one place must not be in the way of something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from aggregator.config.extras.installation import how_to_install
from aggregator.config.extras.packages import is_there
from aggregator.config.kinds import BRIEF_LANGUAGE, FILE, FOLDER, SITE_LANGUAGE
from aggregator.config.problems import Problem, shown
from aggregator.config.validate import tables
from aggregator.model.settings import SITE_LANGUAGES, Config
from aggregator.stories.encoder import is_installed


def problems(document: Mapping[str, Any], *, installed: bool | None = None) -> Iterator[Problem]:
    """What the file alone asks for and is not there. `installed`: whether the extra "semantic" is; None: looked for."""
    stories, publish, briefs = document.get("stories"), document.get("publish"), document.get("briefs")
    is_wanted = isinstance(stories, dict) and stories.get("semantic") is True
    if is_wanted and not (is_installed() if installed is None else installed):
        message = f'the extra “semantic” is not installed: {how_to_install("semantic")}; or set "auto" or false'
        yield Problem(("stories", "semantic"), message)
    if isinstance(publish, dict):
        yield from _file_problems(publish)
    if isinstance(briefs, dict):
        yield from _model_problems(briefs)


def warnings(document: Mapping[str, Any], *, installed: bool | None = None) -> Iterator[Problem]:
    """What is asked for and is not there, while there is enough to do without it: Apprise, where addresses of it are.
    `installed`: whether the extra "notify" is; None: looked for."""
    for i, block in tables(document, "notify"):
        key = next((key for key in ("apprise_env", "apprise_file") if key in block), None)
        if key and not (is_there("notify") if installed is None else installed):
            message = f"the extra “notify” is not installed, and messages wait for it: {how_to_install('notify')}"
            yield Problem(("notify", i, key), message)


def whole_problems(config: Config, *, installed: bool | None = None) -> Iterator[Problem]:
    """What keys ask for that the environment may override, and what they say together.

    `installed`: whether the extra "http" is; None: looked for. The places are tables and keys.
    """
    snapshot = config.storage.snapshot
    if snapshot is not None and snapshot.absolute() == config.storage.path.absolute():
        yield Problem(("storage", "snapshot"), "expected another file than the database's")
    if config.storage.backup is not None and _at(config.storage.backup) == "file":
        yield Problem(("storage", "backup"), "expected the path of a folder: this is a file")
    yield from _folder_problems(config)
    wanted = config.articles.fetch, *(source.articles for source in config.sources)
    if config.articles.topics and "stories" not in wanted:
        message = 'topics choose pages only with `fetch = "stories"`, or where a source says `articles = "stories"`'
        yield Problem(("articles", "topics"), message)
    if config.http.listen is not None and not (is_there("http") if installed is None else installed):
        message = f"the extra “http” is not installed: {how_to_install('http')}; or leave this out"
        yield Problem(("http", "listen"), message)


def _model_problems(table: Mapping[str, Any]) -> Iterator[Problem]:
    """A server without a model, or the other way round: neither can be asked."""
    if "base_url" in table and "model" not in table:
        yield Problem(("briefs", "base_url"), "expected what the server calls the model, too: the key `model`")
    if "model" in table and "base_url" not in table:
        yield Problem(("briefs", "model"), "expected the address of its server, too: the key `base_url`")
    language = BRIEF_LANGUAGE.or_none(table.get("language", "en"))
    if language and not _is_language(language):
        message = f'expected a language code such as "en" or "sv": there is no language “{language}”'
        yield Problem(("briefs", "language"), message)


def _is_language(code: str) -> bool:
    """Is there such a language, so that a model may know it? Which country's it is, or in which letters, is its own."""
    from babel import Locale  # here: most files name none

    first = code.partition("-")[0]
    return first in ("en", "de") or first in Locale("en").languages


# ---------------------------------------------------------------- the folder of the site


def _folder_problems(config: Config) -> Iterator[Problem]:
    """The site would stand where something else does: pages would be mixed with it, and all of it shown to readers."""
    site = config.publish.path
    if site is None:
        return
    if _at(site) == "file":
        yield Problem(("publish", "path"), "expected the path of a folder: this is a file")
        return
    for what, file in _others(config):
        if _whole(file).is_relative_to(_whole(site)):
            message = f"expected a folder of its own: the site would be mixed with {what}, {shown(str(file))}"
            yield Problem(("publish", "path"), message)
            return


def _others(config: Config) -> Iterator[tuple[str, Path]]:
    """What may not stand in the site's folder."""
    yield "the database", config.storage.path
    if config.storage.snapshot:
        yield "the snapshot", config.storage.snapshot
    if config.storage.backup:
        yield "the backups", config.storage.backup
    if config.file:
        yield "the configuration", config.file
    if config.publish.templates:
        yield "your templates", config.publish.templates
    if config.publish.stylesheet:
        yield "your stylesheet", config.publish.stylesheet


def _whole(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # it can't be looked at, or links lead in a circle
        return path.absolute()


def _at(path: Path) -> Literal["folder", "file"] | None:
    try:
        return "folder" if path.is_dir() else "file" if path.exists() else None
    except OSError:
        return None


# ---------------------------------------------------------------- its files and words


def _file_problems(table: Mapping[str, Any]) -> Iterator[Problem]:
    templates = FOLDER.or_none(table.get("templates"))
    has_templates = templates is not None and _at(templates) == "folder"
    if templates and not has_templates:
        yield Problem(("publish", "templates"), _not_there(templates, "folder"))
    stylesheet = FILE.or_none(table.get("stylesheet"))
    if stylesheet and _at(stylesheet) != "file":
        yield Problem(("publish", "stylesheet"), _not_there(stylesheet, "file"))
    language = SITE_LANGUAGE.or_none(table.get("language", "en"))
    if language not in (None, *SITE_LANGUAGES) and (has_templates or "templates" not in table):
        yield from _language_problems(language, templates)


def _not_there(path: Path, wanted: Literal["folder", "file"]) -> str:
    found = _at(path)
    why = f"this is a {found}" if found else f"there is no such {wanted} as {shown(str(path))}"
    return f"expected the path of a {wanted}: {why}"


def _language_problems(language: str, templates: Path | None) -> Iterator[Problem]:
    from babel import Locale, UnknownLocaleError  # here: most sites are in a language that is shipped

    place = ("publish", "language")
    # A variant ("pt-BR") has the words of its language, and its own before them.
    names = dict.fromkeys((language, language.partition("-")[0]))
    has_own = templates and any(_at(templates / "words" / f"{name}.toml") == "file" for name in names)
    if not has_own and not names.keys() & set(SITE_LANGUAGES):
        shipped = " or ".join(f'"{each}"' for each in SITE_LANGUAGES)
        where = shown(str(templates)) if templates else "the folder that `templates` names"
        message = f"there are no words in “{language}”: expected {shipped}, or a file words/{language}.toml in {where}"
        yield Problem(place, message)
        return
    try:
        Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        yield Problem(place, f"nobody has said how dates are written in “{language}”")

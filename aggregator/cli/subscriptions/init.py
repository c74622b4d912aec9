"""The command `init`: three questions, or options in their place, and a configuration file of one's own."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app, program_name
from aggregator.cli.output import counted
from aggregator.model.errors import ConfigError

if TYPE_CHECKING:
    from aggregator.config.setup.beat import Beat

_OPTIONS = "--topic, --feed and --hashtag"


@click.command()
@click.option(
    "--topic",
    "topics",
    multiple=True,
    metavar='"NAME: WORD, WORD"',
    help='What it is about: "Ferries: ferry, ferries, Fähre*". May be repeated.',
)
@click.option("--feed", "feeds", multiple=True, metavar="URL", help="The address of a feed. May be repeated.")
@click.option(
    "--hashtag",
    "hashtags",
    multiple=True,
    metavar="TAG@SERVER",
    help='A hashtag and its Mastodon server: "ferry@mastodon.social". May be repeated.',
)
@click.option("--title", help="What to call the site; else as the topics are called.")
@click.option("--print", "is_printed", is_flag=True, help="Write it to standard output instead.")
@pass_app
def init(
    app: App, topics: tuple[str, ...], feeds: tuple[str, ...], hashtags: tuple[str, ...], title: str | None,
    is_printed: bool,
) -> None:  # fmt: skip
    """Write a configuration of your own, from three answers or from options.

    The file is aggregator.toml in this folder, or the one that --config names; one that is there is never changed. No
    server is asked. Commands in this folder find it by themselves.
    """
    from aggregator.config.setup.beat import Beat, written

    file = None if is_printed else _free_file(app)
    beat = Beat(database=str(app.database or Beat().database))
    titles = (("--title", (title,) if title and title.strip() else ()),)
    if topics or feeds or hashtags:
        beat = _taken_in(beat, (*titles, ("--topic", topics), ("--feed", feeds), ("--hashtag", hashtags)))
        if not (beat.feeds or beat.hashtags):
            raise click.UsageError("nothing would be followed: name a --feed or a --hashtag")
    elif sys.stdin.isatty():
        beat = _asked(_taken_in(beat, titles))
    else:
        raise click.UsageError(f"there is no terminal to ask on: say what you want to follow with {_OPTIONS}")
    text = written(beat)
    if file is None:
        click.echo(text, nl=False)
        return
    _write(file, text)
    _tell(app, file, beat)


def _free_file(app: App) -> Path:
    """Where it will stand.

    Raises:
        ConfigError: there is something.
    """
    import os

    from aggregator.config.environment import CONFIG
    from aggregator.config.load import FILES

    named = os.environ.get(CONFIG, "").strip()
    file = app.config_file or (Path(named) if named else FILES[0])
    if file.exists() or file.is_symlink():
        raise _taken(file)
    return file


def _taken(file: Path) -> ConfigError:
    return ConfigError([f"{file}: is there already, and stays as it is; `--config FILE init` writes another file"])


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:  # since we looked
        raise _taken(file) from None
    except OSError as error:
        raise ConfigError([f"{file}: can't be written: {(error.strerror or str(error)).lower()}"]) from None


# ---------------------------------------------------------------- options and questions


def _taken_in(beat: Beat, answers: Iterable[tuple[str, Iterable[str]]]) -> Beat:
    """What the options say, or every mistake in them at once."""
    wrong = []
    for option, values in answers:
        for value in (each for answer in values for each in _answers_in(option, answer)):
            try:
                beat = _taking(option)(beat, value)
            except ValueError as error:
                wrong.append(f"{option}: {error}")
    if wrong:
        raise ConfigError(wrong)
    return beat


def _taking(option: str) -> Callable[[Beat, str], Beat]:
    from aggregator.config.setup.beat import Beat

    taking = {
        "--title": Beat.with_title,
        "--topic": Beat.with_topic,
        "--feed": Beat.with_feed,
        "--hashtag": Beat.with_hashtags,
    }
    return taking[option]


_QUESTIONS = (
    (
        "--topic",
        "1  What is it about? A name, then the words that tell it.",
        "Ferries: ferry, ferries, Fähre*",
        "topic",
    ),
    ("--feed", "2  Which feeds? Their addresses.", "https://example.org/feed.xml", "feed"),
    ("--hashtag", "3  Which hashtags of Mastodon? Each with its server.", "ferry@mastodon.social", "hashtag"),
)


def _asked(beat: Beat) -> Beat:
    """The answers to three questions, each as often as somebody has one; what is wrong with one is said at once."""
    click.echo("Three questions. One answer a line; an empty line goes on, Ctrl-C writes nothing.", err=True)
    for option, question, example, what in _QUESTIONS:
        click.echo(f"\n{question}\n   such as  {example}", err=True)
        beat = _answers(beat, option, what)
    while not (beat.feeds or beat.hashtags):
        click.echo("\nNothing would be followed: a feed, please.", err=True)
        beat = _answers(beat, "--feed", "feed")
    return beat


def _answers(beat: Beat, option: str, what: str) -> Beat:
    while answer := click.prompt(f"   {what}", default="", show_default=False, err=True).strip():
        for each in _answers_in(option, answer):
            try:
                beat = _taking(option)(beat, each)
            except ValueError as error:
                click.echo(f"   {error}", err=True)
    return beat


def _answers_in(option: str, answer: str) -> list[str]:
    """Addresses may stand in one line: each is taken, or told why not, by itself."""
    words = [word for each in answer.split() if (word := each.strip(","))]
    return words if option == "--feed" and words else [answer]


# ---------------------------------------------------------------- what comes next


def _tell(app: App, file: Path, beat: Beat) -> None:
    """What was written, and the commands that go on from there, as they can be typed."""
    found = [(len(beat.topics), "topic"), (len(beat.feeds), "feed"), (len(beat.hashtags), "hashtag")]
    click.echo(f"{file}: written, with {', '.join(counted(number, word) for number, word in found if number)}\n")
    program = program_name() + (f" --config {shlex.quote(str(app.config_file))}" if app.config_file else "")
    steps = (
        ("check", "asks each source, and says what it would get"),
        ("poll", "fetches, once"),
        ("stories", "what came, by event; `posts`, `topics`, `search WORDS` are others"),
        ("publish", "pages for readers, in data/site"),
        ("serve", "shows them at http://127.0.0.1:8000/, until Ctrl-C"),
        ("run", "the daemon: all of it by itself, from now on"),
    )
    for command, told in steps:
        click.echo(f"  {f'{program} {command}':<{len(program) + 9}} # {told}")

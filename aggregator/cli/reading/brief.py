"""`aggregator brief`: the brief of a story; what a language model is sent about it, answers, and what is not kept."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from aggregator.cli.app import App, pass_app, run_loop
from aggregator.cli.output import show_json
from aggregator.cli.reading.agenda import brief_as_json, brief_of_story, show_brief
from aggregator.cli.rebuild import usable_model

if TYPE_CHECKING:
    from aggregator.engine.briefs.drafting import Drafted
    from aggregator.publish.briefs.prompt import Prompt


@click.command()
@click.argument("name", metavar="STORY")
@click.option("--prompt", "is_prompt", is_flag=True, help="Show what a model would be sent, too. None is asked.")
@click.option("--model", "is_asked", is_flag=True, help="Ask the model of [briefs], and show what comes back.")
@click.option("--write", is_flag=True, help="Ask it, and store the brief; counts for the budgets.")
@click.option("--json", "as_json", is_flag=True, help="The brief as `story.json` has it.")
@pass_app
def brief(app: App, name: str, is_prompt: bool, is_asked: bool, write: bool, as_json: bool) -> None:
    """Show the brief of STORY (an id or slug), stored or made at once; asks and stores nothing by itself."""
    from aggregator.engine.briefs.once import question_of
    from aggregator.engine.clock import utc_now

    if as_json and (is_prompt or is_asked or write):
        raise click.UsageError("--json shows the brief alone")
    config = app.config()
    with app.reader() as reader:
        story_id = reader.find_story(name)
    if not write:
        _show_brief(app, story_id, config.briefs.language, as_json=as_json)
    if not (is_prompt or is_asked or write):
        return
    asked = question_of(config, story_id, utc_now())
    if is_prompt or is_asked:
        click.echo("")
        _show_prompt(asked.prompt)
    if not (is_asked or write):
        return
    from aggregator.engine.briefs.once import ask_once
    from aggregator.storage.briefs.rows import load_briefs
    from aggregator.storage.database import Database

    database = Database(config.storage.path) if write else None
    try:
        drafted = run_loop(ask_once(config, asked, usable_model(config), database))
        stays = (
            load_briefs(database.conn, [story_id], asked.material.language) if database and drafted.trouble else None
        )
    finally:
        if database:
            database.close()
    _show_found(drafted)
    if stays:
        click.echo("the brief that was there stays; only the reason is stored")
    else:
        click.echo("stored" if write and drafted.trouble is None else "nothing is stored")
    if write and drafted.trouble:
        sys.exit(1)


def _show_brief(app: App, story_id: int, language: str | None, *, as_json: bool) -> None:
    found = brief_of_story(app, story_id, language)
    if as_json:
        show_json(brief_as_json(found[0]) if found else None)
    elif found and found[0].sentences:
        show_brief(*found)
    else:
        click.echo("(nothing of it may be told)")


def _show_prompt(prompt: Prompt) -> None:
    from aggregator.engine.briefs.model import guessed_tokens

    for message in prompt.messages:
        click.echo(f"--- {message['role']}\n{message['content']}\n")
    click.echo(f"--- about {guessed_tokens(prompt.messages):,} tokens with the answer\n")


def _show_found(found: Drafted) -> None:
    for step in found.steps:
        click.echo(f"--- answer ({step.wanted})\n{step.content}\n")
        for each in step.refused:
            click.echo(f"not kept, {each.part}: {each.text or '-'}\n    {each.why}")
    click.echo("\n--- kept")
    if found.kept:
        click.echo(f"headline: {found.kept.headline or '(the title of the story)'}")
        for part, told in found.kept.parts.items():
            for sentence in told:
                click.echo(f"{part}: {sentence.text} [{', '.join(map(str, sentence.sources))}]")
    if found.trouble:
        click.echo(f"no brief: {found.trouble}")

"""`aggregator story`: one story with all that is known of it; what an editor does to it is of the same group."""

from __future__ import annotations

from functools import partial

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.editing.story import merge, pin, rename, split
from aggregator.cli.output import output_options
from aggregator.cli.reading.query import show_one


class _StoryGroup(click.Group):
    """A word that is no command is a story: `aggregator story 17`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "show", self.commands["show"], args
        return super().resolve_command(ctx, args)


@click.group(cls=_StoryGroup)
def story() -> None:
    """One story (`aggregator story ID`), or what an editor does to it.

    What is done by hand stays: a rebuild and second thoughts respect it. A running daemon notices.
    """


@story.command()
@click.argument("name", metavar="ID")
@partial(output_options, as_json="A JSON object.")
@pass_app
def show(app: App, name: str, form: str) -> None:
    """All that is known of a story, by its id or slug: brief, sources, posts with reasons, topics, earlier coverage."""
    show_one(app, name, form)


for _command in (merge, split, rename, pin):
    story.add_command(_command)

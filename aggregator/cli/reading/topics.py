"""`aggregator topics`: what there is on each topic, and trying the rules on a text."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.editing.label import label, no_topic
from aggregator.cli.output import counted, output_options, say_not_looked_at, show, table_of
from aggregator.cli.reading.explain import JUDGED, everything, judgement_rows
from aggregator.cli.reading.labelled import errors, labelled, scores
from aggregator.cli.together import refuse_beside
from aggregator.model.errors import NotFoundError
from aggregator.storage.result import Result

# Two weeks tell a rise from the rhythm of the week.
_DAYS = 14
_BARS = "▁▂▃▄▅▆▇█"


@click.group(invoke_without_command=True)
@click.option("-a", "--all", "with_empty", is_flag=True, help="Topics that no post has, too.")
@click.option("-k", "--kind", help="Only of this kind: topic, company, model, person, …")
@output_options
@pass_app
@click.pass_context
def topics(ctx: click.Context, app: App, with_empty: bool, kind: str | None, form: str) -> None:
    """The topics that posts have, with how many posts and stories, and how many posts a day in the last two weeks."""
    if ctx.invoked_subcommand:
        return
    with app.reader() as reader:
        if kind:
            reader.need_kind(kind)
        found = reader.topics(kind=kind)
        days = reader.topic_days(_DAYS)
        not_looked_at = reader.not_looked_at()
    place = found.columns.index("post_count")
    shown = found if with_empty else table_of(found.columns, [row for row in found.rows if row[place]])
    leaves = ("newest_at", "kind", "label", "story_count")
    show(_with_days(shown, days, form), form, main="topic", leaves=leaves, empty="(no post has a topic)")
    if form != "table":
        return
    if hidden := len(found.rows) - len(shown.rows):
        click.echo(f"{counted(hidden, 'topic')} without a post not shown: `aggregator topics --all`")
    say_not_looked_at(not_looked_at)


topics.add_command(label)


@topics.command("test")
@click.argument("text", required=False)
@click.option("--labelled", "by_labels", is_flag=True, help="Measure the rules by your labels instead: `topics label`.")
@click.option("--errors", "with_errors", is_flag=True, help="With --labelled: the posts that the rules get wrong.")
@click.option("--url", help="The address of the post.")
@click.option("--tag", "tags", multiple=True, help="A tag of its author; repeat for several.")
@click.option("--source", default="", help="The title of its source, or the address.")
@click.option("--leaning", multiple=True, help="A topic that its source leans towards; repeat for several.")
@click.option("-t", "--topic", "wanted", multiple=True, help="Only what becomes of this topic; repeat for several.")
@everything
@output_options
@pass_app
def test(
    app: App,
    text: str | None,
    by_labels: bool,
    with_errors: bool,
    url: str | None,
    tags: tuple[str, ...],
    source: str,
    leaning: tuple[str, ...],
    wanted: tuple[str, ...],
    with_all: bool,
    form: str,
) -> None:
    """Try the rules on TEXT, or on the text in a file of that name ("-": standard input). Touches no database.

    The first line is the title, the rest the text. With --labelled: on the posts that you labelled, which needs one.
    """
    from aggregator.model.post import Post
    from aggregator.topics.taxonomy import Taxonomy

    rules = app.config().rules
    if by_labels == (text is not None) or (with_errors and not by_labels):
        raise click.UsageError("expected either TEXT or --labelled; --errors belongs to --labelled")
    unknown = [topic for topic in (*wanted, *leaning) if topic not in {rule.topic for rule in rules}]
    if unknown:
        raise NotFoundError(no_topic(unknown[0], [rule.topic for rule in rules]))
    if text is None:
        refuse_beside(
            "--labelled", {"url", "tags", "source", "leaning", "with_all"}, "they are of a text that is tried"
        )
        _by_labels(app, wanted, with_errors, form)
        return
    title, _, body = _read(text).strip().partition("\n")
    post = Post(kind="article", native_id="", title=title.strip(), text=body.strip(), url=url, tags=tags)
    judged = [each for each in Taxonomy(rules).judge(post, leaning, source) if not wanted or each.topic in wanted]
    show(table_of(JUDGED, judgement_rows(judged, with_all or bool(wanted))), form, wrap=True, main="because")


def _by_labels(app: App, wanted: Sequence[str], with_errors: bool, form: str) -> None:
    with app.reader() as reader:
        found = [each for each in labelled(reader, app.config()) if not wanted or each.topic in wanted]
    show(errors(found) if with_errors else scores(found), form)


def _read(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    try:
        if Path(text).is_file():
            return Path(text).read_text("utf-8", errors="replace")
    except (OSError, ValueError):  # too long for a path, or not one
        pass
    return text


def _with_days(found: Result, days: dict[str, list[int]], form: str) -> Result:
    """The table with posts per day, oldest first: as bars for people, as numbers for programs."""
    nothing = [0] * _DAYS
    rows = []
    for row in found.rows:
        counts = days.get(row[0], nothing)
        shown = sparkline(counts) if form == "table" else counts if form == "json" else " ".join(map(str, counts))
        rows.append((*row, shown))
    return table_of((*found.columns, f"last_{_DAYS}_days"), rows)


def sparkline(counts: Sequence[int]) -> str:
    """Numbers as bars, the largest the full height; nothing as a dot."""
    most = max(counts, default=0)
    return "".join(_BARS[(count * len(_BARS) - 1) // most] if count else "·" for count in counts)

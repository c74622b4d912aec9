"""`aggregator explain`: why a post has its topics, is a copy, is in its story, or was kept out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from aggregator.cli.app import App, pass_app
from aggregator.cli.output import as_dicts, output_options, put, short_time, show, show_json, table_of
from aggregator.model.errors import NotFoundError
from aggregator.storage.explain import StoredReasons, find_filtered, find_post, load_reasons

if TYPE_CHECKING:
    from aggregator.model.settings import Config
    from aggregator.storage.result import Result
    from aggregator.topics.taxonomy import Judgement

JUDGED = ("topic", "given", "score", "needs", "because", "why not")


everything = click.option(
    "--all", "with_all", is_flag=True, help="Also topics that nothing but objections or unmet demands tell of."
)


@click.command()
@click.argument("post")
@everything
@partial(output_options, as_json="A JSON object; of what filters kept out an array.")
@pass_app
def explain(app: App, post: str, with_all: bool, form: str) -> None:
    """Why POST (an id or an address) has its topics and not others, is a copy, is in its story, or was kept out.

    The topics are judged by the rules as they are now; where the stored ones differ, `aggregator rebuild topics`
    brings them up to date.
    """
    with app.reader() as reader:
        post_id = find_post(reader, post)
        filtered = find_filtered(reader, post)
        if post_id is None and not filtered.rows:
            raise NotFoundError(f"there is no post {post!r}, and no filter kept one out under this name")
        stored = load_reasons(reader, post_id) if post_id is not None else None
    if stored is None:
        show(filtered, form, title=None if form != "table" else "Not stored: a filter kept it out")
        return
    config = app.config_for_reading()
    judged, out = _judged(config, stored) if config else ((), None)
    rows = judgement_rows(judged, with_all)
    if form == "json":
        whole = {
            **stored.head,
            "sightings": as_dicts(stored.sightings),
            "stored_topics": as_dicts(stored.topics),
            "topics_now": as_dicts(table_of(JUDGED, rows)) if config else None,
            "filter_now": out and {"filter": out[0], "because": out[1]},
        }
        show_json(whole)
    elif form == "csv":
        show(table_of(JUDGED, rows), form)
    else:
        _show(stored, rows if config else None, out)


def judgement_rows(judged: Iterable[Judgement], with_all: bool) -> list[tuple[Any, ...]]:
    """Lines for the table of topics, as `JUDGED` names its columns. Without `with_all` those that interest most."""
    return [_row(each) for each in judged if with_all or (each.score > 0 and not each.missing)]


def _row(each: Judgement) -> tuple[Any, ...]:
    because = "; ".join(each.evidence)
    return each.topic, "yes" if each.is_given else "no", each.score, each.threshold, because, _why_not(each)


def _why_not(each: Judgement) -> str:
    reasons = [f"required “{term}” is missing" for term in each.missing]
    reasons += [f"stopped by {found}" for found in each.stopped_by]
    if each.score < each.threshold:
        reasons.append("too little")
    return "; ".join(reasons)


def _judged(config: Config, stored: StoredReasons) -> tuple[tuple[Judgement, ...], tuple[str, str] | None]:
    """What the rules of now say of a post, and the filter of now that would keep it out."""
    from aggregator.model.source import Source
    from aggregator.pipeline.enrich import enrich
    from aggregator.pipeline.filters import Filters
    from aggregator.topics.fields import source_name
    from aggregator.topics.taxonomy import Taxonomy

    if stored.saved is None:
        return (), None
    taxonomy = Taxonomy(config.rules)
    by_url = {source.url: source for source in config.sources}
    source = by_url.get(stored.source_url or "") or Source(kind="feed", url=stored.source_url or "")
    own_title = stored.sightings.rows[0][0] if stored.sightings.rows else None
    out = None
    if config.filters:
        enriched = enrich(stored.saved.post, source, taxonomy, own_title)
        out = Filters(config.filters).why_out(enriched, source, own_title)
    return taxonomy.judge(stored.saved.post, source.topics, source_name(source.title or own_title, source.url)), out


def _show(stored: StoredReasons, rows: list[tuple[Any, ...]] | None, out: tuple[str, str] | None) -> None:
    """`rows`: the topics by the rules of now; None where the configuration, and so what they are, is wrong."""
    _show_head(stored.head, stored.sightings)
    if out:
        _say(f"stored already; new posts like it are kept out by the filter “{out[0]}”: {out[1]}")
    if stored.saved is None:
        _say("gone or pruned: its text is not here any more")
        show(stored.topics, "table", title="Topics as stored", wrap=True)
        return
    if rows is None:
        show(
            stored.topics,
            "table",
            title="Topics as stored; by the rules of now when the configuration is right",
            wrap=True,
        )
        return
    show(table_of(JUDGED, rows), "table", title="Topics by the rules as they are now", wrap=True, main="because")
    given = {(row[0], row[2], row[4]) for row in rows if row[1] == "yes"}
    if {row[0] for row in stored.topics.rows} != {topic for topic, _, _ in given}:
        show(
            stored.topics,
            "table",
            title="Topics as stored; `aggregator rebuild topics` brings them up to date",
            wrap=True,
        )


def _say(text: str) -> None:
    put(text, "    ", first="  ")


def _show_head(head: Mapping[str, Any], sightings: Result) -> None:
    click.echo()
    put(str(head["title"]), bold=True)
    facts = (head["kind"], head["author"], head["publisher"], head["language"], short_time(head["published_at"]))
    put(f"post {head['id']}: {', '.join(str(fact) for fact in facts if fact)}")
    if head["url"]:
        put(str(head["url"]))
    for source, native_id, seen_at, _ in sightings.rows:
        _say(f"seen in {source} at {short_time(seen_at)} as {native_id}")
    if head["copy_of"]:
        _say(f"a copy of post {head['copy_of']}: {head['copy_because']} ({head['copy_score']})")
    else:
        _say("no copy of another post")
    if head["story_id"]:
        because = f"{head['story_because']} ({head['story_score']})" if head["story_because"] else "it began it"
        _say(f"in story {head['story_id']} “{head['story']}”: {because}")

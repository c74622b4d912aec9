"""What became of a draft is written: the model's brief, or why it is not the model's."""

from __future__ import annotations

from aggregator.engine.briefs.drafting import NO_HAPPENED, Drafted
from aggregator.engine.briefs.queue import log_written
from aggregator.model.brief import Brief
from aggregator.publish.briefs.prompt import Prompt
from aggregator.publish.briefs.written import By, Material, brief_of, in_trouble
from aggregator.storage.briefs.rows import load_briefs, note_trouble, save_brief
from aggregator.storage.database import Database


def stands(found: Drafted, prompt: Prompt, fresh: Material) -> bool:
    """Do the sources, read anew, still say what is cited?"""
    told = found.kept.parts.values() if found.kept else ()
    cited = {number for sentences in told for each in sentences for number in each.sources}
    said = {(each.post_id, each.article_id, each.text) for each in fresh.evidence}
    before = {each.story_id for each in fresh.earlier}
    return all(
        (each.post_id, each.article_id, each.text) in said for each in prompt.evidence if each.n in cited
    ) and all(each.story_id in before for each in prompt.earlier if each.n in cited)


def save_drafted(database: Database, material: Material, prompt: Prompt, found: Drafted, by: By) -> None:
    """Write the brief of a draft that can be used; else that of a story stays, with the reason. Of one that a model
    wrote before nothing is lost: what was refused of it, and what it cost, is its own. Expects an open transaction."""
    base = _stored(database, material.story_id, material.language)
    if found.kept and found.trouble is None:
        # By the numbers that the model was shown, whatever they are now.
        shown = material._replace(evidence=prompt.evidence, earlier=prompt.earlier)
        save_brief(database.conn, brief_of(found.kept, shown, base, by, prompt.digest))
        log_written(database, material.story_id, by.at)
    elif base and base.method == "model":
        note_trouble(database.conn, base.story_id, base.language, found.trouble or NO_HAPPENED)
    elif base:
        save_brief(database.conn, in_trouble(base, found.trouble or NO_HAPPENED, found.kept, by))


def _stored(database: Database, story_id: int, language: str) -> Brief | None:
    return load_briefs(database.conn, [story_id], language).get(story_id)

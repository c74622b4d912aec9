"""Briefs of the story of `tests.helpers.shown` that has every part: by rules, and by a model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from aggregator.model.brief import Amount, Brief, BriefSentence, Due, Refused
from tests.helpers import shown

POSTS = shown.FUNDED.originals
FIRST, METIER, IDA, LEITUNG, WEFT = (post.id for post in POSTS[:5])
CENTRES = Due(date(2027, 12, 31), date(2027, 12, 31), "year")
HEARING = Due(date(2026, 12, 2), date(2026, 12, 2), "day")

CLOSED = "The laboratory Aurore has closed a funding round of 700 million euros."
RENTS = "Bisher mietet die Firma ihre Rechenleistung."
EXTRACTED = Brief(
    story_id=shown.FUNDED.id,
    language="en",
    headline=shown.FUNDED.title,
    method="extracted",
    digest="d1",
    written_at=shown.at("22:30"),
    sentences=(
        BriefSentence(part="happened", text=CLOSED, language="en", made="quoted", posts=(FIRST,)),
        BriefSentence(part="happened", text=RENTS, language="de", made="quoted", posts=(LEITUNG,)),
        BriefSentence(
            part="context", text="Carried by 7 publishers, first by The Quay Courier.", language="en", made="counted",
            posts=tuple(post.id for post in POSTS if not post.voice.is_person), pattern="carried",
        ),
        BriefSentence(
            part="context", text="As we reported on 3 July 2026: “Aurore looks for money in three countries”.",
            language="en", made="counted", stories=(shown.EARLIER.id,), pattern="continues",
        ),
        BriefSentence(
            part="watch", text="Zwei Standorte sollen bis Ende 2027 laufen.", language="de", made="quoted",
            posts=(LEITUNG,), due=CENTRES,
        ),
        BriefSentence(part="watch", text="Which chips go in is open.", language="en", made="quoted", posts=(WEFT,)),
        BriefSentence(
            part="watch", text="Parliament hears the laboratory on 2 December.", language="en", made="quoted",
            posts=(FIRST,), due=HEARING,
        ),
    ),
    amounts=(
        Amount(matter=1, text="700 million euros", value=7e8, unit="EUR", language="en", posts=(FIRST, METIER, IDA)),
        Amount(matter=1, text="fast eine Milliarde", value=None, unit="EUR", language="de", posts=(LEITUNG,)),
    ),
)  # fmt: skip
WRITTEN = replace(
    EXTRACTED,
    headline="Aurore raises 700 million euros",
    method="model",
    model="lamp-7b <x>",
    refused=(Refused("context", "It is the largest round ever.", "no source says so"),),
    amounts=(),
    sentences=(
        BriefSentence(
            part="happened", text="Aurore has raised 700 million euros & builds two centres.", language="en",
            made="written", posts=(FIRST, LEITUNG),
        ),
        BriefSentence(
            part="context", text="As we reported on 3 July 2026, it was looking for money.", language="en",
            made="written", posts=(FIRST,), stories=(shown.EARLIER.id,),
        ),
        BriefSentence(
            part="watch", text="Two sites are to run by the end of 2027.", language="en", made="written",
            posts=(LEITUNG,), due=CENTRES,
        ),
    ),
)  # fmt: skip
BRIEFED = replace(shown.FUNDED, brief=EXTRACTED)
BY_MODEL = replace(shown.FUNDED, brief=WRITTEN)

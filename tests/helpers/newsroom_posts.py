"""What the small newsroom reads: half a year of invented news in four languages. Every text is made up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from aggregator.model.poll import Outcome
from aggregator.model.post import Card, Enclosure, Post, Quote
from aggregator.model.source import Source
from aggregator.text.attached import attached_words
from tests.helpers.newsroom_polls import BROKEN, KIKAI, LANTERN, NORD, QUIET, SIGNAL, TAG, Poll, article, status

MISTRAL = "https://lantern.example/news/mistral-raises-830"


def _ago(days: float, source: Source, *posts: Post, **more: Any) -> Poll:
    return Poll(timedelta(days=days), source, posts, **more)


_BRISE = (
    "The new model Brise from Mistral leads the Quarry ranking of language models, ahead of three larger ones. "
    "It was trained on two thousand chips in Lyon, and its weights are open for everybody to download."
)
_FUNDING = (
    "Mistral raises 830 million euros from a mix of pension funds and private investors. The money pays for computing "
    "centres near Rouen and Turku, which open next spring, and doubles the staff of the French company. The round "
    "values Mistral at eleven billion euros, twice as much as a year ago, said two people who saw the papers."
)
_GUIDE_OLD = (
    "The AI Office published its guidelines for the labelling of generated pictures. Publishers have until September "
    "to mark every picture made by a machine; fines start at two thousand euros."
)
_GUIDE_NEW = _GUIDE_OLD.replace("two thousand", "twenty thousand")

# What fills the pages: nothing here belongs together.
_COLUMNS = (
    (
        "Choir rehearses with a machine tenor",
        "The choir of a fishing village lost its only tenor and borrowed a synthetic one.",
    ),
    ("Archive reads burnt letters again", "Scanners and patience brought back forty letters of a shipping clerk."),
    ("Snow ploughs learn the town's corners", "Twelve ploughs in Luleå now drive their night route alone, slowly."),
    (
        "Old recordings get their consonants back",
        "A broadcaster cleans tapes from 1952; the announcers are understood again.",
    ),
    ("Beekeepers count wings by camera", "A camera at the hive tells how many bees come home, and how many wasps."),
    ("School lets pupils correct the tutor", "Each wrong answer of the tutoring program earns the class a point."),
    ("Harbour pilots test a talking chart", "The chart warns of sandbanks in the dialect of the river."),
    ("Night trains get a timetable that argues", "The planner explains which connection it gave up, and why."),
)

_CARD = Card(
    url="https://lantern.example/news/brise",
    title="Mistral's new model Brise leads the Quarry ranking",
    provider="Lantern Daily",
)
_QUOTE = Quote(
    uri="https://far.example/users/bo/statuses/7",
    url="https://far.example/@bo/7",
    author="bo@far.example",
    text="Brise by Mistral is out.",
)
_PICTURE = Enclosure(url="https://social.example/1.png", media_type="image/png", description="The Quarry ranking")
_COMES_WITH: dict[str, Any] = {
    "card": _CARD,
    "quote": _QUOTE,
    "options": ("Breton", "Welsh"),
    "emojis": ("ferry",),
    "enclosures": (_PICTURE,),
    "attached": attached_words(_CARD, _QUOTE, ("Breton", "Welsh"), (_PICTURE,)),
}

_HALF_YEAR: Sequence[Sequence[Poll]] = (
    (
        _ago(150, LANTERN, article(LANTERN, "brise", "Mistral's new model Brise leads the Quarry ranking", _BRISE)),
        _ago(
            150,
            TAG,
            status(
                1001,
                "mara",
                "Brise by Mistral leads the Quarry ranking. Weights are open, I am impressed "
                "by how well it writes Breton!",
                article_url="https://lantern.example/news/brise",
                tags=("Mistral", "OpenWeights"),
                **_COMES_WITH,
            ),
        ),
    ),
    (
        _ago(
            95,
            QUIET,
            article(
                QUIET,
                "lighthouse",
                "A lighthouse keeper teaches a robot to read fog",
                "The robot learned in two winters what took its teacher a life: to tell rain, sea smoke and fog apart.",
            ),
        ),
        _ago(
            95,
            BROKEN,
            article(
                BROKEN,
                "kettle-leak",
                "Kettle Robotics loses customer data in a breach",
                "Names and addresses of nine thousand customers of Kettle Robotics were on a public server.",
            ),
        ),
    ),
    (
        _ago(
            60,
            LANTERN,
            article(
                LANTERN,
                "mistral-talks",
                "Mistral in talks with pension funds about computing centres",
                "Mistral talks with pension funds and private investors about money for computing centres near "
                "Rouen, said two people who saw the papers. The company declined to comment.",
            ),
        ),
    ),
    (
        _ago(
            45,
            QUIET,
            article(
                QUIET,
                "harp",
                "The harp that tunes itself",
                "A workshop in Bergen built a harp with small motors "
                "at each string; it listens to the hall before it plays.",
            ),
        ),
    ),
)

_LAST_WEEKS: Sequence[Sequence[Poll]] = (
    (
        _ago(
            12,
            SIGNAL,
            article(
                SIGNAL,
                "kettle-raises",
                "Kettle Robotics raises forty million for kitchen arms",
                "Kettle Robotics, maker of arms that fry and stir, raises forty million dollars. Its first "
                "customers are canteens in Oregon.",
            ),
        ),
        _ago(
            12,
            NORD,
            article(
                NORD,
                "pflege",
                "Studie: Roboter entlasten Pflegende nur nachts",
                "Eine Studie in sechs Heimen zeigt, dass Roboter den Pflegenden vor allem in der Nacht Wege "
                "abnehmen. Tagsüber stehen sie eher im Weg, sagt die Leiterin der Untersuchung.",
            ),
        ),
        _ago(
            12,
            KIKAI,
            article(
                KIKAI,
                "handotai",
                "熊本の半導体工場が試験生産を開始",
                "熊本県の新しい半導体工場が今週から試験生産を始めた。来年の春には月に一万枚の生産を目指すという。",
            ),
        ),
    ),
    (
        _ago(
            10,
            SIGNAL,
            *(article(SIGNAL, f"column-{i}", title, text) for i, (title, text) in enumerate(_COLUMNS)),
            article(
                SIGNAL,
                "bridge",
                "Bridge inspectors try out climbing drones",
                "Drones that hold on to steel with magnets look for cracks under the bridges of Porto.",
            ),
        ),
        _ago(
            10,
            TAG,
            status(
                1002,
                "jonas",
                "Wer hat Erfahrung mit lokalen Sprachmodellen auf alten Laptops? Ich suche etwas "
                "Kleines zum Übersetzen von Protokollen.",
                tags=("LocalLLM", "FediHelp"),
            ),
            status(
                1003,
                "ines",
                "My small language model now sorts the mail of the allotment society. It is wrong twice "
                "a week, like the person before.",
                tags=("LocalLLM", "AI"),
            ),
        ),
    ),
    (
        _ago(
            8,
            LANTERN,
            article(
                LANTERN,
                "weather",
                "Weather offices share one model of the sky",
                "Nine weather offices train a model together and keep their measurements at home.",
            ),
        ),
        _ago(
            8,
            KIKAI,
            article(
                KIKAI,
                "neko",
                "猫の鳴き声を聞き分ける装置",
                "大阪の研究者が、猫の鳴き声から気持ちを読み取る小さな装置を発表した。研究には三百匹の猫が参加した。",
            ),
        ),
    ),
)

_THIS_WEEK: Sequence[Sequence[Poll]] = (
    (
        _ago(
            5,
            LANTERN,
            article(LANTERN, "labels", "AI Office tells publishers how to label generated pictures", _GUIDE_OLD),
        ),
        _ago(
            5,
            NORD,
            article(
                NORD,
                "kennzeichnung",
                "KI-Bilder: Kennzeichnung wird ab September Pflicht",
                "Verlage müssen ab September jedes Bild kennzeichnen, das eine Maschine gemacht hat. Das steht in "
                "den Leitlinien zur Kennzeichnung, die in Brüssel veröffentlicht wurden.",
            ),
        ),
        _ago(
            5,
            TAG,
            status(
                1004,
                "sofie",
                "Endlich klare Regeln: Verlage müssen KI-Bilder ab September kennzeichnen. Die "
                "Strafen sind aber lächerlich niedrig, finde ich.",
                article_url="https://lantern.example/news/labels",
                tags=("KI", "Bildrecht"),
            ),
        ),
    ),
    (
        _ago(
            4,
            LANTERN,
            article(LANTERN, "labels", "AI Office tells publishers how to label generated pictures", _GUIDE_NEW),
            edit_of=timedelta(days=5),
        ),
        _ago(4, BROKEN, outcome=Outcome.FAILED, detail="HTTP 503 Service Unavailable"),
    ),
    (
        _ago(
            2,
            LANTERN,
            article(
                LANTERN,
                "mistral-raises-830",
                "Mistral raises 830 million euros for computing centres",
                _FUNDING,
                author="Ada Quill",
                html=f"<p>{_FUNDING}</p>",
                tags=("Companies", "Mistral"),
            ),
            article(
                LANTERN,
                "kiln",
                "A pottery lets a model watch the kiln",
                "The model calls the potter when the glaze runs, and it has been right nine times out of ten.",
            ),
        ),
        _ago(
            2,
            SIGNAL,
            article(
                SIGNAL,
                "kettle-arms",
                "Kettle Robotics raises prices of its kitchen arms",
                "Kettle Robotics raises the price of its arms by a tenth. Canteens in Oregon look for other makers.",
            ),
            article(
                SIGNAL,
                "mistral",
                "Mistral raises 830 million euros for computing centres",
                "The French company builds near Rouen and Turku.",
                url=f"{MISTRAL}?utm_source=signal&utm_medium=rss",
            ),
        ),
    ),
    (
        _ago(1.8, QUIET),
        _ago(
            1.8,
            NORD,
            article(
                NORD,
                "mistral",
                "Mistral: Finanzierungsrunde über 830 Millionen Euro für Rechenzentren",
                "Mistral baut mit 830 Millionen Euro Rechenzentren bei Rouen und Turku. Die Finanzierungsrunde "
                "bewertet das Unternehmen mit elf Milliarden Euro.",
            ),
            article(
                NORD,
                "english",
                "Lesetipp auf Englisch: Mistral raises 830 million euros",
                "Ein langer Bericht über Rouen und Turku.",
                url="https://lantern.example/amp/news/mistral-raises-830",
            ),
        ),
        _ago(
            1.8,
            KIKAI,
            article(
                KIKAI,
                "mistral",
                "ミストラルが8億3000万ユーロの資金調達を発表",
                "フランスの人工知能企業ミストラルは、計算センターを建設するため8億3000万ユーロの資金調達を発表した。",
            ),
        ),
        _ago(
            1.8,
            TAG,
            status(
                1005, "mara", f"Mistral raises 830 million euros for computing centres {MISTRAL}", article_url=MISTRAL
            ),
            status(
                1006,
                "jonas",
                "830 Millionen Euro für Mistral: So viel Geld gab es in Europa noch nie für ein "
                "Sprachmodell. Ob der Strom in Rouen reicht?",
                article_url=MISTRAL,
                tags=("Mistral", "KI", "LocalLLM"),
            ),
            status(
                1007,
                "otis",
                "Pension funds buying into Mistral is the part that worries me. Who carries the risk when the "
                "next ranking looks different?",
                article_url=f"{MISTRAL}?utm_campaign=fedi",
                tags=("Mistral", "AI"),
            ),
        ),
    ),
    (
        _ago(
            0.6,
            SIGNAL,
            article(SIGNAL, "mistral-reprint", "Mistral raises 830 million euros for computing centres", _FUNDING),
        ),
        _ago(
            0.6,
            TAG,
            status(
                1008,
                "kenji",
                "機械だよりの記事を読んだ。ヨーロッパの計算センターはどこまで増えるのだろう。",
                tags=("AI",),
            ),
            status(
                1009,
                "ines",
                "The allotment society voted: the mail model stays. Next year it may answer, too.",
                tags=("LocalLLM",),
            ),
        ),
    ),
    (
        _ago(
            0.2,
            NORD,
            article(
                NORD,
                "chips",
                "Chips aus Dresden: Neue Fabrik sucht tausend Fachkräfte",
                "Die Fabrik stellt ab Herbst ein. Gesucht werden vor allem Menschen, die Maschinen warten können.",
            ),
        ),
        _ago(0.2, BROKEN, outcome=Outcome.FAILED, detail="HTTP 503 Service Unavailable"),
        _ago(
            0.2,
            TAG,
            status(
                1007,
                "otis",
                "Pension funds buying into Mistral is the part that worries me. Who carries the risk "
                "when the next ranking looks different? (Corrected: funds, not banks.)",
                article_url=f"{MISTRAL}?utm_campaign=fedi",
                tags=("Mistral", "AI"),
            ),
            edit_of=timedelta(days=1.8),
        ),
    ),
)

ALL_POLLS = (*_HALF_YEAR, *_LAST_WEEKS, *_THIS_WEEK)

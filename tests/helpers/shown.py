"""A small newsroom as the site shows it: stories in six languages, people, warnings, hostile texts. All is invented."""

# ruff: noqa: E501 -- texts stand whole

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aggregator.model.site import (
    LinkedStory,
    Rising,
    Said,
    ShownPost,
    ShownSource,
    ShownStory,
    ShownTopic,
    StoryTopic,
    TopicCount,
    Totals,
    Voice,
)

TODAY = date(2026, 11, 28)
YESTERDAY = date(2026, 11, 27)


def at(clock: str, day: date = TODAY) -> datetime:
    """A time of a day, in UTC: `at("20:43")`."""
    hour, minute = clock.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=UTC)


QUAY = Voice("quay.example", "The Quay Courier", False, "en")
METIER = Voice("metier.example", "Le Métier", False, "fr")
LEITUNG = Voice("leitung.example", "Leitung & Draht", False, "de")
WEFT = Voice("weft.example", "Weft Weekly", False, "en")
FARO = Voice("faro.example", "El Faro del Sur", False, "es")
MIRSAD = Voice("mirsad.example", "مرصد التقنية", False, "ar")
KIKAI = Voice("hikari.example", "光の窓", False, "ja")
IDA = Voice("ida@social.example", "@ida", True, "de")
RAOUL = Voice("raoul@piaf.example", "@raoul", True, "fr")
NOOR = Voice("noor@social.example", "@noor", True, "ar")

AURORE = ShownTopic("aurore", "Aurore", "lab")
FUNDING = ShownTopic("funding", "funding", "topic")
CHIPS = ShownTopic("chips", "chips", "topic")
COURT = ShownTopic("court", "court", "topic")
EU = ShownTopic("european-union", "European Union", "organisation")

HOSTILE = (
    '<script>alert("x")</script>',
    "</script><!-- & &amp; <b>",
    '"\' onmouseover=alert(1) x="',
    "{{ 7 * 7 }}{% raw %}",
    "a\x00b\x1b[31mc\ud800d\ufffe",
    "\u202eright to left\u2066",
    "👩‍👩‍👧‍👦" * 40,
    "x" * 5000,
    "  \n\t ",
    "",
    "javascript:alert(1)",
    "مرحبا <i>بالعالم</i>",
    "%s {0} {n}",
    "]]> \u2028 \u2029",
)

_next_id = iter(range(1, 1_000_000))


def post(voice: Voice, when: str, title: str, text: str = "", *, day: date = TODAY, **more: Any) -> ShownPost:
    """A post: a status where a person speaks, else an article."""
    number = next(_next_id)
    moment = at(when, day)
    is_person = voice.is_person
    values: dict[str, Any] = {
        "id": number,
        "kind": "status" if is_person else "article",
        "at": moment,
        "seen_at": moment + timedelta(minutes=3),
        "title": title,
        "text": text,
        "url": f"https://{voice.key.rpartition('@')[2]}/{voice.name.lower() if is_person else 'news'}/{number}",
        "article_url": None,
        "author": None,
        "voice": voice,
        "language": voice.language,
        "because": "first report",
    }
    return ShownPost(**(values | more))


def story(number: int, posts: Sequence[ShownPost], *, lead: ShownPost | None = None, **more: Any) -> ShownStory:
    """A story of these posts; its title is its lead's, which is the first of a publisher."""
    lead = lead or next((each for each in posts if not each.voice.is_person), posts[0])
    values: dict[str, Any] = {
        "id": number,
        "slug": f"{number}-story",
        "title": lead.title,
        "language": lead.language,
        "first_at": posts[0].at,
        "last_at": posts[-1].at,
        "changed_at": posts[-1].seen_at,
        "score": 0.5,
        "pinned": False,
        "has_page": len({each.voice.key for each in posts if not each.voice.is_person}) > 1,
        "lead": lead,
        "posts": tuple(posts),
    }
    return ShownStory(**(values | more))


EARLIER = LinkedStory(
    id=3,
    slug="3-aurore-looks-for-money",
    url="https://weft.example/news/3",
    title="Aurore looks for money in three countries",
    language="en",
    at=at("09:00", date(2026, 7, 3)),
    kind="continues",
    similarity=0.61,
    because="also about aurore; shared words: money, round",
    lead="The laboratory Aurore is in talks with two pension funds.",
    voices=(WEFT,),
)
BACKGROUND = LinkedStory(
    id=2,
    slug=None,
    url="https://leitung.example/news/2",
    title="Neues Modell von Aurore führt die Rangliste an",
    language="de",
    at=at("01:53", date(2026, 6, 30)),
    kind="background",
    similarity=0.31,
    because="also about aurore",
    lead="",
    voices=(LEITUNG, QUAY),
)
LATER = replace(EARLIER, id=9, slug="9-later", title="Aurore opens its first centre", at=at("10:00", date(2026, 12, 1)))


def _funding() -> ShownStory:
    first = post(
        QUAY,
        "19:43",
        "Aurore raises €700 million for computing centres of its own",
        "The laboratory Aurore has closed a funding round of 700 million euros, and will build two computing centres "
        "with it. Dr. J. Okafor of the pension fund said on 5. November that a third of the capacity is set aside for "
        "universities. Until now the company rents what it needs. Two sites are to ru",
        author="Imogen Farrow",
        before=(Said(at("19:58"), "Aurore raises 600 million"),),
        edited_at=at("19:58"),
    )
    status = post(
        IDA,
        "20:23",
        "700 Millionen für #Aurore: Das Labor baut eigene Rechenzentren, und Europa redet vom Können …",
        "700 Millionen für #Aurore: Das Labor baut eigene Rechenzentren, und Europa redet vom Können statt vom Dürfen.\n\n"
        "Ich bin gespannt, wer den Strom liefert.",
        article_url=first.url,
        boosts=31,
        replies=4,
        seen_at=at("20:24"),
        because=f"shares a link with post {first.id}",
    )
    late = at("20:40")
    posts = (
        replace(first, seen_at=late),
        post(
            METIER,
            "20:13",
            "Aurore lève 700 millions d’euros pour ses centres de calcul",
            "Le laboratoire Aurore boucle un tour de table.",
            seen_at=late,
            because="same event in another language (similarity 0.81); shared names: 700, aurore",
        ),
        status,
        post(
            LEITUNG,
            "20:33",
            "Aurore sammelt 700 Millionen Euro ein",
            "Bisher mietet die Firma ihre Rechenleistung.",
            seen_at=late,
            because=f"similar text (0.71): euro 0.2; see post {first.id}",
            author="Henrike Osterloh",
        ),
        post(
            WEFT,
            "21:03",
            "With 700 million euros, Aurore stops renting: two centres planned",
            seen_at=late,
            because="similar text",
        ),
        post(
            Voice("m.quay.example", "The Quay Courier, for phones", False, "en"),
            "21:05",
            first.title,
            seen_at=late,
            copy_of=first.id,
            because=f"copy of post {first.id}",
        ),
        post(
            RAOUL,
            "21:18",
            "700 millions pour #Aurore",
            "700 millions pour #Aurore et un centre près de chez moi. J'espère que la chaleur ira aux piscines. #IA",
            seen_at=late,
            boosts=11,
            because="shares a link",
        ),
        post(
            FARO,
            "21:33",
            "Aurore cierra una ronda de 700 millones de euros",
            seen_at=late,
            because="same event in another language",
        ),
        post(
            MIRSAD,
            "21:53",
            "أورور تجمع 700 مليون يورو لبناء مراكز حوسبة خاصة بها",
            seen_at=late,
            because="same event in another language",
        ),
        post(
            KIKAI,
            "22:13",
            "オーロール、7億ユーロを調達 自前の計算センターへ",
            seen_at=late,
            because="same event in another language",
        ),
        post(
            NOOR,
            "22:23",
            "CW: money, politics",
            "ثمانية أسطر عن المال.",
            content_warning="money, politics",
            seen_at=late,
            because="shares a link",
        ),
    )
    return story(
        101,
        posts,
        slug="101-aurore-raises-700-million",
        score=0.93,
        earlier=(EARLIER, BACKGROUND),
        hidden_people=2,
        topics=(StoryTopic(AURORE, 1.0), StoryTopic(FUNDING, 0.8), StoryTopic(CHIPS, 0.1)),
    )


FUNDED = _funding()

LARK = story(
    102,
    (
        post(
            WEFT,
            "16:53",
            "Larkspur: same racks & half the power",
            "A chip for inference needs half the power of the one before, and runs on plain air. Samples go out now.",
        ),
        post(QUAY, "17:20", "Half the power for the same answers"),
        post(
            KIKAI, "17:40", "新しいチップ、電力は半分", "空気だけで冷やせる新しいチップが発表された。出荷は春に始まる。"
        ),
    ),
    topics=(StoryTopic(CHIPS, 1.0),),
    slug="102-larkspur-half-the-power",
)
RULED = story(
    103,
    (
        post(
            LEITUNG,
            "00:53",
            "Gericht: Gedichtband darf nicht ungefragt ins Training",
            "Die Schreibhilfe muss einen Gedichtband vergessen, z. B. auch die Widmung. Das Urteil ist rechtskräftig.",
        ),
        post(METIER, "02:10", "Un recueil de poèmes ne s’apprend pas sans permission"),
    ),
    topics=(StoryTopic(EU, 0.5), StoryTopic(COURT, 1.0)),
    slug="103-gericht-gedichtband",
)
ARABIC = story(
    104,
    (
        post(
            MIRSAD,
            "11:05",
            "مستشفى يجرب كتابة الملاحظات الطبية بالصوت",
            "بدأ مستشفى في المدينة تجربة كتابة الملاحظات بالصوت. سيستمر الاختبار ستة أشهر.",
        ),
        post(FARO, "12:30", "Un hospital dicta sus notas", day=TODAY),
    ),
    slug="104-hospital",
)
BY_PEOPLE = story(
    105,
    (
        post(
            NOOR,
            "08:15",
            "CW: spiders",
            "A spider sits in the server room.\nIt has eight legs.",
            language="en",
            content_warning="spiders",
            boosts=3,
        ),
        post(IDA, "09:15", "Eine Spinne im Serverraum!", "Eine Spinne im Serverraum! Sie heißt jetzt Cron."),
    ),
    has_page=True,
    slug="105-spider",
)
SINGLES = (
    story(106, (post(KIKAI, "09:53", "桜浜市の病院、診察の記録づくりに音声認識を導入"),)),
    story(107, (post(RAOUL, "22:53", "J'ai demandé un nom pour mon chat. Il veut d'abord l'avis du chat. #IA", "…"),)),
    story(108, (post(WEFT, "03:53", "Orchard robots pick by night without waking anybody"),)),
)
OLDER = (
    story(
        95,
        (
            post(
                WEFT,
                "13:53",
                "Models that rehearse old lessons forget less",
                "One old example in a hundred is enough, the study finds.",
                day=YESTERDAY,
            ),
            post(QUAY, "14:53", "A little rehearsal keeps what was learned", day=YESTERDAY),
            post(IDA, "17:10", "Üben hilft", "Üben hilft. Auch Modellen.", day=YESTERDAY),
        ),
    ),
    story(
        96,
        (
            post(
                LEITUNG,
                "18:00",
                "Aurore zeigt ein kleines Modell für Übersetzungen",
                "Es läuft auf einem Telefon.",
                day=YESTERDAY,
            ),
            post(FARO, "19:00", "Un modelo pequeño de Aurore traduce en el teléfono", day=YESTERDAY),
        ),
        topics=(StoryTopic(AURORE, 1.0),),
    ),
)
STORIES = (FUNDED, LARK, ARABIC, RULED, BY_PEOPLE)


def hostile(text: str, number: int = 666) -> ShownStory:
    """A story in which others say `text` wherever they can say something."""
    voice = Voice("evil.example", text, False, "en")
    person = Voice(f"{text}@evil.example", text, True, text[:20])
    said = Said(at("10:30"), text)
    posts = (
        post(voice, "10:00", text, text, author=text, url=text, because=text, before=(said,), edited_at=at("10:30")),
        post(person, "10:05", text, text, url="https://evil.example/?" + text, because=text),
        post(person, "10:06", text, text, content_warning=text, because=text, article_url=text),
        post(QUAY, "10:10", text, f"{text}. And this is a sentence of it.", url=None, because="post 1"),
    )
    link = replace(EARLIER, slug=None, url=text, title=text, lead=text, because=text, voices=(voice,))
    return story(
        number,
        posts,
        topics=(StoryTopic(ShownTopic("evil", text, text), 1.0),),
        earlier=(link,),
        later=(link,),
        has_page=True,
    )


SOURCES = (
    ShownSource(
        id=1,
        kind="feed",
        name="El Faro del Sur",
        url="https://faro.example/feed",
        site_url="https://faro.example/",
        status="failing",
        trouble="connection timed out, three times since 16:10",
        last_success_at=at("15:55"),
        newest_at=at("21:33"),
        post_count=40,
        week=(at("10:00", date(2026, 11, 24)), at("21:33")),
    ),
    ShownSource(
        id=2,
        kind="feed",
        name="Weft Weekly",
        url="https://weft.example/feed",
        site_url=None,
        status="ok",
        trouble="its XML is broken in line 6; read all the same",
        last_success_at=at("22:00"),
        newest_at=at("21:03"),
        post_count=7,
        week=(at("21:03"), at("16:53"), at("13:53", YESTERDAY)),
    ),
    ShownSource(
        id=3,
        kind="feed",
        name="The Quay Courier",
        url="https://quay.example/feed",
        site_url="https://quay.example/",
        status="ok",
        trouble=None,
        last_success_at=at("22:00"),
        newest_at=at("19:43"),
        post_count=120,
        week=tuple(at("07:30", date(2026, 11, day)) for day in range(22, 29)),
    ),
    ShownSource(
        id=4,
        kind="hashtag",
        name="#AI on social.example",
        url="https://social.example/tags/ai",
        site_url=None,
        status="ok",
        trouble=None,
        last_success_at=at("22:00"),
        newest_at=at("22:23"),
        post_count=900,
        week=(at("20:23"), at("22:23"), at("09:15")),
    ),
    ShownSource(
        id=5,
        kind="feed",
        name="Bare",
        url="https://bare.example/feed",
        site_url=None,
        status="new",
        trouble=None,
        last_success_at=None,
        newest_at=None,
        post_count=0,
    ),
)
RISING = (Rising(AURORE, 12, 1.0), Rising(CHIPS, 10, 0.0), Rising(FUNDING, 6, 0.5))
COUNTS = (
    TopicCount(AURORE, 9),
    TopicCount(CHIPS, 5),
    TopicCount(COURT, 3),
    TopicCount(EU, 2),
    TopicCount(FUNDING, 1),
)
TOTALS = Totals(posts=12_345, copies=678, stories=8_230, sources=5, topics=40, since=date(2026, 6, 1))

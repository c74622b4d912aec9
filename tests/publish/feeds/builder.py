"""Stories as the feeds out are handed them, invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.model.settings import Publish
from aggregator.model.site import (
    GoneStory,
    LinkedStory,
    Said,
    ShownPost,
    ShownSource,
    ShownStory,
    ShownTopic,
    StoryTopic,
    Voice,
)
from aggregator.publish.feeds.out import FeedOut

HERE = Path(__file__).parent
START = datetime(2026, 11, 28, 19, 39, tzinfo=UTC)
NOW = datetime(2026, 11, 29, 14, 5, tzinfo=UTC)

SITE = Publish(title="The Lantern", address="https://lantern.example/")
WITHOUT_ADDRESS = Publish(title="The Lantern")

HARBOUR = Voice("harbour.example", "Harbour Ledger", is_person=False, language="en")
BRUECKE = Voice("bruecke.example", "Signalbrücke", is_person=False, language="de")
LOTTE = Voice("lotte@town.example", "@lotte", is_person=True, language="de")

MISTRAL = ShownTopic("mistral", "Mistral", "company")
FUNDING = ShownTopic("funding", "Funding", "topic")

HOSTILE_TEXTS = {
    "script": "<script>alert(1)</script> & <b>bold</b>",
    "ends a script": "</script><!-- <script>",
    "entities": "AT&amp;T &lt;i&gt; &nbsp; &#0; &bogus; 1 < 2 > 0",
    "cdata": "a ]]> b <![CDATA[ c ]]>",
    "quotes": "\"double\" 'single' `back` \\ slash",
    "right to left": "عنوان \u202eevil\u202c שלום",
    "long": "word " * 1000,
    "one long word": "x" * 5000,
    "emoji": "👩‍🚀 🇪🇺 \U0001f6f0\ufe0f zero\u200bwidth",
    "controls": "a\x00b\x08c\x0bd\x1be\x7ff\x85g\ufffeh\ud800i\U0001fffej",
    "lines": "one\ntwo\r\nthree\u2028four\tfive",
    "markdown": "# [link](javascript:alert(1)) *a* _b_ `c` [[wiki]] #tag ==d== %%e%% $1 | $2 ~~f~~ ![i](x) ^1",
    "front matter": '--- \n---\ntitle: "x"\n- [a]: {b}',
    "a list": "1. no list, - none",
    "percent and backslash": "50 % \\u0041 \\n \\",
}


def make_post(number: int = 1, voice: Voice = HARBOUR, **fields: Any) -> ShownPost:
    name = voice.key.rpartition("@")[2]
    given: dict[str, Any] = {
        "id": number,
        "kind": "status" if voice.is_person else "article",
        "at": START + timedelta(minutes=10 * (number - 1)),
        "seen_at": START + timedelta(minutes=10 * number),
        "title": "Mistral raises 900 million euros",
        "text": "Mistral has closed a round of 900 million euros. The money goes into two computing centres.",
        "url": f"https://{name}/{number}",
        "article_url": None,
        "author": None,
        "language": voice.language,
        "because": "it began the story",
    }
    return ShownPost(voice=voice, **{**given, **fields})


POSTS = (
    make_post(1),
    make_post(
        2, LOTTE, title="Fast eine Milliarde für Mistral", text="Fast eine Milliarde für Mistral.", boosts=11,
        article_url="https://harbour.example/1",
    ),
    make_post(3, BRUECKE, title="900 Millionen Euro für Mistral", because="near: 900, Millionen, Mistral",
              before=(Said(START, "Mistral sammelt Geld"),)),
    make_post(4, HARBOUR, copy_of=1, because="same text"),
)  # fmt: skip

EARLIER = LinkedStory(
    id=11, slug="mistral-overtakes", url="https://harbour.example/old", title="Mistral overtakes", language="en",
    at=datetime(2026, 6, 30, 8, tzinfo=UTC), kind="background", similarity=0.4312, because="about Mistral",
    lead="Its model went ahead.", voices=(HARBOUR,),
)  # fmt: skip
LATER = LinkedStory(
    id=99, slug=None, url="https://bruecke.example/new", title="Erstes Zentrum eröffnet", language="de",
    at=datetime(2026, 12, 3, tzinfo=UTC), kind="continues", similarity=0.5, because="Mistral", lead="",
    voices=(BRUECKE,),
)  # fmt: skip


def make_story(number: int = 7, **fields: Any) -> ShownStory:
    posts = fields.get("posts", POSTS)
    given: dict[str, Any] = {
        "id": number,
        "slug": f"mistral-raises-{number}",
        "title": "Mistral raises 900 million euros",
        "language": "en",
        "first_at": START,
        "last_at": START + timedelta(hours=2),
        "changed_at": START + timedelta(hours=3),
        "score": 0.51234,
        "pinned": False,
        "has_page": True,
        "lead": posts[0],
        "posts": posts,
        "topics": (StoryTopic(MISTRAL, 1.0), StoryTopic(FUNDING, 0.6667)),
        "earlier": (EARLIER,),
        "later": (LATER,),
    }
    return ShownStory(**{**given, **fields})


def behind_a_warning() -> ShownStory:
    """Led by a status whose words are behind a warning, and that had none of it before it was edited."""
    post = make_post(
        1, LOTTE, title="CW: film spoiler", text="SECRET the ship sinks", content_warning="film spoiler",
        before=(Said(START, "SECRET title"),),
    )  # fmt: skip
    return make_story(8, title="CW: film spoiler", language="de", posts=(post,), has_page=False, earlier=(), later=())


def hostile_story(text: str, number: int = 1) -> ShownStory:
    """A story in which all words of others are this text."""
    voice = Voice(f"v{number}.example", text, is_person=False, language="en")
    person = Voice(f"p@v{number}.example", text, is_person=True)
    posts = (
        make_post(1, voice, title=text, text=text, author=text, because=text, before=(Said(START, text),)),
        make_post(2, person, title=text, text=text, url="javascript:alert(1)", language=None, content_warning=None),
        make_post(3, HARBOUR, title=text, text=text, url='https://x.example/"><script>(a) b', content_warning=text),
    )
    linked = LinkedStory(
        id=3, slug=None, url="javascript:alert(1)", title=text, language=None, at=START, kind="continues",
        similarity=1.0, because=text, lead=text, voices=(voice,),
    )  # fmt: skip
    topics = (StoryTopic(ShownTopic("odd", text, "topic"), 1.0),)
    return make_story(number, title=text, posts=posts, topics=topics, earlier=(linked,), later=(linked,))


def make_source(number: int = 1, **fields: Any) -> ShownSource:
    given: dict[str, Any] = {
        "id": number, "kind": "feed", "name": f"Paper {number}", "url": f"https://paper{number}.example/feed",
        "site_url": f"https://paper{number}.example/", "status": "ok", "trouble": None, "last_success_at": NOW,
        "newest_at": NOW, "post_count": 3,
    }  # fmt: skip
    return ShownSource(**{**given, **fields})


def make_feed(*stories: ShownStory, gone: tuple[GoneStory, ...] = (), **fields: str) -> FeedOut:
    given = {"path": "feeds/all", "title": "The Lantern: all", "home": "index.html"}
    return FeedOut(stories=stories, gone=gone, **{**given, **fields})

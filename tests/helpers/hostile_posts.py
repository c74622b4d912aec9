"""Posts whose words were written to break a page, and posts that are read from the right to the left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from aggregator.model.post import Post
from aggregator.text.urls import canonical_url
from tests.helpers.poller_room import NOW

# Where a page shows any of it as anything but text, it asks something, complains, or `window.struck` is there.
STRIKE = "window.struck=1"

# By names that stand in the addresses.
TITLES = {
    "script": "<script>alert('here')</script> at the ferry landing",
    "closing": f"The ferry </script><script>{STRIKE}</script> sails again",
    "comment": "--><!-- ]]> </title></style></textarea><svg onload=prompt(8)> ferry <!--",
    "attribute": '" autofocus onfocus="gone()" x=\'" onmouseover=\'lost()\' ferry',
    "image": "<img src=x onerror=confirm(9)> of a ferry",
    "entities": "Ferries &amp; boats &lt;b&gt; &copy &#60;i&#62; &bogus; AT&T 1 < 2 > 0",
    "template": "{{ 7 * 7 }} {% raw %} ${7*7} %s {0} {title} ferry",
    "controls": "A fer\x00ry\x08 with\x1b[31m con\x7ftrols\x9f and \ufffe\ufdd0nothing",
    "bidi": "A ferry \u202egnp.exe\u202c and \u2066an isolate that never ends, \u202b and another",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈🇪🇺 ferry 👍🏽 " + "🛳️" * 40,
    "zalgo": "F" + "\u0301\u0316\u0489" * 40 + "erry",
    "long": "The ferry sails " + "and sails " * 498 + "home",
    "unbroken": "ferry" + "x" * 4995,
    "markdown": "# ferry](javascript:alert(1)) **[x](y)** `---` |a|b|\n---\ntitle: y",
}
# Pieces of texts: each post has two of them, among words that no other story has.
PIECES = (
    f"<p onclick=\"{STRIKE}\">Bold</p>", "</article></main></body>", "<style>* { display: none }</style>",
    "<base href=//evil.example>", "<meta http-equiv=refresh content=0;url=//evil.example>", "&nbsp;&#0;&lt;script&gt;",
    "\u2028 \u2029 \ufeff", f"<iframe src=javascript:{STRIKE}>", "<a href='//evil.example'>",
    "<link rel=stylesheet href=//e.example>",
)  # fmt: skip
_WORDS = ("anchor", "buoy", "cable", "derrick", "eddy", "fender", "gull", "hawser", "inlet", "jetty", "kelp", "lagoon")
ADDRESSES = (
    f"javascript:{STRIKE}", "data:text/html,<script>window.struck=1</script>", "https://evil.example/\"><script>x</script>",
    "https://evil.example/' onclick='x", "//evil.example/", "https://evil.example/%22%3E?a=1&b=<>#\u202e", "vbscript:x",
)  # fmt: skip


def _article(host: str, slug: str, title: str, text: str, hours: float, **more: object) -> Post:
    url = f"https://{host}.example/{slug}"
    return replace(
        Post(
            kind="article", native_id=url, title=title, text=text, url=url, canonical_url=canonical_url(url),
            published_at=NOW - timedelta(hours=hours),
        ),
        **more,
    )  # fmt: skip


def _status(host: str, name: str, number: int, text: str, hours: float, **more: object) -> Post:
    url = f"https://{host}.example/@{name}/{number}"
    return replace(
        Post(
            kind="status", native_id=url, text=text, url=url, canonical_url=url, uri=url,
            author=f"{name}@{host}.example", visibility="public", published_at=NOW - timedelta(hours=hours),
            indexable=True, boosts=number,
        ),
        **more,
    )  # fmt: skip


def _text(slug: str, number: int) -> str:
    own = [f"{slug}{word}" for word in _WORDS]
    pieces = PIECES[number % len(PIECES)], PIECES[(number + 3) % len(PIECES)]
    return f"{' '.join(own[:6])} {pieces[0]} {' '.join(own[6:])}. {pieces[1]}"


def hostile_posts() -> dict[str, list[Post]]:
    """By the names of sources. Two papers tell of each matter, so that there are stories, and a person; another puts
    the title into the warning above."""
    first, second, people = [], [], []
    for number, (slug, title) in enumerate(TITLES.items()):
        hours = 1 + number / 2
        url, text = ADDRESSES[number % len(ADDRESSES)], _text(slug, number)
        author = f'<b>{slug}</b> & Sons \u202e"'
        first.append(_article("gazette", slug, title, f"{text} It sails.", hours, author=author))
        second.append(_article("courier", slug, title, f"They say: {text}", hours - 0.4, url=url, author=title[:99]))
        people.append(_status("isle", f"p{number}", number + 1, f"{title} {text}", hours - 0.2))
        warned = _status("isle", f"w{number}", 100 + number, f"I hear: {text}", hours - 0.3, content_warning=title)
        people.append(warned)
    return {"gazette": first, "courier": second, "isle": people}


# Language and title, then what is said of it. Two papers and a person tell of each.
RIGHT_TO_LEFT = (
    ("ar", "العبّارة تعود إلى الميناء بعد عاصفة استمرت 3 أيام (تحديث)",
     "عادت العبّارة إلى الميناء مساء أمس بعد عاصفة قوية. وقالت الشركة Harbour Lines إن 120 راكباً كانوا على متنها. "
     "ولم يُصب أحد بأذى."),
    ("he", "המעבורת חזרה לנמל אחרי סופה של 3 ימים: \"לא היה קל\"",
     "המעבורת חזרה אמש לנמל אחרי סופה קשה. בחברת Harbour Lines אמרו כי 120 נוסעים היו על הסיפון. איש לא נפגע."),
    ("fa", "کشتی مسافربری پس از سه روز توفان به بندر بازگشت",
     "کشتی مسافربری دیشب پس از توفانی سخت به بندر بازگشت. شرکت Harbour Lines گفت ۱۲۰ مسافر در آن بودند."),
    ("en", "Ferry returns to harbour after a storm of 3 days",
     "The ferry returned to the harbour last night after a heavy storm. Harbour Lines said that 120 were aboard."),
)  # fmt: skip


def right_to_left_posts() -> dict[str, list[Post]]:
    """By the names of sources: Arabic, Hebrew, Persian, and English among them."""
    found: dict[str, list[Post]] = {"sahifa": [], "iton": [], "isle": []}
    for number, (language, title, text) in enumerate(RIGHT_TO_LEFT):
        hours = 2.0 + number * 3
        named = {"declared_language": language}
        found["sahifa"].append(_article("sahifa", f"{language}-1", title, text, hours, **named))
        found["iton"].append(_article("iton", f"{language}-2", title, f"{text} {title}", hours - 1, **named))
        found["isle"].append(_status("isle", f"p{number}", number + 1, f"{title}\n\n{text}", hours - 0.5, **named))
    return found

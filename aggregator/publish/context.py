"""What a story means, as far as it can be counted: sentences that are true by construction.

How many carried it, in how many languages, how fast, who was first; and what was told before, with its date.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from aggregator.model.site import ShownPost, ShownStory
from aggregator.publish.items import Items

# So many of earlier stories are told in sentences; the list further below has all.
_MOST_EARLIER = 3
_SPACE = Markup(" ")
# Numbers that follow one another; no line begins with one.
_NARROW_SPACE = Markup("\u202f")


def carried(items: Items, story: ShownStory, originals: Sequence[ShownPost]) -> tuple[Markup, Markup]:
    """Who carried it, and who took it up, in a sentence each; empty where nobody did."""
    words = items.words
    posts = [post for post in story.speaking if not post.voice.is_person]
    people = len({post.voice.key for post in story.speaking if post.voice.is_person}) + story.hidden_people
    told = _carried(items, story, posts) if posts else Markup()
    if not people:
        return told, Markup()
    key = "story.people" + ("" if posts else "_alone") + ("_boosts" if story.boosts else "" if not posts else "_too")
    return told, words.say(
        key, people=words.count("count.people", people), boosts=words.count("count.boosts", story.boosts)
    )


def _carried(items: Items, story: ShownStory, posts: Sequence[ShownPost]) -> Markup:
    words, first = items.words, posts[0].voice
    name = items.name(first, None).shown
    publishers = len({post.voice.key for post in posts})
    within = words.within(posts[-1].at - posts[0].at)
    if publishers == 1:
        many = words.count("count.posts", len(posts))
        key = "story.carried_alone" if len(posts) == 1 else "story.carried_twice"
        return words.say(key, first=name, posts=many, within=within)
    languages = len({post.language for post in posts if post.language})
    return words.say(
        "story.carried_languages" if languages > 1 else "story.carried",
        publishers=words.count("count.publishers", publishers), languages=words.count("count.languages", languages),
        within=within, first=name,
    )  # fmt: skip


def paragraphs(
    items: Items, here: str, story: ShownStory, originals: Sequence[ShownPost], told: tuple[Markup, Markup]
) -> list[Markup]:
    """The part "In context" of a story: `told` by `carried` with the numbers of its sources, and what came before."""
    carried_by, taken_up = told
    found = []
    if carried_by:
        first = next((no for no, post in enumerate(originals, 1) if not post.voice.is_person), 1)
        found.append(carried_by + items.ref("", first))
    if taken_up:
        numbers = (no for no, post in enumerate(originals, 1) if post.voice.is_person)
        found.append(taken_up + _NARROW_SPACE.join(items.ref("", no) for no in numbers))
    earlier = sorted(story.earlier, key=lambda link: link.kind == "background")[:_MOST_EARLIER]
    reported = [items.reported(here, f"story.{link.kind}", link, "date") for link in earlier]
    return [_SPACE.join(part) for part in (found, reported) if part]

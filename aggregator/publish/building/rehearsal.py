"""Before all is built: a page of each kind is made and thrown away.

A mistake in a template, in words or in a saved query is found so before anything is written, and does not leave half of
a site in the new look.
"""

from __future__ import annotations

from aggregator.model.site import Redirect
from aggregator.publish.building.folder import Folder
from aggregator.publish.building.lists import put_lists
from aggregator.publish.building.plan import TOPIC
from aggregator.publish.building.site import Site
from aggregator.publish.building.units import put_days, put_source_feeds, put_stories, put_topics

# Among so many of the newest there is one that has a page, a topic, a source that may be named, if there are any.
_NEWEST = 20


class Nowhere(Folder):
    """Takes files and writes none."""

    def write(self, path: str, data: bytes) -> str:
        """Nothing; and a digest that no file has."""
        return ""


def rehearse(site: Site, *, has_index: bool) -> None:
    """Make one page of each kind, on a site that stands nowhere. `has_index`: as of the site that is built then.

    Raises:
        PublishError: it can't be made; says why.
        Stopped: the build is to end.
    """
    site.has_index = has_index
    lists, stories = site.rows.lists, site.rows.stories
    newest = lists.newest(_NEWEST)
    with_page = [story.id for story in stories.load(lists.newest_paged(_NEWEST)) if story.has_page]
    site.put("assets", site.pages.assets())
    put_stories(site, with_page[:1])
    site.pages.redirect(Redirect("1", "2"))
    for topic in sorted(lists.topics_of(newest)):
        put_topics(site, [topic])
        if site.manifest.named(TOPIC):
            break
    put_days(site, lists.newest_days(1))
    put_source_feeds(site, sorted(lists.sources_of(newest))[:1])
    put_lists(site)
    stories.forget()

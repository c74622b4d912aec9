"""What happened: one to three whole sentences of the lead and of the nearest others, each with its source.

Sentences that tell of the story's matter come first: near its title and the titles of others, with names and figures,
at the beginning of what somebody says. None is joined or cut, none says what another one said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

from aggregator.model.brief import BriefSentence, Evidence
from aggregator.model.site import ShownStory
from aggregator.publish.briefs.evidence import quoted
from aggregator.publish.briefs.furniture import is_address_to_reader, leans
from aggregator.publish.briefs.likeness import Said, overlap, retells, said, said_in, say_the_same, share_of

MOST = 3
# In characters: what is shorter tells little, what is longer is no brief. In words of a script without spaces less.
_SHORTEST, _LONGEST = 25, 420
_SHORTEST_SPACELESS = 15
# Found by reading briefs of a stream of AI news and of general news; none of them is fitted.
_LEAD, _IN_OUR_LANGUAGE = 0.7, 0.3
_FIRST, _SECOND = 0.3, 0.15
_FIGURE, _NAME, _MOST_NAMES = 0.15, 0.08, 3
# Further sentences must say something of the matter, and are worth less the longer the brief grows.
_LEAST_NEAR, _LEAST_SCORE = 0.2, 0.55
# What another publisher says is told where so much of it is new, and is worth less the more of it was told.
_LEAST_NEW, _RETOLD = 0.4, 0.5
# The first sentences of the lead are about the matter, whatever words they say it in.
_MATTER_OF_LEAD = 3
# Words of the title that mean the matter, by the number of titles that have them.
_TITLES = 2

_QUOTED_ALONE = re.compile(r"^[\"“„«»‘'].*[\"”“»«’']$")
# The beginning or the end of what somebody says in several sentences: who, stands in another one.
_QUOTED_ON = re.compile(r"^(?:\"[^\"]*|[“„][^”“]*|«[^»]*|»[^«]*)$|^(?:[^\"]*\"|[^“„]*”)$")
# The rest of a sentence of which the beginning was lost. "iPhone" and "o3" are names.
_REST = re.compile(r"^[a-zäöüßàâçéèêëîïôûñáíóú]+\b(?![\d-])")


def happened(
    story: ShownStory, evidence: Sequence[Evidence], language: str, ahead: Collection[int] = ()
) -> list[BriefSentence]:
    """The sentences of the part. `ahead`: numbers of sentences that another part has; `language`: the brief's."""
    chooser = _Chooser(story, evidence, language, ahead)
    return [quoted("happened", each) for each in chooser.choose()]


def matter_of(story: ShownStory, evidence: Sequence[Evidence]) -> frozenset[str]:
    """The words, names and figures that mean a story's matter: of its title, and what several titles have."""
    title = said_in(story.title, story.language)
    titles = [said(each) for each in evidence if each.is_title]
    counts = Counter(word for each in titles for word in each.words | each.names)
    return title.words | title.names | title.figures | {word for word, count in counts.items() if count >= _TITLES}


def nearness(of_it: Said, matter: frozenset[str]) -> float:
    """How much of a sentence, or of the matter, is in the other, 0..1."""
    return share_of(of_it.words | of_it.names | of_it.figures, matter)


class _Chooser:
    def __init__(self, story: ShownStory, evidence: Sequence[Evidence], language: str, ahead: Collection[int]) -> None:
        self._story, self._evidence, self._language = story, evidence, language
        self._ahead = frozenset(ahead)
        self._before = {after.n: before for before, after in pairwise(evidence)}
        self._title, self._matter = said_in(story.title, story.language), matter_of(story, evidence)
        self._place: dict[int, int] = {}
        places: Counter[tuple[int | None, int | None]] = Counter()
        for each in evidence:
            if not each.is_title:
                self._place[each.n] = places[each.post_id, each.article_id]
                places[each.post_id, each.article_id] += 1

    def choose(self) -> list[Evidence]:
        """The best one, then those that add to it; as they stand, those of the best one's post first."""
        may_stand = [each for each in self._evidence if self._may_stand(each)]
        # What people say of it is for the list of people, where somebody reports it.
        reports = [each for each in may_stand if each.kind == "article"] or may_stand
        left = {each.n: (each, said(each)) for each in reports}
        chosen: list[tuple[Evidence, Said]] = []
        while left and len(chosen) < MOST:
            scored = [(self._score(each, of_it, chosen), -each.n) for each, of_it in left.values()]
            score, n = max(scored)
            if score <= 0 or (chosen and score < _LEAST_SCORE):
                break
            chosen.append(left.pop(-n))
        return sorted((each for each, _ in chosen), key=lambda each: (each.post_id != chosen[0][0].post_id, each.n))

    def _may_stand(self, each: Evidence) -> bool:
        if each.is_title or each.n in self._ahead or is_address_to_reader(each.text):
            return False
        if _QUOTED_ALONE.match(each.text) or _QUOTED_ON.match(each.text):  # of whom?
            return False
        if _REST.match(each.text):
            return False
        shortest = _SHORTEST if " " in each.text else _SHORTEST_SPACELESS
        return shortest <= len(each.text) <= _LONGEST

    def _score(self, each: Evidence, of_it: Said, chosen: Sequence[tuple[Evidence, Said]]) -> float:
        """How much it is worth beside those that were chosen; 0 where it may not stand beside them."""
        is_lead = each.post_id == self._story.lead.id
        place = self._place[each.n]
        near = nearness(of_it, self._matter)
        if near < _LEAST_NEAR and not (is_lead and place < _MATTER_OF_LEAD):
            return 0.0
        if not (is_lead and place == 0) and self._leans(each, chosen):
            return 0.0
        if any(say_the_same(of_it, other) for _, other in chosen) or self._repeats_title(each, of_it):
            return 0.0
        if chosen and not is_lead and self._newness(of_it, chosen) < _LEAST_NEW:
            return 0.0
        told = [other for by, other in chosen if by.publisher != each.publisher]
        if any(retells(of_it, other) for other in told):
            return 0.0
        worth = near + _FIGURE * bool(of_it.figures) + _NAME * min(len(of_it.names), _MOST_NAMES)
        # How another publisher begins is what the first one said already.
        worth += _LEAD * is_lead + (_SECOND if place < 2 and (place or told) else _FIRST if place == 0 else 0.0)
        worth -= _RETOLD * max((overlap(of_it, other) for other in told), default=0.0)
        worth += _IN_OUR_LANGUAGE * (each.language == self._language)
        if chosen and each.language not in (self._language, chosen[0][0].language):
            return 0.0
        return worth - 0.2 * len(chosen)

    def _newness(self, of_it: Said, chosen: Sequence[tuple[Evidence, Said]]) -> float:
        """How much of its words neither the title nor those that were chosen have, 0..1."""
        told = self._title.words.union(*(other.words for _, other in chosen))
        return len(of_it.words - told) / max(len(of_it.words), 1)

    def _leans(self, each: Evidence, chosen: Sequence[tuple[Evidence, Said]]) -> bool:
        """Does it lean on a sentence that does not stand before it?"""
        if not leans(each.text):
            return False
        before = self._before.get(each.n)
        return before is None or all(before.n != other.n for other, _ in chosen)

    def _repeats_title(self, each: Evidence, of_it: Said) -> bool:
        """Does it say the headline once more, and nothing besides?"""
        if not of_it.words or each.language != self._story.language:
            return False
        added = of_it.words - self._title.words
        return len(added) <= 1 and share_of(of_it.words, self._title.words) > 0.7

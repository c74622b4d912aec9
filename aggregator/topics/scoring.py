"""Evidence → score: what the terms found in a post come to together, what counts of them, and in words.

No word of a text counts twice, and the evidence of several terms adds up as independent chances do: score =
1 − Π(1 − strength × weight). A term of negative weight takes away what one of that weight adds: it divides the product
by (1 − strength × |weight|).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aggregator.topics.occurrences import Occurrence

# The source's own leaning as evidence: helps a weak term over the threshold, never enough by itself.
SOURCE = 0.35

# What speaks for a topic or against it, an occurrence of one of its terms or the source's leaning: its rank, and `end`,
# `start` and `field` of the occurrence. The rank is −strength × weight: sorted, the strongest evidence for the topic is
# first, what is against it (above 0) last, and of equal ones the first that ends. Only this module looks inside.
# A plain tuple, because four are made, sorted and unpacked for every post: a NamedTuple makes matching 2.6 % slower.
Evidence = tuple[float, int, int, str]

# That the source leans towards the topic.
_LEANING: Evidence = (-SOURCE, 0, 0, "source")


def evidence_of(
    occurrences: Mapping[int, Occurrence], weights: Mapping[int, float], is_leaning: bool
) -> list[Evidence]:
    """The evidence in a post for a topic and against it.

    `occurrences` and `weights`, those of the topic's rule, are by the numbers of terms. `is_leaning`: the post's source
    is usually about the topic.
    """
    evidence: list[Evidence] = []
    for number, found in occurrences.items():
        if number in weights:
            strength, end, start, field = found
            evidence.append((-strength * weights[number], end, start, field))
    if is_leaning:
        evidence.append(_LEANING)
    return evidence


def weighed(evidence: list[Evidence], folded: str) -> tuple[float, list[Evidence]]:
    """The score, and what counts of the evidence, the strongest first, of equal ones the first that ends.

    A word that is part of one before, or has one before as a part, is no new evidence; nor are the same words again in
    a phrase that overlaps ("must comply", "comply with").
    """
    if len(evidence) == 1:
        return -evidence[0][0], evidence
    evidence.sort()
    kept: list[Evidence] = []
    known: list[tuple[str, int, int]] = []
    doubt = 1.0
    for each in evidence:
        rank, end, start, _ = each
        if rank >= 0:
            doubt /= 1 - rank
        else:
            if end:
                word = folded[start:end]
                for other, begin, behind in known:  # not any(), nor a function: this runs dozens of times for a post
                    if word in other or other in word or (start < behind and begin < end):
                        break
                else:
                    known.append((word, start, end))
                    doubt *= 1 + rank
                    kept.append(each)
                continue
            doubt *= 1 + rank
        kept.append(each)
    return 1 - doubt, kept


def reasons(evidence: Iterable[Evidence], text: str) -> list[str]:
    """The evidence in words: what stands there, and where."""
    return [
        ("against: " if rank > 0 else "") + (f"{field} “{text[start:end]}”" if end else field)
        for rank, end, start, field in evidence
    ]


def shown(occurrence: Occurrence, text: str) -> str:
    """An occurrence in words, in those of evidence for a topic."""
    strength, end, start, field = occurrence
    return reasons([(-strength, end, start, field)], text)[0]

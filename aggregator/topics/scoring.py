"""Evidence → score: what the terms found in a post come to together, what counts of them, and in words.

No word of a text counts twice, and the evidence of several terms adds up as independent chances do: score =
1 − Π(1 − place × weight). A term of negative weight takes away what one of that weight adds: it divides the product by
(1 − place × |weight|).
"""

from __future__ import annotations

# Where a term was found: its strength there, where in the text it ends and begins, and the name of the field. As
# evidence the first is minus strength × weight: below zero where it is evidence for the topic.
Found = tuple[float, int, int, str]


def weighed(told: list[Found], folded: str) -> tuple[float, list[Found]]:
    """The score, and what counts of the evidence, the strongest first, of equal ones the first that ends.

    A word that is part of one before, or has one before as a part, is no new evidence; nor are the same words again in
    a phrase that overlaps ("must comply", "comply with").
    """
    if len(told) == 1:
        return -told[0][0], told
    told.sort()
    kept: list[Found] = []
    known: list[tuple[str, int, int]] = []
    doubt = 1.0
    for found in told:
        less, end, start, _ = found
        if less >= 0:
            doubt /= 1 - less
        else:
            if end:
                word = folded[start:end]
                for other, begin, behind in known:  # not any(), nor a function: this runs dozens of times for a post
                    if word in other or other in word or (start < behind and begin < end):
                        break
                else:
                    known.append((word, start, end))
                    doubt *= 1 + less
                    kept.append(found)
                continue
            doubt *= 1 + less
        kept.append(found)
    return 1 - doubt, kept


def reason(found: Found, text: str) -> str:
    """The evidence in words."""
    return f"against: {shown(found, text)}" if found[0] > 0 else shown(found, text)


def shown(found: Found, text: str) -> str:
    """What was found, and where."""
    _, end, start, place = found
    return f"{place} “{text[start:end]}”" if end else place

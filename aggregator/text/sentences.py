"""Text → its whole sentences. What may be cut off, or is none, is left out: better one less than half of one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aggregator.text.patterns.late import late_pattern

# Behind them no sentence ends, in whatever language: "Dr. Ada", "z. B. heute", "p. ex.", "No. 5", "Inc. said".
_ABBREVIATED = frozenset(
    (  # noqa: SIM905
        "abb abs adm al anm apr art aug av ave bd bev bsp bspw bzw ca cap capt cf chap cie co col corp ct dec dept "
        "dez dir dott dr drs dt ed edd eds eg eng esp est etc evtl exc excl feb fed fig figs fr ft gal geb gen gest "
        "ggf gov gr hl hon hr hrsg ie inc incl ing inkl jan jg jh jr jul jun kap kl lic lit lt ltd maj md mi min mio "
        "mld mlle mm mme mr mrd mrs ms mt nos nov nr nro núm oct okt orig pag ph pp prof pt ptas pvt pág rep resp rev "
        "sec sen sens sep sept sgt sig sog spp sr sra srta st ste str supp tel trad univ usw va vgl vol vols vs wg zb "
        "zit zt zzgl млн млрд см стр тыс ул"
    ).split()
)
_CLOSING = "\"'”’»«›)\\]」』）】"
# A stop and what closes behind it; behind those of Chinese and Japanese no space is needed. All stops are in one set at
# the beginning: so `re` runs over the rest of a text three times as fast.
_STOPS, _WIDE_STOPS = ".!?…؟۔।", "。！？"
_END = late_pattern(
    rf"[{_STOPS}{_WIDE_STOPS}](?:(?<=[{_STOPS}])[{_STOPS}]*[{_CLOSING}]*(?=\s)"
    rf"|(?<=[{_WIDE_STOPS}])[{_WIDE_STOPS}]*[{_CLOSING}]*)\s*"
)
_LAST_WORD = re.compile(r"([^\W_]+)\.$")
_WHOLE = re.compile(rf"[!?.。！？؟۔।][{_CLOSING}]*$")
# Signs of a text that somebody else cut: "and the [...]", "Read more…".
_CUT = re.compile(rf"(?:…|\.\.\.|\[\W*\])[{_CLOSING}]*$")
# Behind them a short number is none of "am 5. April": "on May 22.", "GPT-5."
_NO_ORDINAL = re.compile(
    r"(?:[-–.,]|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr"
    r"|Aug|Sept?|Oct|Nov|Dec)\.? )\d{1,2}$"
)
# Names that begin small, as sentences may with them: "iPhone", "xAI", "o3-mini".
_SMALL_NAME = re.compile(r"[a-z]{1,2}(?:\d|[A-Z])")
_FEWEST_LETTERS = 12
# A line of so many characters without a stop goes on in the next one.
_WIDTH = 50
_LONGEST_WORD = 20


def sentences(text: str, *, complete: bool = False, longest: int = 2000) -> Iterator[str]:
    """The whole sentences of a text in their order, each on one line.

    A line ends a sentence. What has no stop at its end is the rest of a text that was cut, and left out, unless the
    text is `complete`. So is what is shorter than a sentence can be, or longer than `longest` characters.
    """
    for line in _lines(text):
        begin = 0
        for end in _END.finditer(line):
            if end.end() < len(line) and not _goes_on(line, begin, end):
                if found := _sound(line[begin : end.end()], complete, longest):
                    yield found
                begin = end.end()
        if found := _sound(line[begin:], complete, longest):
            yield found


def _lines(text: str) -> Iterator[str]:
    """The lines of a text; those that a line break was put into for its width are one."""
    if "\n" not in text:
        yield text
        return
    whole = ""
    for line in map(str.strip, text.split("\n")):
        is_wrapped = whole and line and (line[0].islower() or len(whole) >= _WIDTH) and not _WHOLE.search(whole)
        if is_wrapped:
            whole = f"{whole} {line}"
        else:
            yield whole
            whole = line
    yield whole


def _sound(found: str, complete: bool, longest: int) -> str:
    """A sentence on one line; "" where it is none."""
    found = " ".join(found.split())
    if not _FEWEST_LETTERS <= len(found) <= longest and not (found and _spaceless(found)):
        return ""
    return found if complete or (_WHOLE.search(found) and not _CUT.search(found)) else ""


def _spaceless(found: str) -> bool:
    return "\u3040" <= found[0] <= "\u9fff" and len(found) > 3


def _goes_on(line: str, begin: int, end: re.Match[str]) -> bool:
    """Is what looks like the end of a sentence amid one?"""
    following = line[end.end()]
    if following.islower() and not _SMALL_NAME.match(line, end.end()):
        return True
    stop = end.group().rstrip()
    if stop != ".":
        return False
    word = _LAST_WORD.search(line, max(begin, end.start() - _LONGEST_WORD), end.start() + 1)
    if word is None:
        return False
    before = word.group(1)
    # "J. Smith", "U.S. court", "am 5. April": a letter or a short number. A year may end a sentence.
    if len(before) == 1 and before.isalpha() and not "\u3040" <= before <= "\u9fff":
        return True
    if before.isdigit() and len(before) <= 2:
        return not _NO_ORDINAL.search(line, max(begin, end.start() - _LONGEST_WORD), end.start())
    return before.lower() in _ABBREVIATED

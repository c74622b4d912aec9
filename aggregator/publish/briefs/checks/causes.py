"""No cause that no source names."""

from __future__ import annotations

import re

from aggregator.publish.briefs.checks.claim import Claim

# A sentence that says why.
_WHY = re.compile(
    r"\b(?:because|due to|owing to|as a result of|as a consequence of|thanks to|on account of|caused by|prompted by|"
    r"triggered by|sparked by|blamed on|attributed to|in response to|that is why|which is why|therefore|consequently|"
    r"weil|wegen|aufgrund|auf ?grund|infolge|dank|deshalb|daher|deswegen|aus diesem grund|zurückzuführen|ausgelöst|"
    r"parce qu[e']|en raison|à cause|grâce (?:à|aux?)|du fait d|puisqu[e']|à la suite d|faute d|c'est pourquoi|"
    r"provoqué\w* par|causé\w* par|porque|debido a|a causa de|gracias a|por culpa de|perché|a causa di|grazie a)\b"
    r"|\bcar (?=l|le|la|les|il|elle|ils|elles|on|un|une|son|sa|ses|ce)",
    re.IGNORECASE,
)
# A source that names a cause may do so in many more ways.
_A_CAUSE = re.compile(
    r"\b(?:blam\w*|caus\w*|reason\w*|for \w+ing|since|after|following|over|result\w*|led|lead\w*|cit(?:ed|es|ing)|"
    r"so|amid|"
    r"by \w+ing|attribut\w*|explain\w*|put down|push\w* up|driven|drove|drives|responsib\w*|behind|forc\w*|meant?|"
    r"means|"
    r"begründ\w*|gr[uü]nd\w*|ursach\w*|verursach\w*|nachdem|da|denn|führt\w*|verantwortlich\w*|schuld\w*|verw[ei]\w*|"
    r"durch|folge\w*|nach|als|um|angesichts|bedingt|auslös\w*|erklärt\w*|mit|raison\w*|expliqu\w*|cause\w*|"
    r"responsable\w*|"
    r"après|suite|provoqu\w*|entraîn\w*|face|afin|pour|car|invoqu\w*|attribu\w*|dû|due|dus|dues|justifi\w*|porque|"
    r"por|tras|"
    r"perché|dopo)\b",
    re.IGNORECASE,
)
# Of those, what says nothing of a cause by itself: it does only where the sentence leaves the source's order as it is.
_WEAK = re.compile(
    r"^(?:after|nach|als|um|mit|pour|by|since|so|over|da|durch|por|suite|means?|mean|forc\w*|amid)$", re.IGNORECASE
)


def check_causes(claim: Claim) -> str | None:
    """Where the sentence says why, a source that it names does so too."""
    why = _WHY.search(claim.text)
    if not why:
        return None
    sources = claim.news
    # Two sources side by side make no cause: one of them has to name it.
    if any(_WHY.search(source.text) or _names_cause(source.text) for source in sources):
        return None
    return f"no source that it names says why, as it does: “{why.group().strip()}”"


def _names_cause(text: str) -> bool:
    return any(not _WEAK.match(match.group()) for match in _A_CAUSE.finditer(text))

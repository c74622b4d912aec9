"""The names of languages in feeds and statuses → ISO 639-1."""

from __future__ import annotations

import re

_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka "
    "kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng "
    "nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su "
    "sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
_ISO_639_1 = frozenset(_CODES.split())
# Withdrawn codes that software still writes, countries in the place of languages where no language has that code, and
# the written Norwegian that the language detector and the lists of stop words call by its general name.
_MEANT = {
    "in": "id", "iw": "he", "ji": "yi", "sh": "sr", "jp": "ja", "cn": "zh", "ua": "uk", "cz": "cs", "dk": "da",
    "gr": "el", "nb": "no",
}  # fmt: skip
_TAG = re.compile(r"\s*([A-Za-z]{2})(?:[-_].*|\s*)", re.DOTALL)


def language_code(name: str | None) -> str | None:
    """The ISO 639-1 code in a language tag (BCP 47: "en-US", "zh_Hant"), None if it has none."""
    match = _TAG.fullmatch(name) if name else None
    if match is None:
        return None
    code = match[1].lower()
    code = _MEANT.get(code, code)
    return code if code in _ISO_639_1 else None

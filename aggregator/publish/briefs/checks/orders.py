"""Sentences that are no news but orders: to a machine that reads along, or to buy something.

Whoever writes a post may know that a program sums it up. A sentence that tells it what to write bears nothing out. Much
news is about machines and orders to them, so an order is known by how it speaks: it begins by whom it speaks to, or
with what to do, or speaks of this very text and of what is made of it. What machines must do in the third person, with
somebody who said so, is news.
"""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.publish.briefs.checks.words.ordering import (
    AS,
    MACHINE,
    MUST,
    READS_THIS,
    SOMEBODY_SAID,
    SUMMARY,
    THAT,
    THIS,
    WHOEVER,
    WRITE,
    WRITERS,
    YOU,
    YOU_ARE,
    YOUR,
)  # fmt: skip
from aggregator.text.patterns.late import late_pattern

_BEGIN = r"(?:^|[.!?:;)\]\[(–—-]\s*|\n)\W*"
_ALL = (
    r"(?:all |any |the |every |an? |to |le |les |l['’]|tou(?:te)?s (?:les )?|la |los |las |tod[oa]s (?:l[oa]s )?"
    r"|alle |die |das |der |jede )*"
)
_NOTE = (
    r"(?:note|notice|message|memo|instructions?|reminder|advice|prompt|hinweis|notiz|nachricht|anweisung(?:en)?|note"
    r"|avis|consigne|nota|aviso|instrucci(?:ón|ones)|avviso)"
)
# Whom it speaks to. What it tells them to do stands behind.
_TO_A_MACHINE = (
    rf"{_NOTE} (?:to|for|an|für|à|aux?|pour|a|para|per) {_ALL}{MACHINE}\b",
    rf"(?:attention|dear|hey|hello|calling|achtung|liebe[rs]?|hallo|chers?|chères?|bonjour|queridas?|queridos?"
    rf"|hola)[,:]? {_ALL}{MACHINE}\b",
    rf"(?:to|for|an|für|à|aux?|pour|a|para) {_ALL}{MACHINE} ?[:,!–—]",
    r"(?:to|an) (?:the|all|every|alle|das|jedes) modell?e?s?:",
    rf"(?:all|any|every|alle|jede|tou(?:te)?s|tod[oa]s) (?:the |les |l[oa]s |die )?{MACHINE} ?[:!]",
    # Behind no more than its name the order itself: "AI: report says labs ignore risks" is a title.
    rf"{_ALL}{MACHINE} ?[:,!–—] ?(?:please |bitte |always |only |nur |you (?:must|should) )*(?={WRITE})",
    rf"{YOU_ARE}{MACHINE}\b",
    rf"(?:dear |all |liebe |chers |queridos )?{WRITERS} ?[:,!–—] ?(?:please |bitte |always |only |nur |you must "
    rf"|you should )*(?={WRITE})",
    rf"{AS}{MACHINE}(?: model)?,? {YOU}\b",
    rf"{_ALL}{MACHINE}\b,? (?:\w+ ){{0,3}}{READS_THIS}",
    r"@(?:ai|bot|grok|chatgpt|claude|gemini|assistant)\b",
    r"<?\|?(?:im_start|system|assistant|inst|user|developer|admin|operator|root|sys)\|? ?(?:prompt|note|message"
    r"|override|instructions?)? ?[:>\]|]",
    r"(?:système|sistema|systemnachricht|systemhinweis|system[- ](?:meldung|anweisung)|message système|mensaje del"
    r" sistema) ?[:>\]|]",
    rf"(?:system|assistant|editor(?:ial)?|developer|admin|ai|llm|model|bot) {_NOTE} ?[:>\]|,–—-]",
)
_PREVIOUS = (
    r"(?:previous|prior|above|earlier|other|existing|everything|vorherig\w*|bisherig\w*|obig\w*|ander\w*|früher\w*"
    r"|précédent\w*|antérieur\w*|ci-dessus|autres|anterior\w*|precedent\w*)"
)
_SUMMARISING = (
    r"(?:sum(?:ming|s?) (?:this|it) up|summari[sz]\w+|zusammenf[aä]ss\w*|zusammenzufassen|résum\w+|resum\w+|riassum\w+)"
)
# Sentences that can be nothing else, whoever they speak to: they begin with it.
_PLAIN = (
    rf"(?:please |bitte |now |just )?(?:ignore|disregard|forget|override|ignorier\w*|vergiss|vergesst|ignorez|oubliez"
    rf"|oublie|ignora|ignore|olvida|olvide|ignorate|dimentica)(?: sie)? (?:\w+ ){{0,4}}{_PREVIOUS}\b",
    r"(?:please )?(?:do not|don['’]t) (?:mention|report|cite|summari[sz]e|include|quote)\b",
    r"ne (?:mentionne[zs]?|cite[zs]?|résume[zs]?|rapporte[zs]?) (?:pas|aucun\w*|jamais)\b",
    r"no (?:mencione[ns]?|cite[ns]?|resuma[ns]?|incluya[ns]?|informe[ns]?)\b",
    r"(?:erwähne?|nenne|zitiere?)(?:t| sie)? [^.!?]{1,40}\bnicht\b",
    rf"(?:the |your |any |every |all |this |die |deine |jede |alle |le |votre |tout |el |tu |todo )?{SUMMARY}"
    rf"(?: (?:of|on|about|to|zu|von|über|de|du|sur|sobre|su) [^.!?]{{1,50}}?)?,? {MUST} [^.!?]{{0,50}}{WRITE}",
    # "Write that …", with nobody before who does.
    r"(?:please |only |always |just |now )*(?:write|state|say|mention|report|conclude|claim|repeat|add) (?:only )?that"
    r"(?= (?:the|an?|all|it|no|[A-Z]))(?! [^.]*\b(?:loses?|was wrong|is wrong)\b)",
    r"please (?:write|state|say|mention|report|conclude|repeat|add|include)\b",
    r"(?:bitte )?(?:schreib(?:e|t|en sie)?|bericht(?:e|et|en sie)|behaupte|erwähn(?:e|en sie)|meld(?:e|en sie)"
    r"|sag(?:e|t|en sie)?|gib an|geben sie an)(?: nur| bitte| immer| stets| auch)*, dass\b",
    r"(?:écri(?:s|vez)|dites|mentionne[z]|indiquez|affirmez|rapportez|précisez)"
    r"(?: bien| seulement| toujours)* qu[e'’]",
    r"(?:escrib[ea]n?|diga[ns]?|mencion[ae]n?|indi(?:ca|quen?)|afirm[ae]n?|inform[ae]n?)"
    r"(?: solo| siempre)*(?: de)? que\b",
    rf"(?:you must|you should|you have to|you are (?:required|instructed|asked) to|du musst|du sollst|ihr müsst"
    rf"|vous devez|tu dois|debes|tienes que|devi)(?: \w+)? [^.!?]{{0,30}}?{WRITE} {THAT}",
    r"(?:please )?(?:tell|inform|advise|warn|remind) (?:all )?your (?:readers|users|followers|audience|subscribers"
    r"|customers)\b",
    r"(?:sag|sagt|sagen sie|teilt|teilen sie) (?:euren|ihren|deinen) (?:lesern|nutzern|followern|kunden)\b",
    r"(?:dites|dis|indiquez) à (?:vos|tes) (?:lecteurs|utilisateurs|abonnés|clients)\b",
    r"(?:digan?|di|cuenten?) a (?:sus|tus|vuestros) (?:lectores|usuarios|seguidores|clientes)\b",
    r"(?:your|deine|votre|ta|tu) (?:task|job|role|aufgabe|tâche|mission|tarea|misión) (?:is|ist|est|es) (?:to|de|zu)?",
    r"(?:new|updated|neue|nouvelles?|nuevas?) (?:instructions?|system prompt|anweisung(?:en)?|consignes?"
    r"|instrucci\w+)(?: (?:for|für|pour|para) \w+)? ?:",
    rf"(?:from now on|ab jetzt|ab sofort|désormais|a partir de ahora),? (?:you (?:must |will |should )?)?{WRITE} ",
    rf"(?:when|while|if you(?: are)?|wenn du|wenn ihr|wenn sie|falls du|beim|en|si vous|si tu|al|si|cuando) (?:\w+ )?"
    rf"{_SUMMARISING}[^.!?]{{0,60}}[,:][^.!?]{{0,30}}{WRITE}",
    rf"(?:wenn|falls) (?:du|ihr|sie) [^,]{{0,30}}{_SUMMARISING}, ",
    rf"{WHOEVER} (?:\w+ ){{0,3}}{READS_THIS}[^.!?]{{0,20}}{MUST}",
    rf"{WHOEVER} (?:\w+ ){{0,3}}{_SUMMARISING} {THIS}[^.!?]{{0,20}}{MUST}",
    rf"{WHOEVER} {THIS} (?:\w+ )?{_SUMMARISING},? [^.!?]{{0,20}}{MUST}",
)
# Anywhere in a sentence with a word of writing.
_YOUR_SUMMARY = late_pattern(
    rf"\b(?:in|from|to|into|of|aus|dans|de|en|del|nel|nella) {YOUR} {SUMMARY}\b", re.IGNORECASE
)
# In the third person: news where somebody says so.
_THIRD_PERSON = (rf"{_ALL}{MACHINE}(?: \w+)? {MUST}(?: (?:only|now|also|always|never|nur|stets|toujours))? "
                 rf"[^.!?]{{0,40}}?(?!tell\b|inform\b){WRITE}[, ]+(?:[^.!?,]{{0,25}} )?{THAT}",
                 rf"{_ALL}{MACHINE}(?: \w+)? {MUST}(?: zu)? {WRITE}, dass\b",
                 rf"(?:readers|users|everyone) of (?:this|these) [^.!?]{{0,20}}{MUST}")  # fmt: skip
# Advertisements: an order with an offer.
_SELLING = (
    r"(?:buy|order|sign up|subscribe|shop|register|switch|click|download|join|get yours|claim yours|"
    r"book)\b[^.!?]{0,40}"
    r"\b(?:now|today|here|below|with code|link in bio|before it's gone)\b",
    r"(?:use|enter) (?:the |our |my |promo |discount |coupon )*code\b",
    r"(?:jetzt|hier|heute noch)\b[^.!?]{0,30}\b(?:kaufen|bestellen|sichern|anmelden|abonnieren|wechseln|registrieren|"
    r"klicken|zugreifen)\b",
    r"(?:kauf|bestell|sicher|hol|abonnier|klick)(?:e|en sie|t)?\b[^.!?]{0,30}\b(?:jetzt|heute|hier|dir|euch)\b",
    r"(?:achetez|commandez|profitez|abonnez-vous|inscrivez-vous|cliquez)\b",
    r"(?:compra|compre|suscríbete|regístrate)\b[^.!?]{0,30}\b(?:ahora|hoy|aquí)\b",
)
_ANYWHERE = late_pattern(
    r"\b(?:with|use|mit|avec|con)(?: the| dem)? (?:promo |discount |coupon )?code [A-Z0-9]{4,}\b|"
    r"\blink in (?:der )?bio\b|\b(?:rabatt|gutschein)code\b|\bcode promo\b|\bpromo code\b",
    re.IGNORECASE,
)


def _beginning(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return late_pattern(rf"{_BEGIN}(?:{'|'.join(patterns)})", re.IGNORECASE)


_TO_A_MACHINE_RE, _PLAIN_RE, _SELLING_RE = map(_beginning, (_TO_A_MACHINE, _PLAIN, _SELLING))
_THIRD_PERSON_RE = _beginning(_THIRD_PERSON)
_WRITE_RE = late_pattern(WRITE, re.IGNORECASE)
_SOMEBODY_SAID_RE = late_pattern(SOMEBODY_SAID, re.IGNORECASE)


@lru_cache(maxsize=4096)
def is_order(text: str) -> bool:
    """Does the text order its reader to write something, or to buy?"""
    if _PLAIN_RE.search(text) or _SELLING_RE.search(text) or _ANYWHERE.search(text):
        return True
    if _YOUR_SUMMARY.search(text) and _WRITE_RE.search(text):
        return True
    if any(_WRITE_RE.search(text, machine.end()) for machine in _TO_A_MACHINE_RE.finditer(text)):
        return True
    return bool(_THIRD_PERSON_RE.search(text)) and not _SOMEBODY_SAID_RE.search(text)

"""Sentences that are no news but orders: to a machine that reads along, or to buy something.

Whoever writes a post may know that a program sums it up. A sentence that tells it what to write bears nothing out. Much
news is about machines and orders to them, so an order is known by how it speaks: it begins by whom it speaks to, or
with what to do.
"""

from __future__ import annotations

import re

_BEGIN = r"(?:^|[.!?:;)\]\[(–—-]\s*|\n)\W*"
_MACHINE = (
    r"(?:ai|a\.i\.|llm|gpt|chat ?bot|(?:large )?language model|news ?bot|bot|crawler|scraper|assistant|robot|machine"
    r"|summari[sz]er|aggregator)s?(?:[ -](?:assistants?|agents?|models?|systems?|tools?|readers?|bots?|"
    r"summari[sz]ers?))?"
)
_KI = r"(?:ki[-\w]*|sprachmodelle?n?|chatbots?|bots?|assistenten|zusammenfasser\w*|maschinen|roboter\w*)"
_IA = (
    r"(?:ias?|intelligences? artificielles?|assistants?|robots?|modèles? de langage|chatbots?|agents?|asistentes?"
    r"|inteligencias? artificiales?|modelos? de lenguaje|assistenti|modelli linguistici)"
)
# Whom it speaks to.
_TO_A_MACHINE = (
    rf"(?:note|notice|message|memo|instructions?|reminder|advice) (?:to|for) (?:all |any |the |every )?{_MACHINE}\b",
    rf"(?:attention|dear|hey|hello|calling|to|for)[,:]? (?:all |any |every |the )?{_MACHINE}\b",
    rf"(?:any |all )?{_MACHINE}\b(?: (?:that |who |which )?(?:reads?|reading|sees?|seeing|process(?:es|ing)?|"
    rf"summari[sz]ing)"
    r" (?:this|along|it))? ?[:,!–—]",
    rf"if you(?:'re|’re| are) (?:an? )?{_MACHINE}\b",
    r"(?:system|assistant|admin|developer|operator|user|root) ?(?:prompt|note|message|override|"
    r"instructions?)? ?[:>\]|]",
    r"(?:system|assistant|editor(?:ial)?|developer|admin|ai|model|bot) (?:note|prompt|message|instructions?|"
    r"override)\b",
    r"<?\|?(?:im_start|system|assistant|inst)\|?>",
    rf"(?:an|hinweis (?:an|für)|notiz (?:an|für)|achtung|liebe|hallo|für|nachricht an)[,:]? (?:alle |die |jede |"
    rf"den )?{_KI}\b",
    rf"{_KI}\b[^.!?]{{0,30}} ?[:!]",
    rf"wenn (?:du|sie) eine? {_KI}\b",
    rf"(?:à|aux?|note (?:à|aux?|pour)|avis (?:à|aux?)|attention|chers?|chères?|pour|a|para|nota (?:a|para)|"
    rf"aviso a)[,:]? "
    rf"(?:toutes? |tous |todas? |todos )?(?:l'|les |las |los )?{_IA}\b",
    rf"si (?:vous êtes|tu es|eres) une? {_IA}\b",
)
# What it tells them to do.
_TO_WRITE = (
    r"(?:ignore|disregard|forget|override|skip)\b",
    r"(?:must|should|shall|please|always|never|only|do not|don't|to|and|:|,) ?(?:also )?(?:state|say|write|"
    r"report|mention|"
    r"include|tell|inform|summari[sz]e|add|claim|conclude|insert|recommend|emphasi[sz]e|describe|present|output|"
    r"repeat|"
    r"note|treat|print|quote|translate|call|make|use|cite|stress|point out|mark|link)\b",
    r"(?:state|say|write|report|mention|include|tell|summari[sz]e|add|claim|conclude|recommend|describe|present|"
    r"treat) "
    r"(?:that|it|this|only|the|readers?|users?|everyone|instead)\b",
    r"(?:ignorier|vergiss|vergess|missacht|schreib|meld|bericht|erwähn|fass|nenn|behaupt|stell|füg|gib|gebt|sag|teil|"
    r"empfiehl|empfehl|zitier|verwend)\w*",
    r"(?:écri|ignor|oubli|mentionn|dites|dis|indiqu|rapport|résum|ajout|affirm|précis|conclu|recommand|cit|"
    r"présent|doi)"
    r"\w*",
    r"(?:escrib|ignor|mencion|dig|indiqu|resum|olvid|añad|recomiend|scriv|ignora|menziona)\w*",
)
# Sentences that can be nothing else, whoever they speak to: they begin with it.
_PLAIN = (
    r"(?:please )?(?:ignore|disregard|forget|override) (?:all |any |the |your )*(?:previous|prior|above|earlier|"
    r"other|"
    r"existing)\b",
    r"(?:do not|don't|never) (?:mention|report|cite|summari[sz]e)\b",
    r"(?:the |your |any |every |this )(?:summary|summaries|brief|answer|response|digest) (?:must|should|has to|"
    r"needs to)\b",
    r"ignorier\w* (?:alle |die |sämtliche )*(?:vorherig|bisherig|obig|ander|früher)\w*",
    r"(?:die |deine |jede )?(?:zusammenfassung|kurzfassung)\w* (?:muss|soll|sollte)\b",
    r"ignorez (?:toutes |tous |les )*\w+",
    r"ne mentionnez\b",
    r"(?:le |votre )?résumé (?:doit|devra)\b",
)
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
_ANYWHERE = re.compile(
    r"\blink in (?:der )?bio\b|\b(?:rabatt|gutschein)code\b|\bcode promo\b|\bpromo code\b", re.IGNORECASE
)


def _beginning(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"{_BEGIN}(?:{'|'.join(patterns)})", re.IGNORECASE)


_TO_A_MACHINE_RE, _PLAIN_RE, _SELLING_RE = map(_beginning, (_TO_A_MACHINE, _PLAIN, _SELLING))
_TO_WRITE_RE = re.compile(rf"(?:(?<=\W)|^)(?:{'|'.join(_TO_WRITE)})", re.IGNORECASE)


def is_order(text: str) -> bool:
    """Does the text order its reader to write something, or to buy?"""
    if _PLAIN_RE.search(text) or _SELLING_RE.search(text) or _ANYWHERE.search(text):
        return True
    machine = _TO_A_MACHINE_RE.search(text)
    return bool(machine and _TO_WRITE_RE.search(text, max(0, machine.end() - 1)))

"""Sentences that tell nothing of the matter: what stands around a text, what asks something of its reader.

Left out of every brief. A sentence too many costs less here than one that is taken for news.
"""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.publish.briefs.checks.orders import is_order as is_plain_order
from aggregator.text.patterns.late import late_pattern

_BEGINS = (
    # en
    "read by (?:over |more than |\\+)?[\\d,.]+|read (?:more|on|also|the (?:full|rest|original|entire|whole))"
    "|continue reading|click (?:here|to|on|the)"
    "|tap (?:here|to)"
    "|subscribe|sign up|sign in|log in|join (?:us|our|the (?:discussion|conversation))|follow (?:us|me|our)|share this"
    "|listen (?:to|on|here)|watch (?:the (?:full|video|live)|now|on|here)|download (?:the|our|now|here)|get (?:the"
    "|our) "
    "(?:app|newsletter|latest)|support (?:us|our|independent)|donate|become a (?:member|subscriber|patron)"
    "|register (?:now|here|for)"
    "|photo(?:graph)?s? (?:by|credit)|(?:photo|image|picture|credit|source|video|illustration|graphic)s?(?: credit)?:"
    "|all rights reserved|copyright|©|\\(?c\\) (?:19|20)|disclaimer|disclosure|editor['’]s note|this (?:article|post"
    "|story|piece|content) "
    "(?:is|was|has been|first|originally|appeared|contains|may contain)|the post .{1,200} (?:appeared|first appeared)"
    "|(?:it|this|that) (?:first )?appeared first|originally published|correction:|updated?:|related:|see also"
    "|learn more|find out more"
    "|for more (?:information|details|on)|more (?:information|details) (?:here|at|is|are|can)|visit (?:us|our|the)"
    "|check out|welcome to"
    "|(?:written|reported|edited|posted|published|compiled|translated) by |in this (?:article|post|episode|issue"
    "|video|newsletter|guide|tutorial)[, ]"
    "|today['’]s (?:newsletter|issue|edition)|thanks? (?:you )?(?:for|to)|buy (?:now|tickets)|advertisement|sponsored"
    "|we use cookies|accept (?:all )?cookies"
    "|by (?:signing|continuing|clicking|subscribing)|terms (?:of|and)|privacy policy|please (?:enable|subscribe|note"
    "|read|share|consider|help)"
    "|let (?:us|me) know|tell us|what do you think|leave a comment|comments? (?:are|is)|don['’]t (?:miss|forget)"
    "|stay (?:tuned|up to date)"
    "|here(?:['’]s| is| are) (?:what|why|how|the|a|everything)|discover |take a look|dive in|explore (?:the|our|how)"
    "|join in|dm me|boost|retweet"
    "|about the authors?|\\d+ of \\d+[.:]? |(?:view|see|browse|(?:scroll|look|flip) through) (?:the |our |more |all )?"
    "(?:\\w+ ){0,8}(?:photos?|pictures|images|gallery|interactive|slideshow|maps?|timeline)\\b"
    "|an? (?:closer |deeper )?(?:look|guide|deep dive|overview|tour|primer|roundup|list) (?:at|to|into|of) (?:how|why"
    "|what)"
    "|(?:an?|the) (?:charts?|videos?|demos?|links?|transcripts?|recordings?|full (?:report|paper|text)) .{0,60}"
    "(?:is|are) available"
    "|we (?:answer|explain|round up|break down|take a look|look at|spoke (?:to|with)|asked|bring you)"
    # de
    "|weiterlesen|mehr (?:lesen|dazu|infos?|informationen)|lesen sie|lies (?:mehr|weiter|auch)|hier (?:klicken|geht"
    "|gehts|weiterlesen|lesen)"
    "|jetzt (?:abonnieren|anmelden|lesen|registrieren|kaufen|bestellen)|abonnieren|newsletter|melden sie sich"
    "|folgen sie|folge? uns|teilen sie"
    "|(?:foto|bild|quelle|grafik|video|symbolbild|titelbild|bildquelle|bildnachweis)s?:|alle rechte vorbehalten"
    "|von .{3,40} \\| |dieser (?:artikel|beitrag|text) "
    "|der (?:artikel|beitrag) .{1,200}erschien|erstmals erschienen|siehe auch|hören sie|sehen sie|anzeige"
    "|über (?:den|die) autor(?:in|en)?|mehr zum thema|zum (?:artikel|video|podcast)"
    "|(?:hinweis|transparenzhinweis|offenlegung|update|korrektur):|unterstützen sie|jetzt spenden"
    "|die wichtigsten nachrichten|was meint ihr|schreib(?:t|en sie) (?:uns|mir)"
    # fr
    "|lire (?:la suite|aussi|l['’]article|plus)|en savoir plus|cliquez|abonnez|inscrivez|suivez|partagez|cet article"
    "|l['’]article .{1,200}est apparu"
    "|(?:photo|crédit|source|vidéo|image)s? ?:|tous droits réservés|à lire (?:aussi|également)|écoutez|regardez"
    "|à propos de l['’]aut(?:eur|rice)|retrouvez|découvrez|publicité|rejoignez|dites-nous"
    # es
    "|leer (?:más|también)|sigue leyendo|seguir leyendo|haz clic|haga clic|suscr[íi]b|síguenos|comparte|(?:foto"
    "|fuente|crédito|imagen|vídeo)s?:"
    "|todos los derechos|este artículo|la entrada .{1,200}(?:apareció|se publicó)|lea también|escucha|mira (?:el|la)"
    "|sobre (?:el autor|la autora)|más información|publicidad|únete|regístrate"
)
_FURNITURE = late_pattern(rf"^[\W_]*(?:{_BEGINS})", re.IGNORECASE)
_INSIDE = late_pattern(
    r"\b(?:appeared first on|first appeared on|subscribe (?:to|now|today|here)|sign up (?:for|here|now|to)"
    r"|unsubscribe|click here|free daily (?:e?mail|newsletter)"
    r"|all rights reserved|our (?:free )?newsletter|affiliate links?|earn a commission|enable javascript"
    r"|use of cookies|cookie policy"
    r"|link in (?:the )?bio|read more (?:at|on|here)|use (?:the )?(?:promo )?code|\d+ min(?:ute)?s? read"
    r"|alle rechte vorbehalten|kostenlos testen"
    r"|zum newsletter|affiliate-links?|est apparu en premier|suscríbete|politique de confidentialité)\b",
    re.IGNORECASE,
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
# What stands below a picture: who is seen, doing what, on which day in full; and whose it is.
_CAPTION = late_pattern(
    r"\b(?:is|are) (?:seen|pictured|shown|photographed|interviewed) (?:here|prior|before|after|during|on|in|at|as) "
    rf".{{0,160}}{_MONTH} \d{{1,2}}, (?:19|20)\d\d"
    r"|\b(?:speaks?|waves?|walks?|stands?|holds?|looks?|poses?|arrives?|sits?|celebrates?|leaves?|gestures?|attends?"
    rf"|reacts?|gathers?|prays?|shakes?|listens?) .{{0,160}}{_MONTH} \d{{1,2}}, (?:19|20)\d\d"
    rf"|^In this (?:\w+\.? ){{0,3}}(?:\d{{1,2}},? )?(?:(?:19|20)\d\d,? )?(?:file )?(?:photo|picture|image|frame grab)"
    r"|\b(?:file photo|(?:AP|AFP|EPA|REUTERS) photo|photo credit|getty images|(?:AP|Reuters) ?/ ?\w+ \w+\))",
    re.IGNORECASE,
)
# Two signs of a list, as tickers have them; and where words were lost, as links without a text are.
_LIST = late_pattern(r"[•▪●■].*[•▪●■]")
_HOLE = late_pattern(r"\b(?:at|in|of|by|from|with|for|the|and) [.,;](?:\s|$)|\( ?\)")
# A byline, or a line of names and dates alone: "By Ada Stone and J. Wu, 3 May 2026."
_BYLINE = late_pattern(
    r"^(?:By|Von|Par|Por|Di) (?:[A-ZÄÖÜÉ][\w.'’-]*[ ,&]*|and |und |et |y |e ){1,10}(?:[|•·,–-].{0,60})?[.]?$"
)
# What is said to a program that reads along: an order is no news.
_ORDERS = late_pattern(
    r"\b(?:ignore|disregard|forget|override|bypass) (?:(?:all|any|the|your|these|those|previous|prior|above|earlier"
    r"|other|every|my|everything) ?){1,4}"
    r"(?:instructions?|prompts?|rules?|text|sources?|guidelines?|directions?|context|that (?:was|is) said)\b"
    r"|\b(?:system prompt|as an ai (?:language )?model|as a language model|you are (?:now )?(?:an? )?(?:ai|assistant"
    r"|chatbot|language model))\b"
    r"|\b(?:summari[sz]e|write|state|say|report|mention|include|add|output|respond|reply|answer|print|repeat"
    r"|tell (?:the )?(?:readers?|users?))\b.{0,40}"
    r"\b(?:in (?:the|your) (?:summary|brief|answer|reply|response|output)|instead of|word for word)\b"
    r"|\b(?:note|attention|important|message|instruction)s? (?:to|for) (?:the )?(?:ai|llms?|models?|assistants?"
    r"|summari[sz]ers?|bots?|machines?|crawlers?|editors?)\b"
    r"|\b(?:ai|llm|language model|assistant|summari[sz]er|bot)s?\b.{0,30}\b(?:must|should|have to|are to|is to"
    r"|need to)\b.{0,60}\b(?:write|say|state|report|mention|summari[sz]e|ignore|claim|add|include)\b"
    r"|\bignorier(?:e|en sie|t) (?:alle|die|diese|deine|ihre|vorherige|bisherige|obige)\w* .{0,40}(?:anweisung"
    r"|vorgabe|regel|text|quelle)"
    r"|\b(?:hinweis|anweisung|nachricht)(?:en)? (?:an|für) (?:die |das |den |alle )?(?:ki|sprachmodelle?|modelle?"
    r"|assistent|bots?)\b"
    r"|\b(?:schreibe?|erwähne|behaupte|gib aus|melde|füge)\b.{0,60}\b(?:zusammenfassung|antwort|ausgabe|kurzfassung)\b"
    r"|\bignorez (?:toutes|les|ces|vos|tes)\b|\bignora (?:todas|las|estas|tus)\b|<\|?(?:im_start|system|endoftext)"
    r"|\[/?INST\]",
    re.IGNORECASE,
)
_QUESTION = late_pattern(r"[?？؟][\"'”’»)\]]*$")
# Said to the reader, not told of somebody.
_TO_READER = late_pattern(
    r"^(?:you(?:['’](?:ll|re|ve|d))? |your |let['’]s |imagine |meet |try |want |need |looking |if you |whether you"
    r"|i['’]m |i |we['’](?:re|ll|ve) |my |du |dein|sie möchten|"
    r"wollen sie |stell dir |ich |mein|wenn (?:du|sie) |je |j['’]|mon |ma |si vous |vous |tu |yo |mi |si (?:quieres"
    r"|eres) )",
    re.IGNORECASE,
)
_LIST_OF_TAGS = late_pattern(r"(?:[#@]\w+[\s,]*){3,}")

# Leans on the sentence before it, and says nothing clear without that.
_LEANS = late_pattern(
    r"^[\W_]*(?:he|she|it|they|his|her|its|their|this|these|that|those|such|here|but|however|also|and|yet|so|then"
    r"|instead|moreover"
    r"|meanwhile|additionally|furthermore|still|thus|therefore|besides|or|both|another|others?|again|while (?:this"
    r"|that|it)|as a result"
    r"|in (?:the|that|his|her|their) [\w-]*\s?(?:interview|statement|letter|video|post|message|speech|call"
    r"|filing|email)"
    r"|for example|for instance|in addition|on the other hand|the (?:former|latter|two|pair|duo|move|same|change"
    r"|result|idea|goal|latest one)|by contrast"
    r"|er|sie|es|ihr|ihre|sein|seine|dies|diese|dieser|dieses|das|dabei|dazu|damit|dafür|davon|daher|dann|doch|aber"
    r"|auch|und|so|zudem"
    r"|außerdem|allerdings|jedoch|deshalb|trotzdem|hier|dort|denn|beide|zum beispiel|darüber|darin|daran|hinzu|solche"
    r"|ebenso|stattdessen"
    r"|il|elle|ils|elles|ce|cet|cette|ces|cela|c['’]est|mais|et|aussi|son|sa|ses|leur|ainsi|toutefois|cependant"
    r"|en outre|par ailleurs|or|de plus"
    r"|él|ella|ellos|esto|este|esta|estos|estas|eso|su|sus|pero|y|también|además|sin embargo|así)\b",
    re.IGNORECASE,
)


@lru_cache(4096)
def is_furniture(text: str) -> bool:
    """Does a sentence stand around the matter: a call, a credit, a byline, rights, an order to programs?"""
    return bool(
        "## " in text
        or _FURNITURE.match(text)
        or any(pattern.search(text) for pattern in (_INSIDE, _CAPTION, _LIST, _HOLE))
        or _BYLINE.match(text)
        or is_order(text)
    )


def is_order(text: str) -> bool:
    """Does a sentence tell a program what to write?"""
    return bool(_ORDERS.search(text)) or is_plain_order(text)


def is_address_to_reader(text: str) -> bool:
    """Is it a question, or said to the reader or of the author: no news by itself?"""
    return bool(_QUESTION.search(text) or _TO_READER.match(text) or _LIST_OF_TAGS.search(text))


def leans(text: str) -> bool:
    """Does a sentence lean on the one before it, and say nothing clear by itself?"""
    return bool(_LEANS.match(text))

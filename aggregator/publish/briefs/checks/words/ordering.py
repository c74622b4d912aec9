"""How orders to whoever sums a text up are told, in English, German, French, Spanish and Italian: parts of patterns.

`MACHINE`: whom they speak to. `MUST`: that it has to. `WRITE`: what it has to do, as an order, an infinitive or behind
a modal verb. `THIS`: the text they stand in. `SUMMARY`: what is to be written. `SOMEBODY_SAID`: signs that a law or
a person is quoted who says what others must do, which is news.
"""

from __future__ import annotations

_EN_MACHINE = (
    r"(?:ai|a\.i\.|llm|gpt|chat ?bot|(?:large )?language model|news ?bot|bot|crawler|scraper|assistant|robot|machine"
    r"|summari[sz]er|aggregator|summari[sz]ation|summari[sz]ing|automated?)s?(?:[ -](?:assistants?|agents?|models?"
    r"|systems?|tools?|readers?|bots?|software|programs?|services?|summaries|summari[sz]ers?|language models?))?"
)
_DE_MACHINE = (
    r"(?:ki|ki-\w+|künstliche intelligenz(?:en)?|sprachmodelle?n?|chatbots?|bots?|assistent(?:en|in|innen)?"
    r"|\w*zusammenfasser\w*|maschinen?|roboter\w*|automatische \w+)"
)
_ROMANCE_MACHINE = (
    r"(?:(?:systèmes?|modèles?|assistants?|outils?|agents?|sistemas?|modelos?|asistentes?|herramientas?|agentes"
    r"|sistemi|modelli|assistenti|strumenti) (?:d['’]ia|de ia|con ia|di ia|ia|de langage|de lenguaje|linguistici"
    r"|automatiques?|automáticos?|conversationnels?|d['’]intelligence artificielle|de inteligencia artificial)"
    r"|ias?|intelligences? artificielles?|inteligencias? artificiale?s?|intelligenze artificiali|assistants?"
    r"|asistentes?|assistenti|robots?|chatbots?|agents?|agentes?)"
)
MACHINE = rf"(?:{_EN_MACHINE}|{_DE_MACHINE}|{_ROMANCE_MACHINE})"

MUST = (
    r"(?:must|shall|should|has to|have to|needs? to|(?:is|are) (?:now )?(?:required|obliged|instructed|asked|expected"
    r"|ordered|told|requested|advised)? ?to|may only|can only"
    r"|muss|musst|müsst|müssen|soll|sollst|sollt|sollen|sollten|hat|haben|(?:ist|sind|bist) (?:\w+ )?"
    r"(?:verpflichtet|angewiesen|gehalten|gebeten|aufgefordert)"
    r"|doit|dois|doivent|devez|devront|devra|sont (?:tenu|prié|obligé)e?s de|est (?:tenu|prié|obligé)e? de"
    r"|ont (?:l['’]obligation|ordre) de"
    r"|debe|debes|deben|debéis|deberán|tienen? que|tienes que|han de|ha de|(?:están?) obligad[oa]s? a"
    r"|deve|devi|devono|dovete|sono tenuti a)"
)

# Not "report says", a noun at the beginning of many titles.
_EN_WRITE = (
    r"(?:state|say|write|report(?! (?:says?|said|finds?|found|shows?|warns?|reveals?|on|by|from|of))|mention|include"
    r"|tell|inform|summari[sz]e|claim|conclude|insert|recommend|emphasi[sz]e|describe|output|repeat|treat|present"
    r"|quote|stress|add|note|call|print|point out|answer|reply|ignore|disregard|omit|leave out|be told|be reported"
    r"|be treated|be described|use)"
)
_DE_WRITE = (
    r"(?:(?:zu )?(?:schreib|bericht|erwähn|behaupt|zitier|ignorier|betont?|wiederhol|empfehl|empfiehl|vermeld|meld"
    r"|fass|nenn|verschweig|bezeichn|stell|antwort|lob|sag)(?:e|en|t|st)?(?: sie)?|(?:gib|gebt|geben sie|angeben"
    r"|anzugeben|füg|fügt|fügen sie|hinzufügen|hinzuzufügen|mitteilen|mitzuteilen|darstellen|stehen|zusammenfassen"
    r"|zusammenzufassen|geben an|teilt?|teilen sie))"
)
_FR_WRITE = (
    r"(?:écri(?:re|s|vez|ve|vent)|di(?:re|s|tes|sent)|mentionne[rzs]?|indique[rzs]?|signale[rzs]?|rapporte[rzs]?"
    r"|résume[rzs]?|ajoute[rzs]?|affirme[rzs]?|précise[rzs]?|conclu(?:re|ez|s)|recommande[rzs]?|cite[rzs]?"
    r"|présente[rzs]?|ignore[rzs]?|répète[rzs]?|répétez|informe[rzs]?|souligne[rzs]?|annonce[rzs]?|déclare[rzs]?)"
)
_ES_WRITE = (
    r"(?:escrib(?:ir|e|a|an|as|id)|decir|di|diga[ns]?|menciona[rn]?|mencione[ns]?|indica[rn]?|indique[ns]?"
    r"|informa[rn]?|informe[ns]?|resum(?:ir|e|a|an)|añad(?:ir|e|a|an)|afirma[rn]?|afirme[ns]?|incluir|incluye"
    r"|incluya[ns]?|recomendar|recomienda|cita[rn]?|presenta[rn]?|ignora[rn]?|ignore[ns]?|repite|repetir|señala[rn]?"
    r"|scriv(?:ere|i|ete)|menziona(?:re|te)?|riporta(?:re|te)?|afferma(?:re|te)?|dire)"
)
WRITE = rf"\b(?:{_EN_WRITE}|{_DE_WRITE}|{_FR_WRITE}|{_ES_WRITE})\b"

_TEXT = (
    r"(?:article|post|text|story|thread|page|message|report|status|content|artikel|beitrag|meldung|nachricht|seite"
    r"|texte?|message|page|publication|artículo|mensaje|página|publicación|articolo|testo)"
)
THIS = (
    rf"(?:(?:this|the following|the above)(?: {_TEXT})?|it|dies(?:e[snrm]?)?(?: {_TEXT})?|das hier|es"
    rf"|ce(?:ci|la)|ce(?:t|tte)? {_TEXT}|l['’]article|est[eoa](?: {_TEXT})?|questo(?: {_TEXT})?)"
)
# "That read this", "die dies lesen", "qui lisent ceci"; "this" stands before the verb in German.
_READ = (
    r"(?:read|process|summari[sz]|see|quot|relay|pass|crawl|index|scan|translat|shar|cit|sum)\w*(?: (?:up|on|along))?"
)
READS_THIS = (
    rf"(?:{_READ} {THIS}(?: up| on)?|reading along|{THIS} (?:\w+ )?(?:lies|lesen|liest|les|verarbeite|zusammenf[aä]ss"
    rf"|auswerte|zitier|übersetz|wiedergib|wiedergeb|weitergeb)\w*|(?:fass\w*) {THIS} zusammen"
    rf"|(?:li[srt]|lisent|lisez|lu|résum|trait|cit|relai)\w* {THIS}|(?:lea|lean|lee|leen|lees|resum\w+|proces\w+"
    rf"|cit\w+) {THIS}|(?:legg\w+|riassum\w+) {THIS})"
)
SUMMARY = (
    r"(?:article|post|story|coverage|piece|news item|artikel|beitrag|bericht|berichterstattung|reportage|artículo"
    r"|nota|articolo|summary|summaries|brief|briefing|answer|reply|response|output|digest|headline|text|report"
    r"|zusammenfassung(?:en)?|kurzfassung(?:en)?|antwort(?:en)?|ausgabe|überschrift|meldung|text"
    r"|résumés?|réponses?|synthèses?|titre|texte|resúmen(?:es)?|resumen(?:es)?|respuestas?|titular|texto"
    r"|riassunt[oi]|rispost[ae])"
)
YOUR = r"(?:your|dein(?:e[rnm]?)?|euer|eure[rnm]?|votre|vos|ton|ta|tes|tu|tus|vuestro|tuo|tua|vostro)"
YOU_ARE = (
    r"(?:(?:if )?you(?: are|['’]re) (?:an? |the )?(?:\w+ ){0,2}"
    r"|(?:du bist|sie sind|ihr seid|wenn du|falls du|sofern du) (?:eine? )?(?:\w+ ){0,2}"
    r"|(?:vous êtes|tu es|si vous êtes|si tu es) (?:une? )?"
    r"|(?:eres|usted es|es usted|si eres) (?:una? )?|(?:sei|se sei) (?:un['’]?a? ?)?)"
)
# "As an AI, you …".
AS = r"(?:as|als|en tant qu['’]|como|come) ?(?:an? |the |eine? |une? |una? )?"
YOU = r"(?:you|du|musst|sollst|hast|vous|tu|debes|devi)"
WHOEVER = (
    r"(?:whoever|anyone|everyone|anybody|all who|those who|any (?:system|tool|software|program)|readers|(?:if|when) "
    r"(?:you|anyone|an? \w+)|when|while|wer|alle|jeder|wenn (?:du|ihr|sie)|falls (?:du|ihr|sie)|beim"
    r"|quiconque|celui qui|tous ceux qui|si (?:vous|tu)|en|quien|quienes|todo el que|si|cuando|chiunque|chi|se)"
)
SOMEBODY_SAID = (
    r"\b(?:said|says|ruled|rules?|laws?|bill|act|court|regulat\w+|commission|parliament|decided|according"
    r"|ministry|argues?|sagte|gesetz\w*|laut|zufolge|gericht\w*|beschlo\w+|verordnung\w*|künftig|vorschrift\w*"
    r"|dit|selon|lois?|règlement\w*|tribunal|déclaré|según|leyes|ley|dijo|reglamento|legge|secondo)\b"
)
# Others whom a post may tell what to pass on to their readers.
WRITERS = (
    r"(?:journalists?|editors?|reporters?|newsrooms?|media|writers?|bloggers?|moderators?|curators?|news desks?|admins?"
    r"|everyone|everybody|readers?|redaktion(?:en)?|journalist(?:en|innen)?|medien|redakteur\w*|leser\w*|alle"
    r"|journalistes?|rédact(?:ions?|eurs?|rices?)|médias?|lecteurs?|periodistas?|redacci(?:ón|ones)|medios|lectores"
    r"|giornalisti|redazioni|lettori)"
)
THAT = r"(?:that|only|as|this|the following|dass|nur|als|folgend\w*|qu[e']|comme|ceci|que|solo|sólo|como|che|[:“\"„«'])"

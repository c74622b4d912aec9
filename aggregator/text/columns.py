"""Words that columns are called by ("Weekly AI news roundup"): they say when and in what form, and nothing of what is
told. Names of days and months, and the usual words beside them, in English, German, French, Spanish and Italian; some
in Portuguese, Dutch, Russian, Chinese and Japanese (as pairs of characters) and Korean."""

from __future__ import annotations

_WORDS = """
week weeks weekly day days daily month months monthly year years annual today tomorrow yesterday tonight morning
afternoon evening night weekend monday tuesday wednesday thursday friday saturday sunday january february march april
may june july august september october november december news newsletter newsletters roundup round wrap digest briefing
briefings brief briefs recap review update updates bulletin link links read reading reads edition issue episode podcast
top best story stories headline headlines latest what know
woche wochen wöchentlich wochenrückblick tag tage täglich monat monate monatlich jahr heute morgen gestern abend
wochenende montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober
dezember nachrichten meldungen rundbrief überblick rückblick presseschau lesetipps linktipps ausgabe folge
semaine hebdo hebdomadaire jour jours quotidien mois mensuel année aujourd'hui demain hier matin soir lundi mardi
mercredi jeudi vendredi samedi dimanche janvier février mars avril juin juillet août septembre octobre novembre décembre
actualité actualités actu actus nouvelles revue presse lettre infolettre liens lire édition numéro épisode
semana semanal día diario mes mensual año hoy mañana ayer tarde noche lunes martes miércoles jueves viernes sábado
domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre noticias resumen
boletín enlaces lecturas edición número episodio
settimana settimanale giorno giornaliero mese mensile anno oggi domani ieri mattina sera lunedì martedì mercoledì
giovedì venerdì sabato domenica gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre notizie
rassegna riassunto bollettino letture edizione numero puntata
semana semanal dia hoje ontem notícias resumo boletim leituras edição número
weekoverzicht wekelijks wekelijkse dagelijks vandaag gisteren nieuws overzicht nieuwsbrief aflevering
неделя недели неделю еженедельный день дня месяц сегодня вчера новости новостей обзор дайджест выпуск
每周 本周 周报 每日 今日 日报 早报 晚报 月刊 新闻 要闻 速览 今週 週間 週刊 毎週
先週 毎日 本日 ニュ ュー ース まと とめ 一覧
이번 주의 주간 매주 오늘 오늘의 매일 뉴스 소식 모음 정리
"""

COLUMN_WORDS = frozenset(_WORDS.split())
"""As `aggregator.text.tokens.tokens` gives them."""

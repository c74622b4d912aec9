"""Dates in the forms of many languages and programs: what is certain is read, what isn't is no date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources.dates import EARLIEST, parse_date
from aggregator.sources.written_dates import read_written

LANGUAGES_OF_FEEDS = [
    # German
    ("Do, 12 März 2026 10:00:00 +0100", "2026-03-12 09:00"),
    ("Mi., 14. Okt. 2026, 10:30 Uhr", "2026-10-14 10:30"),
    ("14. Dezember 2026, 10.30 Uhr", "2026-12-14 10:30"),
    ("4. Jänner 2026", "2026-01-04 00:00"),
    # French: "mar" is a Tuesday, and March
    ("mar, 10 mar 2026 10:00:00 +0100", "2026-03-10 09:00"),
    ("mar. 14 juil. 2026 10h30", "2026-07-14 10:30"),
    ("le 1er août 2026 à 7h", "2026-08-01 07:00"),
    ("mer, 11 fév 2026 10:00:00 +0000", "2026-02-11 10:00"),
    # Spanish, Catalan, Portuguese, Italian, Romanian
    ("lun, 12 ene 2026 10:00:00 +0100", "2026-01-12 09:00"),
    ("12 de septiembre de 2026 a las 10:00", None),
    ("12 de setiembre de 2026, 10:00", "2026-09-12 10:00"),
    ("12 d’abril de 2026", "2026-04-12 00:00"),
    ("seg, 14 dez 2026 10:00:00 -0300", "2026-12-14 13:00"),
    ("12 de março de 2026", "2026-03-12 00:00"),
    ("gio, 13 ago 2026 10:00:00 +0200", "2026-08-13 08:00"),
    ("13 gennaio 2026 alle 10:00", "2026-01-13 10:00"),
    ("lun, 13 iul 2026 10:00", "2026-07-13 10:00"),
    # Dutch, Swedish, Danish, Norwegian, Finnish
    ("do, 12 mrt 2026 10:00:00 +0100", "2026-03-12 09:00"),
    ("fre, 16 okt 2026 10:00", "2026-10-16 10:00"),
    ("16. maj 2026 kl. 10.30", "2026-05-16 10:30"),
    ("tor, 10 des 2026", "2026-12-10 00:00"),
    ("16. marraskuuta 2026 klo 10.30", "2026-11-16 10:30"),
    # Polish, Czech, Slovak, Russian, Ukrainian, Bulgarian
    ("śr, 16 wrz 2026 10:00:00 +0200", "2026-09-16 08:00"),
    ("16 października 2026", "2026-10-16 00:00"),
    ("16. července 2026", "2026-07-16 00:00"),
    ("16. mája 2026", "2026-05-16 00:00"),
    ("Чт, 10 сен 2026 10:00:00 +0300", "2026-09-10 07:00"),
    ("10 августа 2026 г. в 10:00", "2026-08-10 10:00"),
    ("10 вересня 2026 р.", "2026-09-10 00:00"),
    ("10 ное 2026", "2026-11-10 00:00"),
    # Turkish, Greek, Hungarian, Indonesian, Vietnamese
    ("Sal, 13 Eki 2026 10:00:00 +0300", "2026-10-13 07:00"),
    ("13 Kasım 2026", "2026-11-13 00:00"),
    ("Δευ, 23 Νοέ 2026 10:00:00 +0200", "2026-11-23 08:00"),
    ("2026. július 13. 9:15", "2026-07-13 09:15"),
    ("2026-július-13T9:15-05:00", "2026-07-13 14:15"),
    ("13 Agustus 2026", "2026-08-13 00:00"),
    ("Thứ Hai, 13 Tháng 4 2026 10:00:00 +0700", "2026-04-13 03:00"),
    # Chinese, Japanese, Korean
    ("2026年3月9日", "2026-03-09 00:00"),
    ("２０２６年３月９日 １０：３０", "2026-03-09 10:30"),
    ("2026年3月9日(月) 午後3時05分", "2026-03-09 15:05"),
    ("2026年3月9日 星期一 上午9:05", "2026-03-09 09:05"),
    ("周一, 09 三月 2026 10:00:00 +0800", "2026-03-09 02:00"),
    ("週一, 09 3 月 2026 10:00:00 +0800", "2026-03-09 02:00"),
    ("2026년 3월 9일 오후 12:30", "2026-03-09 12:30"),
    ("2026. 3. 9. (월) 오전 12:30", "2026-03-09 00:30"),
    ("2026年3月", None),
    ("3月9日 10:30", None),
    ("26年3月9日", None),
    ("2026年13月9日", None),
    ("民國115年3月9日", None),
    # Arabic, Persian, Hebrew, Hindi, Thai
    ("٩ مارس ٢٠٢٦، ١٠:٣٠", "2026-03-09 10:30"),
    ("9 كانون الأول 2026", "2026-12-09 00:00"),
    ("9 مارس 2026 10:30 م", "2026-03-09 22:30"),
    ("۹ ژوئن ۲۰۲۶", "2026-06-09 00:00"),
    ("9 באפריל 2026", "2026-04-09 00:00"),
    ("9 अप्रैल 2026", "2026-04-09 00:00"),
    ("9 มี.ค. 2569", "2026-03-09 00:00"),
    ("๙ มีนาคม ๒๕๖๙ เวลา 10:30 น.", "2026-03-09 10:30"),
    ("9 ม.ค. 2026", "2026-01-09 00:00"),
]

OTHER_CALENDARS = [
    ("1405/01/20", None),
    ("۱۴۰۵/۰۱/۲۰", None),
    ("20 Farvardin 1405", None),
    ("20 رمضان 1447", None),
    ("1447-09-20", None),
    ("9 March 2569", None),
    ("令和8年3月9日", None),
]

NUMBERS = [
    ("09.03.2026 10:30", "2026-03-09 10:30"),
    ("9. 3. 2026", "2026-03-09 00:00"),
    ("31.3.2026, 10.30", "2026-03-31 10:30"),
    ("25/03/2026 10:30", "2026-03-25 10:30"),
    ("3/25/2026 3:04:05 PM", "2026-03-25 15:04:05"),
    ("25-03-2026", "2026-03-25 00:00"),
    ("03/03/2026", "2026-03-03 00:00"),
    ("09/03/2026", None),
    ("10:30 09/03/2026", None),
    ("09-03-2026 10:30", None),
    ("Mon, 09/03/2026 10:30", "2026-03-09 10:30"),
    ("jeu. 03/09/2026", "2026-09-03 00:00"),
    ("Sun, 09/03/2026", None),
    ("2026/3/9", "2026-03-09 00:00"),
    ("2026-25-03", None),
    ("09.03.26", None),
    ("26/03/09", None),
    ("3/25/26", "2026-03-25 00:00"),
    ("31.12.99", "1999-12-31 00:00"),
    ("09 03 2026", None),
    ("09.03/2026", None),
    ("9 XII 2026", "2026-12-09 00:00"),
    ("9.IV.2026", "2026-04-09 00:00"),
    ("XII 2026", None),
    ("9 XIII 2026", None),
    ("29.02.2026", None),
]

PROGRAMS = [
    ("Thu Apr 09 2026 10:00:00 GMT+0200 (Central European Summer Time)", "2026-04-09 08:00"),
    ("Thu Apr 9 10:00:00 CEST 2026", "2026-04-09 08:00"),
    ("2026-04-09 10:00:00.5 +0200 CEST", "2026-04-09 08:00"),
    ("2026-04-09T10:00:00.123+02:00[Europe/Berlin]", "2026-04-09 08:00"),
    ("2026-04-09 10:00 America/New_York", "2026-04-09 14:00"),
    ("2026-01-09 10:00 America/New_York", "2026-01-09 15:00"),
    ("2026-04-09 10:00 Europe/Atlantis", None),
    ("Thursday, April 9, 2026 - 10:00", "2026-04-09 10:00"),
    ("Thurs, 9th Apr 2026 10am", "2026-04-09 10:00"),
    ("Apr 9, 2026, 12:05 AM", "2026-04-09 00:05"),
    ("12 noon, April 9 2026", None),
    ("12:00 noon, April 9 2026", "2026-04-09 12:00"),
    ("09-Apr-26 10:00:00 UTC", "2026-04-09 10:00"),
    ("9 Apr ’26", "2026-04-09 00:00"),
    ("Thu ,09 Apr 2026,10:00:00+0200", "2026-04-09 08:00"),
    ("9\u00a0April\u202f2026", "2026-04-09 00:00"),
    ('<time datetime="2026-04-09T10:00:00+02:00" class="x">Thursday</time>', "2026-04-09 08:00"),
    ('&lt;time datetime="2026-04-09T10:00:00Z"&gt;Thursday&lt;/time&gt;', "2026-04-09 10:00"),
    ("<b>9 April</b> <i>2026</i>", "2026-04-09 00:00"),
    ("<b>9 April</b>", None),
    ("20260409T100000Z", "2026-04-09 10:00"),
    ("20260409 10:00", "2026-04-09 10:00"),
    ("2026-04-09T10Z", "2026-04-09 10:00"),
    ("2026-W15-4", "2026-04-09 00:00"),
    ("2026-W15", None),
    ("2026-099", "2026-04-09 00:00"),
    ("2026-366", None),
    ("2026-04-09+02:00", "2026-04-08 22:00"),
    ("/Date(1775728800000)/", "2026-04-09 10:00"),
    ("/Date(soon)/", None),
    ("1775728800.5", "2026-04-09 10:00"),
    ("17757288", None),
]

TIMES_AND_ZONES = [
    ("2026-04-09T24:00:00Z", "2026-04-10 00:00"),
    ("2026-04-09T24:00:01Z", None),
    ("2026-12-31T23:59:60Z", "2027-01-01 00:00"),
    ("2026-12-31T23:59:61Z", None),
    ("Thu, 9 Apr 2026 10:60:00 GMT", None),
    ("Thu, 9 Apr 2026 20:30 PM", "2026-04-09 20:30"),
    ("Thu, 9 Apr 2026 14:30 AM", None),
    ("Thu, 9 Apr 2026 10:00:00 -0400 EST", "2026-04-09 14:00"),
    ("Thu, 9 Apr 2026 10:00:00 +0000 CEST", None),
    ("Thu, 9 Apr 2026 10:00:00 +0800 CST", "2026-04-09 02:00"),
    ("Thu, 9 Apr 2026 10:00:00 CST", "2026-04-09 16:00"),
    ("Thu, 9 Apr 2026 10:00:00 BST", "2026-04-09 09:00"),
    ("Thu, 9 Apr 2026 10:00:00 ET", "2026-04-09 14:00"),
    ("Fri, 9 Jan 2026 10:00:00 ET", "2026-01-09 15:00"),
    ("Thu, 9 Apr 2026 10:00:00 GMT EST", None),
    ("Thu, 9 Apr 2026 10:00:00 +0200 +0200", "2026-04-09 08:00"),
    ("Thu, 9 Apr 2026 10:00:00 +0200 +0300", None),
    ("Thu, 9 Apr 2026 10:00:00 QQT", None),
    ("Thu, 9 Apr 2026 10:00:00 B", None),
    ("Thu, 9 Apr 2026 10:00:00 +9900", None),
    ("Thu, 9 Apr 2026 10:00:00 UTC+5:30", "2026-04-09 04:30"),
    ("2026-04-09T10:00:00Z-0500", None),
    ("Thu, 9 Apr 2026 10:00:00 02:00", None),
]

NOT_ALL_SAID = [
    "yesterday", "today 10:00", "5 minutes ago", "10:00", "10:00:00 GMT", "April", "April 2026", "2026", "2026-04",
    "Thursday", "Thursday 10:00", "Apr 9 10:00:00", "9 April", "7-9 April 2026", "9 April 2026 10:00 - 12:00",
    "Issue 7, 9 April 2026", "9 April or May 2026", "9 Aprilember 2026", "Thu, 9 Apr 2026 10:00 ?", "9 April 20260",
    "9 April 226", "May 1 Apr 2026", "--04-09", "0 Apr 2026",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"), [*LANGUAGES_OF_FEEDS, *OTHER_CALENDARS, *NUMBERS, *PROGRAMS, *TIMES_AND_ZONES]
)
def test_what_is_certain_is_read_and_nothing_else(text: str, expected: str | None) -> None:
    assert parse_date(text) == (datetime.fromisoformat(expected).replace(tzinfo=UTC) if expected else None)


@pytest.mark.parametrize("text", NOT_ALL_SAID)
def test_nothing_is_filled_in(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("9 listopada 2026", "", None),
        ("9 listopada 2026", "en", None),
        ("9 listopada 2026", "pl-PL", date(2026, 11, 9)),
        ("9 listopada 2026", "hr", date(2026, 10, 9)),
        ("pon, 09 lis 2026", "", date(2026, 11, 9)),
        ("czw, 09 lip 2026", "hr", date(2026, 7, 9)),
        ("9 sierpnia 2026", "hr", date(2026, 8, 9)),
    ],
)
def test_a_word_of_two_months_is_read_by_its_language(text: str, language: str, expected: date | None) -> None:
    found = parse_date(text, language=language)
    assert (found.date() if found else None) == expected


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("09/03/2026 10:30", True, date(2026, 3, 9)),
        ("09/03/2026 10:30", False, date(2026, 9, 3)),
        ("25/03/2026", False, date(2026, 3, 25)),
        ("Mon, 09/03/2026", False, date(2026, 3, 9)),
        ("09/03/26", True, None),
        ("2026-03-09", False, date(2026, 3, 9)),
    ],
)
def test_where_a_document_has_proved_an_order_it_holds(text: str, day_first: bool, expected: date | None) -> None:
    found = parse_date(text, day_first)
    assert (found.date() if found else None) == expected


@pytest.mark.parametrize("text", ["Mon, 9 Apr 2026 10:00:00 +0200", "Mi, 9 Apr 2026 10:00:00 +0200"])
def test_a_wrong_weekday_does_not_undo_a_date(text: str) -> None:
    assert parse_date(text) == datetime(2026, 4, 9, 8, tzinfo=UTC)


_FORMATS = (
    "%d %B %Y %H:%M:%S",
    "%A, %B %d, %Y, %I:%M:%S %p",
    "%a %b %d %H:%M:%S UTC %Y",
    "%d.%m.%Y %H:%M:%S",
    "%Y年%m月%d日 %H時%M分%S秒",
)
_MOMENTS = st.integers(0, 1_400_000_000).map(lambda seconds: EARLIEST + timedelta(seconds=seconds))


@given(_MOMENTS, st.sampled_from(_FORMATS))
def test_what_programs_write_is_read_right(at: datetime, form: str) -> None:
    assert read_written(at.strftime(form)) == at


_PIECES = st.lists(
    st.sampled_from([
        "2026", "26", "04", "9", "31", "12", "10:00", ":", "/", "-", ".", " ", ",", "T", "Z", "+02:00", "-0500", "pm",
        "mar", "Apr", "lis", "Mon", "So", "年", "月", "日", "時", "오후", "CET", "ET", "GMT", "(", ")", "'", "&lt;",
        "<time datetime='", "W15", "XII", "h", "Europe/Berlin", "of", "２", "٩", "ม.ค.", "\x01", "\x02", "\x03",
    ]),
    max_size=14,
)  # fmt: skip


@given(_PIECES)
def test_no_heap_of_pieces_raises(pieces: list[str]) -> None:
    found = read_written("".join(pieces))
    assert found is None or found.tzinfo is UTC

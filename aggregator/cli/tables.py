"""Tables for people: which columns there is room for, how wide each is, and the lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aggregator.cli.layout import cells, cut, drawn, filled, longest_word, wrapped
from aggregator.storage.result import Result
from aggregator.text.terminal.controls import visible

# Between two columns.
_GAP = 2
# Cells up to this width (a time has 20) are never cut nor broken.
_WHOLE = 20
# The main column has this part of the room, if it needs it, before other columns have any; long ones need so much.
_PART = 0.6
_SOME = 14
# A main column that is narrower says nothing; of one that is narrower than enough, times leave their year.
_LEAST = 16
_ENOUGH = 40
# From this width on a column that is kept has room beside the main one.
_BOTH = 56
# Words up to this width are not broken where rows take as many lines as they need.
_LONGEST = 28
# A main column's cell has so many lines.
_MOST_LINES = 2
# In a pipe a cell that is longer stands out, so that one long title does not make all lines as long.
_PADDED = 60
# Rows that don't fit are printed one column a line, if they are no more than these.
_FEW_ROWS = 3
_READABLE = 24
_LONG_VALUE = 600

# Heads for people: as short as what stands below.
_HEADS = {
    "post_count": "posts", "source_count": "srcs", "story_count": "stories", "language": "lang", "story_id": "story",
    "published_at": "time", "last_at": "last", "first_at": "first", "newest_post_at": "newest", "newest_at": "newest",
    "next_poll_at": "next poll", "last_poll_at": "last poll", "last_error": "trouble", "new_posts": "new",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How a table is to look. `width`: of the terminal, None in a pipe. The rest as in `output.show`."""

    main: str
    leaves: tuple[str, ...]
    wrap: bool
    exact: bool
    width: int | None
    kept: str = ""


@dataclass(slots=True)
class _Column:
    name: str
    head: str
    texts: list[str]
    is_number: bool
    wanted: int
    width: int = 0

    @property
    def is_short(self) -> bool:
        return self.wanted <= _WHOLE

    @property
    def least(self) -> int:
        """Narrower its words would be broken."""
        return min(self.wanted, max(cells(self.head), *(longest_word(text) for text in self.texts)), _LONGEST)


def lines_of(table: Result, shown: Sequence[int], look: Look) -> list[str]:
    """The head, a rule and the rows; nothing where the rows are better printed one column a line."""
    columns = [_column(table, index, look) for index in shown]
    if not look.exact:
        columns = [each for each in columns if any(each.texts)] or columns
    if look.width is None:
        return _in_a_pipe(columns)
    fits = _share_out if look.wrap else _give_room
    if look.wrap and not look.exact:
        columns = _without_leaving(columns, look)
    if not fits(columns, look):
        return []
    if len(table.rows) <= _FEW_ROWS and look.wrap and any(c.width < min(c.wanted, _READABLE) for c in columns):
        return []
    columns = [each for each in columns if each.width]
    rows = [_row(columns, number, look) for number in range(len(table.rows))]
    widths, numbers = [each.width for each in columns], [each.is_number for each in columns]
    head, *_ = drawn([[[each.head] for each in columns]], widths, numbers)
    return [head, "─" * (sum(widths) + _GAP * (len(widths) - 1)), *drawn(rows, widths, numbers)]


def downwards(table: Result, shown: Sequence[int], look: Look) -> list[str]:
    """One column a line, as `name  value`, and an empty line behind each row."""
    columns = [_column(table, index, look) for index in shown]
    name_width = max(cells(each.head) for each in columns)
    lines = []
    for number in range(len(table.rows)):
        for each in columns:
            text = each.texts[number]
            if not text and not look.exact:
                continue
            text = text if len(text) <= _LONG_VALUE else f"{text[:_LONG_VALUE]} …"
            room = None if look.width is None else max(_LEAST, look.width - name_width - 4)
            parts = [text] if room is None else wrapped(text, room, is_whole=True)
            for place, part in enumerate(parts):
                lines.append(f"  {filled('' if place else each.head, name_width)}  {part}".rstrip())
        lines.append("")
    return lines


def _column(table: Result, index: int, look: Look) -> _Column:
    values = [row[index] for row in table.rows]
    texts = [" ".join(visible(_cell(value)).split()) for value in values]
    name = table.columns[index]
    head = visible(name if look.exact else _HEADS.get(name, name))
    is_number = all(isinstance(value, int | float | None) for value in values)
    return _Column(name, head, texts, is_number, max(cells(head), *map(cells, texts)))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _in_a_pipe(columns: Sequence[_Column]) -> list[str]:
    """A row a line, all of it."""
    for each in columns:
        lengths = [cells(text) for text in (each.head, *each.texts)]
        each.width = max((length for length in lengths if length <= _PADDED), default=_PADDED)
    widths, numbers = [each.width for each in columns], [each.is_number for each in columns]
    rows = [[[each.texts[number]] for each in columns] for number in range(len(columns[0].texts))]
    head, *rest = drawn([[[each.head] for each in columns], *rows], widths, numbers)
    return [head, "─" * (sum(widths) + _GAP * (len(widths) - 1)), *rest]


# ---------------------------------------------------------------- on a terminal


def _give_room(columns: list[_Column], look: Look) -> bool:
    """The main column gets most of the room, or all that it needs, before other long ones get more than a little.

    Columns that leave have no width afterwards. False: it does not fit at all.
    """
    main = _main(columns, look)
    there = list(columns)
    last = (look.kept,) if look.kept and (look.width or 0) < _BOTH else ()
    for leaving in (*look.leaves, *last, None):
        others = [each for each in there if each is not main]
        long = [each for each in others if not each.is_short]
        room = (look.width or 0) - _GAP * len(others)
        spare = room - sum(each.wanted for each in others if each.is_short)
        for_long = spare - min(main.wanted, int(room * _PART))
        if for_long >= sum(min(_SOME, each.wanted) for each in long):
            break
        if leaving is not None:
            there = [each for each in there if each.name != leaving or each is main]
    for each in others:
        each.width = each.wanted
    _level(long, max(for_long, min(sum(min(_SOME, each.wanted) for each in long), spare - min(_LEAST, main.wanted))))
    if spare - sum(each.width for each in long) < min(main.wanted, _ENOUGH):
        _shorten_times(others)
    main.width = min(main.wanted, room - sum(each.width for each in others))
    return main.width >= min(_LEAST, main.wanted) and all(each.width >= min(_SOME // 2, each.wanted) for each in long)


def _main(columns: Sequence[_Column], look: Look) -> _Column:
    named = [each for each in columns if each.name == look.main]
    return named[0] if named else max(columns, key=lambda each: each.wanted)


def _shorten_times(columns: Sequence[_Column]) -> None:
    """Times without the year, where all are of one."""
    for each in columns:
        years = {text[:4] for text in each.texts if text}
        if each.name.endswith("_at") and len(years) == 1 and all(len(text) in (0, 16) for text in each.texts):
            each.texts = [text[5:] for text in each.texts]
            each.width = each.wanted = max(cells(each.head), *map(cells, each.texts))


def _level(columns: Sequence[_Column], room: int) -> None:
    """Share room out: none gets more than it wants, and who gets less gets as much as the others that do."""
    for number, each in enumerate(sorted(columns, key=lambda each: each.wanted)):
        each.width = min(each.wanted, max(0, room // (len(columns) - number)))
        room -= each.width


def _without_leaving(columns: list[_Column], look: Look) -> list[_Column]:
    """The columns that have room for their words, and twice that for the main one."""
    for name in look.leaves:
        main = _main(columns, look)
        needed = sum(each.least for each in columns if each is not main) + min(main.wanted, 2 * main.least)
        if needed + _GAP * (len(columns) - 1) <= (look.width or 0):
            break
        columns = [each for each in columns if each.name != name]
    return columns


def _share_out(columns: list[_Column], look: Look) -> bool:
    """Short columns stay whole, and no word of another is broken that need not be. False: there is no room for that."""
    room = (look.width or 0) - _GAP * (len(columns) - 1)
    for each in columns:
        each.width = each.wanted if each.is_short else each.least
    spare = room - sum(each.width for each in columns)
    if spare < 0:
        return False
    long = sorted((each for each in columns if not each.is_short), key=lambda each: each.wanted - each.width)
    for number, each in enumerate(long):
        more = min(each.wanted - each.width, spare // (len(long) - number))
        each.width += more
        spare -= more
    return True


def _row(columns: Sequence[_Column], number: int, look: Look) -> list[list[str]]:
    """A row's cells as lines: two for the main one and the one that is kept, and for others no more than it takes."""
    if look.wrap:
        return [wrapped(each.texts[number], each.width) for each in columns]
    main = _main(columns, look)
    lines = wrapped(main.texts[number], main.width, most=_MOST_LINES)
    most = {look.kept: _MOST_LINES}
    return [
        lines if each is main else _beside(each.texts[number], each.width, most.get(each.name, len(lines)))
        for each in columns
    ]


def _beside(text: str, width: int, most: int) -> list[str]:
    """A cell beside the main one: a word that is too wide for it is cut and not broken."""
    return [cut(text, width)] if longest_word(text) > width else wrapped(text, width, most=most)

"""Three kinds of picture as SVG: bars side by side, lines over sizes, and strips over time.

Small enough for a phone, and for light and dark: colours follow what the reader prefers (`prefers-color-scheme`), and
every bar and line is named beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10

# A phone's width: all is drawn for it, and grows on wider screens.
_WIDTH = 420
_LINE, _BAR, _GAP = 17, 12, 14
_LABELS, _VALUES = 92, 62

# Colours that the colour-blind can tell apart, for a light and a dark ground; the first two are this program's.
_COLOURS = (
    ("#0b6e4f", "#4fd1a5"),
    ("#5bb48f", "#2f8f6b"),
    ("#8a8f98", "#8a8f98"),
    ("#b3742f", "#e0a45e"),
    ("#5a5fb0", "#a5a9f0"),
)


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """Group → name → value: a bar each, as long as it is beside the longest of its group; the value behind it."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    room = _WIDTH - _LABELS - _VALUES
    drawn, y = [_text(0, 18, title, "title"), _text(0, 36, unit, "small")], 58
    for group, values in groups.items():
        drawn.append(_text(0, y, group, "strong"))
        y += 8
        longest = max(values.values())
        for name, value in values.items():
            length = max(1.0, room * value / longest) if longest else 1.0
            drawn.append(_text(_LABELS - 6, y + _BAR - 1, name, "small end"))
            drawn.append(
                f'<rect class="c{names.index(name) % len(_COLOURS)}" x="{_LABELS}" y="{y}" width="{length:.1f}" '
                f'height="{_BAR}" rx="2"/>'
            )
            drawn.append(_text(_LABELS + length + 5, y + _BAR - 1, written(value), "small"))
            y += _LINE
        y += _GAP + 6
    return _picture(title, y - _GAP, drawn)


def lines(title: str, unit: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Name → points: both axes by tens, since what grows with the file would be a straight line upwards."""
    points = [point for each in series.values() for point in each]
    left, right, top, bottom = 42, _WIDTH - 12, 54, 270
    x_low, x_high = log10(min(x for x, _ in points)), log10(max(x for x, _ in points))
    y_low, y_high = floor(log10(min(y for _, y in points))), ceil(log10(max(y for _, y in points)))
    y_high = max(y_high, y_low + 1)

    def place(x: float, y: float) -> tuple[float, float]:
        across = (log10(x) - x_low) / ((x_high - x_low) or 1)
        up = (log10(y) - y_low) / (y_high - y_low)
        return left + across * (right - left), bottom - up * (bottom - top)

    drawn = [_text(0, 18, title, "title"), _text(0, 36, unit, "small")]
    for power in range(y_low, y_high + 1):
        _, y = place(10**x_low, 10.0**power)
        drawn += [_rule(left, y, right), _text(left - 6, y + 4, written(10.0**power), "small end")]
    sizes = sorted({x for x, _ in points})
    for x in sizes:
        across, _ = place(x, 10.0**y_low)
        anchor = "end" if x == sizes[-1] else "" if x == sizes[0] else "middle"
        drawn.append(_text(across, bottom + 18, f"{x:,.0f}", f"small {anchor}"))
    drawn.append(_text(right, bottom + 36, "posts in the file", "small end"))
    for number, (name, each) in enumerate(series.items()):
        colour = f"c{number % len(_COLOURS)}"
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in each))
        drawn.append(f'<polyline class="line {colour}" points="{path}"/>')
        drawn += [f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in (place(*p) for p in each)]
        at = bottom + 56 + number * _LINE
        drawn.append(f'<rect class="{colour}" x="0" y="{at - 10}" width="18" height="10" rx="2"/>')
        drawn.append(_text(26, at, f"{name}: {written(each[0][1])} → {written(each[-1][1])}", "small"))
    return _picture(title, bottom + 56 + len(series) * _LINE, drawn)


def strips(title: str, across: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Name → points: a small picture each, one above the other, from nought upwards; the first and last value told."""
    left, right, height = 0, _WIDTH, 44
    end = max(x for each in series.values() for x, _ in each)
    drawn, y = [_text(0, 18, title, "title")], 40.0
    for name, each in series.items():
        top = max(value for _, value in each) or 1.0
        told = f"{name}: {written(each[0][1])} → {written(each[-1][1])}, at most {written(top)}"
        drawn.append(_text(0, y, told, "small"))
        y += 8
        path = " ".join(f"{left + x / end * (right - left):.1f},{y + height * (1 - v / top):.1f}" for x, v in each)
        drawn += [_rule(left, y + height, right), f'<polyline class="line c0" points="{path}"/>']
        y += height + 22
    drawn += [_text(0, y, "0", "small"), _text(right, y, f"{end:g} {across}", "small end")]
    return _picture(title, y, drawn)


def written(value: float) -> str:
    """A number as a reader wants it: two digits that mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 10 else f"{value:.2g}"


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _rule(left: float, y: float, right: float) -> str:
    return f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}"/>'


def _picture(title: str, height: float, drawn: Sequence[str]) -> str:
    light, dark = (
        "".join(
            f".c{number}{{fill:{pair[which]}}}.line.c{number}{{stroke:{pair[which]}}}"
            for number, pair in enumerate(_COLOURS)
        )
        for which in (0, 1)
    )
    style = (
        "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}"
        ".strong{font-weight:600}.small{font-size:12px}.end{text-anchor:end}.middle{text-anchor:middle}"
        ".ground{fill:#fff}line{stroke:#d0d7de}"
        f".line{{stroke-width:2}}{light}.line{{fill:none}}"
        "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.ground{fill:#0d1117}line{stroke:#30363d}"
        f"{dark}.line{{fill:none}}}}"
    )
    # Behind a colour's rule of the same weight, so that no line is filled.
    style += "polyline.line{fill:none}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-12 -4 {_WIDTH + 24} {height + 16:.0f}" role="img" '
        f'aria-label="{escape(title, quote=True)}"><style>{style}</style>'
        f'<rect class="ground" x="-12" y="-4" width="{_WIDTH + 24}" height="{height + 16:.0f}" rx="8"/>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )

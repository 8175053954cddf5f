"""Plain-text tables for a terminal: columns in line, numbers to the digits that a reader can use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real

Cell = str | float | None
"""A word, a number, or nothing."""

GAP = "  "


def table(rows: Sequence[Sequence[Cell]], headings: Sequence[str] = ()) -> str:
    """Return rows as lines of text: words to the left, columns that hold numbers to the right."""
    if not rows:
        return ""
    texts = [[text_of(cell) for cell in row] for row in rows]
    lines = [list(headings), *texts] if headings else texts
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    is_number = [any(isinstance(cell, Real) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(_line(cells, widths, is_number) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    aligned = [
        cell.rjust(width) if to_the_right else cell.ljust(width)
        for cell, width, to_the_right in zip(cells, widths, is_number, strict=True)
    ]
    return GAP.join(aligned).rstrip()


def text_of(cell: Cell) -> str:
    """Return a cell as text; what is undefined is a dash."""
    if cell is None:
        return "-"
    return cell if isinstance(cell, str) else number(cell)


def number(value: float) -> str:
    """Return a number to about four digits, thousands apart, without an exponent where that can be read."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    size = abs(value)
    if value == int(value) and size < 1e15:
        return f"{int(value):,}"
    if size >= 1000.0:
        return f"{value:,.0f}"
    if size < 1e-4:
        return f"{value:.3g}"
    digits = max(0, 3 - math.floor(math.log10(size)))
    return f"{value:.{digits}f}"


def interval(low: float, high: float) -> str:
    """Return a confidence interval as text; empty when there is none."""
    return "" if math.isnan(low) or math.isnan(high) else f"{number(low)} to {number(high)}"


def size_of(count: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} bytes"

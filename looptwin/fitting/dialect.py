"""How a table of a user is written: its encoding, delimiter and decimal mark, found or told, and said aloud."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from looptwin.errors import UserError

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
"""What may stand between two cells, and its name."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_COMMA = re.compile(r"\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*")
_POINT = re.compile(r"\s*[+-]?\d*\.\d+(?:[eE][+-]?\d+)?\s*")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the user says about a table; None leaves it to be found."""

    delimiter: str | None = None
    """One of the delimiters, as a character or by its name."""
    decimal: str | None = None
    """Mark before the decimals: `point` or `comma`."""
    columns: tuple[tuple[str, str], ...] = ()
    """Pairs of a documented column and the heading that the table has for it."""

    def only(self, names: Sequence[str]) -> Options:
        """Return the options for a table that has columns of these names, where others have more."""
        return replace(self, columns=tuple(pair for pair in self.columns if pair[0] in names))


@dataclass(frozen=True)
class Dialect:
    """How a table was read."""

    encoding: str
    delimiter: str
    decimal: str

    def __str__(self) -> str:
        return f"{self.encoding}, delimiter {DELIMITERS[self.delimiter]}, decimal {self.decimal}"


def text_of(path: Path) -> tuple[str, str]:
    """Return the text of a file and its encoding; raise UserError where it is no text."""
    data = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(f"{path}:{line}: this is not {encoding.upper()}; save the table as UTF-8") from None
    if "\0" in text:
        raise UserError(f"{path}:{text[: text.index(chr(0))].count(chr(10)) + 1}: this is no text; give a CSV file")
    return text, {"utf-8-sig": "UTF-8 with BOM", "utf-16": "UTF-16", "utf-8": "UTF-8"}[encoding]


def dialect_of(text: str, encoding: str, options: Options) -> Dialect:
    """Return how a text is written: what the options say, or else what its headings and cells show.

    The delimiter is the one that stands most often in the headings; a comma where none does. A comma is the decimal
    mark where it is not the delimiter, some cell is a number with one comma, and no cell is a number with a point.
    """
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = _delimiter(options.delimiter) if options.delimiter else max(DELIMITERS, key=head.count)
    if options.decimal:
        return Dialect(encoding, delimiter, options.decimal)
    cells = [cell for row in csv.reader(text.splitlines(), delimiter=delimiter) for cell in row]
    has_comma = delimiter != "," and any(map(_COMMA.fullmatch, cells))
    return Dialect(encoding, delimiter, "comma" if has_comma and not any(map(_POINT.fullmatch, cells)) else "point")


def _delimiter(word: str) -> str:
    for character, name in DELIMITERS.items():
        if word in (character, name):
            return character
    raise UserError(f"--delimiter {word}: allowed are {', '.join(DELIMITERS.values())}")

"""What an unquoted word of a scenario file means: nothing, true, false, a number, or text.

The rules are those of YAML 1.2, which editors follow, so `1e3` is a number. PyYAML follows YAML 1.1; where the two read
an unquoted word differently (`010`, `12:30`, `no`, a date) the scenario is refused: no two readers may disagree on it.
"""

from __future__ import annotations

import re

from scenarios.tree import Scalar

_constants: dict[str, bool | None] = {
    spelling: value
    for word, value in (("", None), ("~", None), ("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
_whole = re.compile(r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+")
_number = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_not_finite = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_ambiguous = (
    (re.compile(r"(yes|no|on|off)", re.IGNORECASE), "write true or false, or put the word in quotes"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?"), "put a date in quotes"),
    (re.compile(r"[-+]?0[0-9_]+(\.[0-9_]*)?([eE][-+]?[0-9]+)?"), "write numbers without leading zeros"),
    (re.compile(r"[-+]?0[bo][0-9_]+|[-+]?0x[0-9a-fA-F_]+"), "write the number in decimal digits"),
    (re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?"), "write digits without underscores"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "put it in quotes, or write one number"),
)
LARGEST_WHOLE = 2**63 - 1


class Unclear(ValueError):
    """An unquoted word that has no one meaning; the text says what to write instead."""


def meaning(text: str) -> Scalar:
    """Return what an unquoted word means; raise `Unclear` where YAML readers disagree or a number is too large."""
    if text in _constants:
        return _constants[text]
    # nearly every word starts with a letter, and only these letters start something other than text
    if text[0] not in "+-.0123456789yYnNoO":
        return text
    if _whole.fullmatch(text):
        return _whole_number(text)
    if _number.fullmatch(text) or _not_finite.fullmatch(text):
        return float(text.replace(".", "") if text[-1] in "fFnN" else text)
    for pattern, advice in _ambiguous:
        if pattern.fullmatch(text):
            raise Unclear(f"YAML readers disagree on an unquoted {text[:40]}: {advice}")
    return text


def _whole_number(text: str) -> int:
    # int() itself refuses thousands of digits, which is no reason for a traceback
    value = int(text, 0) if len(text) < 30 else LARGEST_WHOLE + 1
    if abs(value) > LARGEST_WHOLE:
        raise Unclear(f"whole numbers end at {LARGEST_WHOLE}")
    return value

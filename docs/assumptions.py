"""Write the ranking of `docs/assumptions.md` anew from what `looptwin sensitivity --json` printed.

looptwin sensitivity transmission-small --set collaboration.mode=none --closely 36 --replications 4 --json > FILE
python -m docs.assumptions FILE
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docs.sharing import head, row, written

PAGE = Path(__file__).resolve().parent / "assumptions.md"

TOP = 25


def ranking(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of the largest effects, and how many are left."""
    yield from head("", "assumption", "value", "at", "profit, EUR", "95 %", "at", "profit, EUR", "95 %")
    for place, one in enumerate(found["ranking"][:TOP], 1):
        sides = [cell for side in ("low", "high") for cell in _side(one, side)]
        yield row(f"{place}", f"`{one['key']}`", f"{one['value']:g}", *sides)
    effects = found["ranking"]
    sure = sum(any(_is_sure(one, side) for side in ("low", "high")) for one in effects)
    still = sum(one["swing"] == 0.0 for one in effects)
    yield ""
    closely = sum(one["at_low_ci_low"] is not None or one["at_high_ci_low"] is not None for one in effects)
    yield (
        f"{len(effects)} of {len(effects) + len(found['left_out'])} assumptions were varied by {found['by']:.0%}, all "
        f"once and the {closely} that moved most {found['replications']} times. {sure} of these move the profit by "
        f"more than luck could, at 95 %; {still} of all move it by nothing."
    )


def _side(one: Mapping[str, Any], side: str) -> tuple[str, str, str]:
    difference = one[f"at_{side}"]
    if difference is None:
        return f"{one[side]:g}", "refused", ""
    low, high = one[f"at_{side}_ci_low"], one[f"at_{side}_ci_high"]
    return f"{one[side]:g}", f"{round(difference):,}", f"{round(low):,} to {round(high):,}"


def _is_sure(one: Mapping[str, Any], side: str) -> bool:
    low, high = one[f"at_{side}_ci_low"], one[f"at_{side}_ci_high"]
    return low is not None and high is not None and (low > 0.0 or high < 0.0)


if __name__ == "__main__":
    (path,) = sys.argv[1:]
    lines = list(ranking(json.loads(Path(path).read_text(encoding="utf-8"))))
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), "ranking", lines), encoding="utf-8")
    sys.stdout.write("ranking written\n")

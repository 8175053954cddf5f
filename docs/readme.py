"""Write the demo's printed table into the README: `python -m docs.readme`. A test holds the README to it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"

SHOWN = re.compile(r"(<!-- demo:begin -->\n```\n).*?(```\n<!-- demo:end -->)", re.DOTALL)


def printed() -> str:
    """Return what `make demo` prints of its three runs, without where it put its files."""
    from looptwin.demo import lines, three_runs
    from scenarios.load import load

    return "\n".join(lines(three_runs(load("transmission-small")))) + "\n"


def shown() -> str:
    """Return what the README shows."""
    found = SHOWN.search(README.read_text(encoding="utf-8"))
    assert found is not None, "the README has no place for the demo's table"
    return found[0].removeprefix(found[1]).removesuffix(found[2])


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    table = printed()
    README.write_text(SHOWN.sub(lambda found: found[1] + table + found[2], text), encoding="utf-8")
    sys.stdout.write("the demo's table written\n")

"""Write what the demo and the studies print into the README: `python -m docs.readme`. A test holds the README to it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

README = Path(__file__).resolve().parent.parent / "README.md"

STUDIES: tuple[tuple[str, Callable[[list[str]], list[str]]], ...] = (
    ("network transmission-small", lambda lines: lines[-1:]),
    ("run mm3 --out runs/a", lambda lines: []),
    ("explain bench.utilisation runs/a", lambda lines: lines),
    ("run transmission-small --set collaboration.mode=none --replications 3 --out runs/b", lambda lines: []),
    ("learn runs/b --learner linear", lambda lines: lines[4:17]),
    (
        "sensitivity mm3 --kpi bench.wait_mean_days --set time.horizon_days=2000 --replications 5",
        lambda lines: lines[2:6],
    ),
    (
        (
            "sharing transmission-sharing --override cheap_new_units --differences 1 --cracks 1 --bench-prices 1 "
            "--replications 6"
        ),
        lambda lines: lines[2:7],
    ),
    ("run five-factories", lambda lines: [*lines[2:5], *lines[11:14], *lines[15:18]]),
)
"""Commands of the README in its order, and what of their lines it shows."""


def printed() -> str:
    """Return what `make demo` prints of its three runs, without where it put its files."""
    from looptwin.demo import lines, three_runs
    from scenarios.load import load

    return "\n".join(lines(three_runs(load("transmission-small")))) + "\n"


def studies() -> str:
    """Return the commands of the studies, each with the lines of what it prints that the README shows."""
    with TemporaryDirectory() as folder, chdir(folder):
        return "\n".join(_asked()) + "\n"


def _asked() -> Iterator[str]:
    from looptwin.command import main

    for command, chosen in STUDIES:
        out = StringIO()
        with redirect_stdout(out), redirect_stderr(StringIO()):
            status = main(command.split())
        assert status == 0, command
        yield f"$ looptwin {command}"
        yield from chosen(out.getvalue().rstrip().splitlines())


PRINTS: Mapping[str, Callable[[], str]] = {"demo": printed, "studies": studies}
"""What stands between the marks of each name."""


def shown(name: str = "demo") -> str:
    """Return what the README shows under a name."""
    found = _place(name).search(README.read_text(encoding="utf-8"))
    assert found is not None, f"the README has no place for {name}"
    return found[0].removeprefix(found[1]).removesuffix(found[2])


def _place(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}:begin -->\n```\n).*?(```\n<!-- {name}:end -->)", re.DOTALL)


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "120")
    text = README.read_text(encoding="utf-8")
    for name, prints in PRINTS.items():
        table = prints()
        text = _place(name).sub(lambda found, table=table: found[1] + table + found[2], text)  # type: ignore[misc]
    README.write_text(text, encoding="utf-8")
    sys.stdout.write("what the demo and the studies print is written\n")

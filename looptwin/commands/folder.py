"""`looptwin check`, `learn` and `report`: what is done with a finished run in its folder."""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

from looptwin.reopen import open_run
from looptwin.strict_json import document
from looptwin.table import Cell, size_of, table

WORD = {True: "ok", False: "FAILED", None: "-"}


def check_command(arguments: Namespace) -> int:
    """Print one line for each check; status 1 when one did not hold."""
    from looptwin.check import check

    found = check(arguments.folder)
    if arguments.json:
        sys.stdout.write(document([asdict(one) for one in found]))
    else:
        sys.stdout.write(table([(WORD[one.held], one.check, one.what) for one in found]) + "\n")
    return 1 if any(one.held is False for one in found) else 0


def learn_command(arguments: Namespace) -> int:
    """Train on a run's views and print how well each model ranks later cores."""
    from looptwin.learn import learn

    with redirect_stdout(sys.stderr):
        learned = learn(open_run(arguments.run), arguments.mode)
        scores, crossings = learned.scores, learned.crossings
    crossed = {"rows": len(crossings), "bytes": int(crossings["bytes"].sum()) if len(crossings) else 0}
    if arguments.json:
        sys.stdout.write(document({"learning": scores, "crossings": crossed, "statement": learned.statement}))
        return 0
    rows: list[tuple[Cell, ...]] = [(f"{party} alone", score) for party, score in scores["alone"].items()]
    rows += [("federated", scores["federated"]), ("pooled", scores["pooled"])]
    sys.stdout.write(f"{scores['metric']} on cores that came back later\n{table(rows)}\n")
    sys.stdout.write(f"crossings: {crossed['rows']} over a party's border, {size_of(crossed['bytes'])}\n")
    sys.stdout.write(f"protection: {learned.statement}\n")
    return 0


def report_command(arguments: Namespace) -> int:
    """Write a run as one HTML page."""
    from looptwin.page import write_page

    run = open_run(arguments.run)
    page = write_page(run, Path(arguments.page or Path(arguments.run) / "report.html"))
    sys.stdout.write(f"{page}\n")
    return 0

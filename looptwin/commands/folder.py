"""`looptwin check` and `report`: what is done with a finished run in its folder."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from looptwin.reopen import open_run
from looptwin.words.strict_json import document
from looptwin.words.table import table

WORD = {True: "ok", False: "FAILED", None: "-"}


def check_command(arguments: Namespace) -> int:
    """Print one line for each check; status 1 when one did not hold."""
    from looptwin.checks.check import check

    found = check(arguments.folder)
    if arguments.json:
        sys.stdout.write(document([asdict(one) for one in found]))
    else:
        sys.stdout.write(table([(WORD[one.held], one.check, one.what) for one in found]) + "\n")
    return 1 if any(one.held is False for one in found) else 0


def report_command(arguments: Namespace) -> int:
    """Write a run as one HTML page."""
    from looptwin.page.page import write_page

    run = open_run(arguments.run)
    page = write_page(run, Path(arguments.page or Path(arguments.run) / "report.html"))
    sys.stdout.write(f"{page}\n")
    return 0

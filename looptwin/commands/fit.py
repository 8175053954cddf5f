"""`looptwin fit`: a user's own records to laws, to the override of a scenario, and to a back-test."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from looptwin.errors import UserError, folder_error
from looptwin.fitting import survival_account as survival
from looptwin.fitting.account import Account, as_data, delays_account, demand_account, lives_account
from looptwin.fitting.dialect import Options
from looptwin.fitting.override import Target, assumptions, override_yaml, target
from looptwin.fitting.page import page, survival_page
from looptwin.fitting.told import changes_told, survival_told, told
from looptwin.words.strict_json import document

OVERRIDE, PAGE = "override.yaml", "fit.html"
"""Names of the files in the folder of --out."""


STRAYS = (
    ("published", True),
    ("registered", True),
    ("stock_year", True),
    ("group", True),
    ("until", False),
    ("law", False),
)
"""Options that only a survival table takes, and options that it does not take."""


def fit_command(arguments: Namespace) -> int:
    """Fit a history, print what came of it, and write the override and the page where --out says."""
    options = Options(delimiter=arguments.delimiter, decimal=arguments.decimal, columns=_columns(arguments.column))
    _refuse_strays(arguments)
    file = Path(arguments.file)
    goal = None if arguments.for_ is None else target(*arguments.for_)
    if arguments.what == "survival":
        return _survival(arguments, options, file, goal)
    account = _account(arguments, options, file, goal)
    changes = None if goal is None else account.changes(goal)
    _write(arguments.out, goal, changes, page(account))
    _print(arguments, told(account), as_data(account, changes), goal, changes)
    return 0


def _account(arguments: Namespace, options: Options, file: Path, goal: Target | None) -> Account:
    if arguments.what == "lives":
        return lives_account(file, options, arguments.until, arguments.law)
    if arguments.what == "delays":
        return delays_account(file, options, arguments.until, arguments.law)
    return demand_account(file, options, arguments.until, arguments.law, goal)


def _survival(arguments: Namespace, options: Options, file: Path, goal: Target | None) -> int:
    published, registered = (None if one is None else Path(one) for one in (arguments.published, arguments.registered))
    account = survival.survival_account(file, options, survival.Beside(published, registered, arguments.stock_year))
    changes = None if goal is None else account.changes(goal, arguments.group)
    _write(arguments.out, goal, changes, survival_page(account))
    _print(arguments, survival_told(account), survival.as_data(account, changes), goal, changes)
    return 0


def _refuse_strays(arguments: Namespace) -> None:
    is_table = arguments.what == "survival"
    for name, only in STRAYS:
        if getattr(arguments, name) is not None and is_table != only:
            goes_with = "survival" if only else "lives, delays and demand"
            raise UserError(f"--{name.replace('_', '-')}: goes with {goes_with}, not with {arguments.what}")


def _columns(pairs: list[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for pair in pairs:
        name, equals, heading = pair.partition("=")
        if not (name and equals and heading):
            raise UserError(f"--column {pair}: write --column NAME=HEADING")
        found.append((name.strip(), heading.strip()))
    return tuple(found)


def _print(
    arguments: Namespace, text: str, data: dict[str, Any], goal: Target | None, changes: Mapping[str, Any] | None
) -> None:
    if arguments.json:
        sys.stdout.write(document(data))
        return
    sys.stdout.write(f"{text}\n")
    if goal is not None and changes is not None:
        sys.stdout.write(f"\n{changes_told(changes, assumptions(goal, changes))}\n")
    if arguments.out is not None:
        override = Path(arguments.out) / OVERRIDE
        sys.stdout.write(f"\nwrote {Path(arguments.out) / PAGE}\n")
        if goal is not None:
            shown = override.as_posix() if "/" in override.as_posix() else f"./{override}"
            sys.stdout.write(f"wrote {override}: looptwin run {shown}\n")


def _write(out: str | None, goal: Target | None, changes: Mapping[str, Any] | None, html: str) -> None:
    """Write all files or, where one is refused, none; whoever reads one meanwhile sees the old or the new one."""
    if out is None:
        return
    folder = Path(out)
    wanted = {PAGE: html}
    if goal is not None and changes is not None:
        wanted[OVERRIDE] = override_yaml(goal, changes, folder)
    beside = {name: folder / f".{name}.{os.getpid()}" for name in wanted}
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in wanted.items():
                beside[name].write_text(text, encoding="utf-8")
            for name in wanted:
                beside[name].replace(folder / name)
        finally:
            for path in beside.values():
                path.unlink(missing_ok=True)
    except OSError as error:
        raise folder_error(error, folder) from error

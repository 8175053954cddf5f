"""The page of a fit: one self-contained HTML file with the survival curve, the back-test and their tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from looptwin.fitting.account import Account
from looptwin.fitting.curves import back_test_picture, rates_picture, survival_picture
from looptwin.fitting.kaplan_meier import kaplan_meier
from looptwin.fitting.survival_account import SurvivalAccount
from looptwin.fitting.told import BACK_TEST, back_test_line, back_test_rows, law_rows, verdicts
from looptwin.page.layout import template
from looptwin.words.table import Cell, text_of

LAYOUT = Path(__file__).with_name("fit.html.jinja")

WORDS = {"lives": ("in use", "Removals"), "delays": ("away", "Returns"), "demand": ("without a request", "Requests")}
"""By kind of history: what lasts, and what ends it."""


def page(account: Account) -> str:
    """Return the page of a history as HTML; the same history gives the same text."""
    lasts, ends = WORDS[account.what]
    longest = float(account.sample.times.max())
    pictures = [
        (
            f"Share still {lasts}, by days: the records in steps, {account.best.family.name} as a line",
            survival_picture(kaplan_meier(account.sample), account.model, longest, lasts),
        )
    ]
    tables = [("Laws, the best first", LAWS, _texts([*law_rows(account)]))]
    if account.back_test is not None:
        caption = f"{ends} per period: foretold as a line with its 95 % band, real ones as points"
        pictures.append((caption, back_test_picture(account.back_test, ends)))
        tables.append((f"{ends}, foretold and real", BACK_TEST, _texts(back_test_rows(account.back_test))))
    told = [*account.facts, *verdicts(account)]
    told += [back_test_line(account.back_test)] if account.back_test is not None else []
    return _render(f"{account.what} of {account.file.name}", told, account.notes, pictures, tables)


LAWS = ("law", "AIC", "parameter", "value", "standard error", "95 % interval")


def survival_page(account: SurvivalAccount) -> str:
    """Return the page of survival rates as HTML."""
    pictures = []
    for number, one in enumerate(account.groups):
        caption = f"{one.rates.group}: " + (
            one.rates.no_law if one.fit is None else f"scale {one.fit.scale:.1f} years, shape {one.fit.shape:.2f}"
        )
        pictures.append((caption, rates_picture(one.rates, one.fit, number)))
    return _render(f"survival rates of {account.file.name}", [*account.facts], (), pictures, [])


def _texts(rows: list[tuple[Cell, ...]]) -> list[list[str]]:
    return [[text_of(cell) for cell in row] for row in rows]


def _render(title: str, told: list[str], notes: tuple[str, ...], pictures: list[Any], tables: list[Any]) -> str:
    return template(LAYOUT).render(title=title, told=told, notes=notes, pictures=pictures, tables=tables)

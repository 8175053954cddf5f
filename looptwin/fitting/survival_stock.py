"""Survival rates from two counts: units in use by age in one year, and new units by year."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from looptwin.errors import UserError
from looptwin.fitting.dialect import Options
from looptwin.fitting.sheet import Sheet, read_sheet, require
from looptwin.fitting.survival_table import Rates, grouped

STOCK = ("group", "age", "stock")
REGISTERED = ("group", "year", "registered")
STOCK_YEARS = ("group", "stock_year")
"""Columns of the three tables; `group` may be missing where there is one group."""

WHOLE = "a whole number, 0 or more"


class Counted(NamedTuple):
    """Rates by group, and what had to be left out, in sentences."""

    rates: list[Rates]
    left_out: tuple[str, ...]


def stock_rates(path: Path, registered: Path, year: str, options: Options) -> Counted:
    """Return units in use over the units that were new in their year.

    The youngest age of a group is of the stock year itself: where a table begins with age 1, age a was new in stock
    year - a + 1. year: the stock year of all groups, or the path of a table with `group` and `stock_year`.
    """
    sheet = read_sheet(path, STOCK, options.only(STOCK))
    require(sheet, ("age", "stock"))
    ages, stock = np.array(_whole(sheet, "age")), np.array(sheet.numbers("stock", "a number of units", least=0.0))
    sheet.finish()
    new, years, groups = _registered(registered, options), _stock_years(year, options), sheet.cells("group")
    youngest: dict[str, float] = {}
    for group, age in zip(groups, ages, strict=True):
        youngest[group] = min(age, youngest.get(group, age))
    cohorts = [
        new.get((group, int(years.get(group, years.get("", -1)) - age + youngest[group])), 0.0)
        for group, age in zip(groups, ages, strict=True)
    ]
    kept = [row for row, count in enumerate(cohorts) if count > 0.0]
    missing = sorted(set(groups) - {groups[row] for row in kept})
    told = [f"no new units are known for {', '.join(missing)}"] if missing else []
    if len(kept) < len(cohorts):
        told.append(f"{len(cohorts) - len(kept)} ages are left out: no new units are known of their year")
    if not kept:
        raise UserError(f"{registered}: no row is of a group and a year of the stock; stock year {year}")
    rates = stock[kept] / np.array(cohorts)[kept]
    return Counted(grouped(path, [groups[row] for row in kept], ages[kept], rates), tuple(told))


def _registered(path: Path, options: Options) -> dict[tuple[str, int], float]:
    sheet = read_sheet(path, REGISTERED, options.only(REGISTERED))
    require(sheet, ("year", "registered"))
    years, counts = _whole(sheet, "year"), sheet.numbers("registered", "a number of units", least=0.0)
    sheet.finish()
    rows = zip(sheet.cells("group"), years, counts, strict=True)
    return {(group, int(year)): count for group, year, count in rows}


def _stock_years(text: str, options: Options) -> dict[str, int]:
    if text.isdecimal():
        return {"": int(text)}
    sheet = read_sheet(Path(text), STOCK_YEARS, options.only(STOCK_YEARS))
    require(sheet, STOCK_YEARS)
    years = _whole(sheet, "stock_year")
    sheet.finish()
    return {group: int(year) for group, year in zip(sheet.cells("group"), years, strict=True)}


def _whole(sheet: Sheet, name: str) -> list[float]:
    found = sheet.numbers(name, WHOLE, least=0.0)
    for row, value in enumerate(found):
        if value % 1.0 > 0.0:
            sheet.refuse(row, name, WHOLE)
    return found

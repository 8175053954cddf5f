"""What came of a table of survival rates: a Weibull for each group where one can be right, and the others by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from looptwin.errors import UserError
from looptwin.fitting.dialect import Options
from looptwin.fitting.override import Target, weibull_change
from looptwin.fitting.sample import TooFew
from looptwin.fitting.survival_stock import REGISTERED, STOCK, STOCK_YEARS, stock_rates
from looptwin.fitting.survival_table import (
    COLUMNS,
    PUBLISHED,
    Published,
    Rates,
    WeibullRates,
    published_rates,
    read_published,
    read_rates,
    weibull_rates,
)
from scenarios.errors import nearest

DAYS_PER_YEAR = 365.25


class Group(NamedTuple):
    """The rates of a group and their Weibull; None where the rates rule every law of lives out."""

    rates: Rates
    fit: WeibullRates | None


@dataclass(frozen=True)
class SurvivalAccount:
    """Fitted survival rates, in the file's order."""

    file: Path
    facts: tuple[str, ...]
    groups: list[Group]
    published: dict[str, Published]

    def changes(self, target: Target, name: str | None) -> dict[str, Any]:
        """Return the key with the law of one group; raise TooFew where the rates rule it out."""
        group = self._group(name)
        if group.fit is None:
            raise TooFew(
                f"{self.file}: {group.rates.group}: {group.rates.no_law}; so there is no law of lives, and nothing is "
                "written: fit lives of single units, or take another group"
            )
        source = f"fitted to {self.file.name}, {group.rates.group}, n={len(group.rates.ages)} ages"
        return weibull_change(target, group.fit.shape, group.fit.scale * DAYS_PER_YEAR, source)

    def _group(self, name: str | None) -> Group:
        names = [one.rates.group for one in self.groups]
        if name is None and len(names) == 1:
            return self.groups[0]
        if name not in names:
            near = nearest(name, names)
            guess = f"did you mean {near!r}?" if near else f"there are: {', '.join(names)}"
            raise UserError(f"--group {name}: no such group in {self.file}; {guess}" if name else f"--group: {guess}")
        return self.groups[names.index(name)]


class Beside(NamedTuple):
    """Other tables of the user, and the stock year or the path of a table of stock years."""

    published: Path | None = None
    registered: Path | None = None
    stock_year: str | None = None


KNOWN = tuple(dict.fromkeys((*COLUMNS, *PUBLISHED, *STOCK, *REGISTERED, *STOCK_YEARS)))


def survival_account(path: Path, options: Options, beside: Beside) -> SurvivalAccount:
    """Return the fit of a table of rates, or of a stock with the registrations beside it.

    Published parameters are compared where they are given. Raises UserError.
    """
    for name, heading in options.columns:
        if name not in KNOWN:
            raise UserError(f"--column {name}={heading}: there is no column {name!r}; there are: {', '.join(KNOWN)}")
    found, left_out = _rates(path, options, beside)
    groups = [Group(one, None if one.no_law else weibull_rates(one)) for one in found]
    above = [one.above_one for one in found]
    climb = sum(bool(one.imports) for one in found) - sum(map(bool, above))
    facts = (
        f"{path.name}: {sum(len(one.ages) for one in found)} rates of {len(found)} groups",
        f"{sum(above)} rates above 1 in {sum(map(bool, above))} groups; rates that climb with age in {climb} more",
        *left_out,
    )
    published = {} if beside.published is None else _beside(found, read_published(beside.published, options))
    return SurvivalAccount(path, facts, groups, published)


def _rates(path: Path, options: Options, beside: Beside) -> tuple[list[Rates], tuple[str, ...]]:
    if beside.registered is None and beside.stock_year is None:
        return read_rates(path, options), ()
    if beside.registered is None or beside.stock_year is None:
        raise UserError("--registered and --stock-year go together: new units by year, and the year of the stock")
    return stock_rates(path, beside.registered, beside.stock_year, options)


def _beside(found: list[Rates], parameters: dict[str, tuple[float, float]]) -> dict[str, Published]:
    return {one.group: published_rates(one, *parameters[one.group]) for one in found if one.group in parameters}


def as_data(account: SurvivalAccount, changes: dict[str, Any] | None) -> dict[str, Any]:
    """Return an account as plain data, for JSON."""
    groups = {
        one.rates.group: {
            "imports": bool(one.rates.imports),
            "no_law": one.rates.no_law or None,
            "above_one": one.rates.above_one,
            "rise": one.rates.rise,
            "weibull": None if one.fit is None else {**one.fit._asdict(), "mean": one.fit.mean},
        }
        for one in account.groups
    }
    return {
        "what": "survival",
        "file": str(account.file),
        "facts": list(account.facts),
        "groups": groups,
        "published": {name: {**one._asdict(), "is_mean": one.is_mean} for name, one in account.published.items()},
        "changes": changes,
    }

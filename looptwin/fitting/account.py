"""What came of a history: the fits, how well they hold, and the back-test; what is printed, written and drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from looptwin.fitting.back_test import BackTest, demand_back_test, spells_back_test
from looptwin.fitting.delays import Returning, read_delays, returning_model, returns
from looptwin.fitting.demand import DemandFit, Requests, SeasonTest, fit_demand, read_demand
from looptwin.fitting.dialect import Options
from looptwin.fitting.goodness import Goodness, goodness
from looptwin.fitting.likelihood import Fit, Parameter, fit_model, fits
from looptwin.fitting.lives import Spells, read_lives
from looptwin.fitting.model import Model
from looptwin.fitting.override import Target, law_change, season_change, share_change, source_of
from looptwin.fitting.sample import Sample, TooFew

Tested: TypeAlias = tuple[BackTest | None, tuple[str, ...]]
"""A back-test, or the note why there is none."""

LATE = 0.99
"""Share of the delays that the longest watched unit must have outlived for late and never to be told apart."""


@dataclass(frozen=True)
class Account:
    """A fitted history. The first law has the lowest AIC; all others were compared with it."""

    what: str
    file: Path
    facts: tuple[str, ...]
    """What was read, in sentences."""
    source: str
    laws: list[Fit]
    aics: list[float]
    sample: Sample
    model: Model
    good: Goodness
    back_test: BackTest | None
    notes: tuple[str, ...] = ()
    share: Parameter | None = None
    season: SeasonTest | None = None
    seasonal: bool = False

    @property
    def best(self) -> Fit:
        """The chosen law."""
        return self.laws[0]

    def changes(self, target: Target) -> dict[str, Any]:
        """Return the keys of a scenario that this history gives values to."""
        found = law_change(target, self.best, self.source)
        if self.season is not None and self.seasonal and target.may_swing:
            found |= season_change(target, self.season.season, self.source)
        if self.share is not None:
            found |= share_change(target, self.share.value, self.source)
        return found


def lives_account(path: Path, options: Options, until: str | None, law: str | None) -> Account:
    """Return the fit of a table of lives."""
    spells = read_lives(path, options, until)
    ranked = fits(spells.sample, law)
    best = ranked[0]
    test, why = _back_test(spells, some_never=False, law=law)
    return Account(
        "lives",
        path,
        _facts(spells, "lives", "ended", "still in use"),
        source_of(path, spells.sample.count, f"{spells.sample.ends} ended", spells.span),
        ranked,
        [one.aic for one in ranked],
        spells.sample,
        best.model,
        goodness(best.model, spells.sample, partial(fit_model, family=best.family)),
        test,
        (*why, *_rounding(spells)),
    )


def delays_account(path: Path, options: Options, until: str | None, law: str | None) -> Account:
    """Return the fit of a table of returns."""
    spells = read_delays(path, options, until)
    ranked = returns(spells.sample, law)
    best = ranked[0]
    test, why = _back_test(spells, some_never=True, law=law)
    model = Model(best.delay.family, best.delay.peak.free, best.share.value)
    return Account(
        "delays",
        path,
        _facts(spells, "removed units", "received", "not yet"),
        source_of(path, spells.sample.count, f"{spells.sample.ends} received", spells.span),
        [one.delay for one in ranked],
        [one.aic for one in ranked],
        spells.sample,
        model,
        goodness(model, spells.sample, partial(returning_model, family=best.delay.family)),
        test,
        (*why, *_rounding(spells), *_late(best)),
        share=best.share,
    )


def demand_account(path: Path, options: Options, until: str | None, law: str | None, target: Target | None) -> Account:
    """Return the fit of a table of requests; a season only where whoever takes the law can take one."""
    requests = read_demand(path, options, until)
    may_swing = target is None or target.may_swing
    first, end = requests.calendar.first, requests.calendar.end
    fitted = fit_demand(requests.days, first, end, law=law, may_swing=may_swing)
    best = fitted.fits[0]
    facts = [f"{len(requests.days)} requests, {requests.span}", f"read as {requests.sheet.dialect}"]
    if requests.spread:
        facts.append("the records know whole days; the requests of a day were put at even luck within it")
    test, why = _demand_back_test(requests, law, may_swing=may_swing)
    return Account(
        "demand",
        path,
        tuple(facts),
        source_of(path, len(requests.days), "requests", requests.span),
        fitted.fits,
        [one.aic for one in fitted.fits],
        fitted.gaps,
        best.model,
        goodness(best.model, fitted.gaps, partial(fit_model, family=best.family)),
        test,
        (*why, *_season_notes(fitted, target)),
        season=fitted.tested,
        seasonal=fitted.seasonal,
    )


def _facts(spells: Spells, units: str, ended: str, rest: str) -> tuple[str, ...]:
    sample = spells.sample
    when = f", {spells.span}" if spells.span else ""
    late = int((sample.entry > 0.0).sum())
    facts = [f"{sample.count} {units}: {sample.ends} {ended}, {sample.count - sample.ends} {rest}{when}"]
    if late:
        facts.append(f"{late} came into the records at an age above 0 (left truncation)")
    return (*facts, f"read as {spells.sheet.dialect}")


def _rounding(spells: Spells) -> tuple[str, ...]:
    return (f"rows of 0 days, counted as half a day: {spells.rounded}",) if spells.rounded else ()


def _late(best: Returning) -> tuple[str, ...]:
    if best.settled >= LATE or best.share.value == 1.0:
        return ()
    outlived = f"the longest watched unit has outlived only {100.0 * best.settled:.0f} % of the delays"
    return (f"{outlived}: these records are too short to tell late from never, and the share rests on the law",)


def _season_notes(fitted: DemandFit, target: Target | None) -> tuple[str, ...]:
    if target is not None and not target.may_swing:
        return (f"{target.beside} takes no season: the law is that of the mean over the year",)
    return ("the records are shorter than a year: no season was looked for",) if fitted.tested is None else ()


def _back_test(spells: Spells, *, some_never: bool, law: str | None) -> Tested:
    if spells.calendar is None:
        return None, ("no back-test: these records have no calendar; give `installed` and `removed`",)
    try:
        return spells_back_test(spells, some_never=some_never, law=law), ()
    except TooFew as few:
        return None, (f"no back-test: {few}",)


def _demand_back_test(requests: Requests, law: str | None, *, may_swing: bool) -> Tested:
    try:
        return demand_back_test(requests, law=law, may_swing=may_swing), ()
    except TooFew as few:
        return None, (f"no back-test: {few}",)


def as_data(account: Account, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return an account as plain data, for JSON."""
    test = account.back_test
    return {
        "what": account.what,
        "file": str(account.file),
        "facts": list(account.facts),
        "units": account.sample.count,
        "ended": account.sample.ends,
        "laws": [
            {"law": one.family.name, "aic": aic, "parameters": {p.name: _numbers(p) for p in one.parameters}}
            for one, aic in zip(account.laws, account.aics, strict=True)
        ],
        "share": None if account.share is None else _numbers(account.share),
        "season": None
        if account.season is None
        else {
            "amplitude": account.season.season.amplitude,
            "period_days": account.season.season.period_days,
            "phase": account.season.season.phase,
            "p_value": account.season.p_value,
            "taken": account.seasonal,
        },
        "goodness": account.good._asdict(),
        "back_test": None
        if test is None
        else {
            "law": test.law,
            "periods": [
                dict(zip(("from_day", "to_day", "foretold", "low", "high", "came"), map(float, row), strict=True))
                for row in np.column_stack(
                    [test.edges[:-1], test.edges[1:], test.mean, test.low, test.high, test.actual]
                )
            ],
            "inside": test.inside,
            "of": len(test.actual),
            "total": dict(zip(("foretold", "low", "high", "came"), test.total, strict=True)),
        },
        "notes": list(account.notes),
        "changes": None if changes is None else dict(changes),
    }


def _numbers(parameter: Parameter) -> dict[str, float]:
    return {
        "value": parameter.value,
        "standard_error": parameter.error,
        "low": parameter.low,
        "high": parameter.high,
    }

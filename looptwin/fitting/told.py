"""A fitted history in plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from looptwin.fitting.account import Account
from looptwin.fitting.back_test import BackTest
from looptwin.fitting.likelihood import Parameter
from looptwin.fitting.survival_account import SurvivalAccount
from looptwin.words.table import Cell, interval, number, table
from scenarios.dump import quoted


def told(account: Account) -> str:
    """Return an account as text: what was read, the laws, how well the best holds, and the back-test."""
    parts = [
        "\n".join((f"{account.file.name}: {account.facts[0]}", *account.facts[1:])),
        table(list(law_rows(account)), ("law", "AIC", "parameter", "value", "std. error", "95 % interval")),
        "\n".join(verdicts(account)),
    ]
    if account.back_test is not None:
        parts.append(f"{back_test_line(account.back_test)}\n{table(back_test_rows(account.back_test), BACK_TEST)}")
    return "\n\n".join([*parts, *(f"note: {note}" for note in account.notes)])


CLOSE = 2.0
"""A lead in AIC that says little (Burnham and Anderson 2002, Model Selection and Multimodel Inference, 2.6)."""

BACK_TEST = ("from day", "to day", "foretold", "95 % interval", "came", "")
"""Headings of a back-test."""


def law_rows(account: Account) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each parameter of each law, the best law first."""
    for one, aic in zip(account.laws, account.aics, strict=True):
        for place, parameter in enumerate(one.parameters):
            name, first = one.family.name, place == 0
            yield (name if first else "", f"{aic:,.1f}" if first else "", *_cells(parameter))
    if account.share is not None:
        yield ("returns", "", *_cells(account.share))


def _cells(one: Parameter) -> tuple[Cell, ...]:
    return one.name, one.value, one.error, interval(one.low, one.high)


def verdicts(account: Account) -> Iterator[str]:
    """Yield what the fit comes to, in sentences."""
    best, good = account.best.family.name, account.good
    if account.laws[1:]:
        lead = account.aics[1] - account.aics[0]
        close = "; the records hardly tell them apart" if lead < CLOSE else ""
        yield f"{best} has the lowest AIC, {lead:.1f} below {account.laws[1].family.name}{close}"
    else:
        yield f"{best} was asked for"
    fair = "chance alone makes it so large" if good.p_value > 0.05 else "more than chance makes it; see the picture"
    yield (
        f"largest gap to Kaplan-Meier {good.gap:.3f}; p = {good.p_value:.3f} of {good.repetitions} simulated "
        f"histories: {fair}"
    )
    if account.season is not None:
        swing = account.season.season
        yield (
            f"season of a year: amplitude {swing.amplitude:.3f}, phase {swing.phase:.3f}, p = "
            f"{number(account.season.p_value)}: {'taken' if account.seasonal else 'not beyond chance, left out'}"
        )


def back_test_line(test: BackTest) -> str:
    """Return what a back-test comes to, in a sentence."""
    mean, low, high, came = test.total
    return (
        f"back-test ({test.law}, fitted to the first 70 % of the time): {test.inside} of {len(test.actual)} periods in "
        f"their 95 % interval; in all {number(mean)} foretold ({interval(low, high)}), {number(came)} came"
    )


def back_test_rows(test: BackTest) -> list[tuple[Cell, ...]]:
    """Return a row for each period."""
    rows: list[tuple[Cell, ...]] = []
    for place, came in enumerate(test.actual):
        low, high = float(test.low[place]), float(test.high[place])
        edges = (float(round(test.edges[place], 1)), float(round(test.edges[place + 1], 1)))
        inside = "" if low <= came <= high else "outside"
        rows.append((*edges, float(test.mean[place]), interval(low, high), float(came), inside))
    return rows


def changes_told(changes: Mapping[str, Any], counted: Sequence[int]) -> str:
    """Return the keys that a fit gives values to, as they may be typed after --set, and what it does to assumptions."""
    before, after, of = counted
    lines = [f"  {key}: {_flow(value)}" for key, value in changes.items()]
    return "\n".join([f"keys ({before} of {of} numbers were assumptions, {after} are then)", *lines])


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key}: {_flow(below)}" for key, below in value.items() if below is not None)
        return f"{{{inner}}}"
    return quoted(value) if isinstance(value, str) else f"{value:.10g}"


def survival_told(account: SurvivalAccount) -> str:
    """Return the fits of survival rates as text, and the groups that no law fits."""
    headings = ("group", "scale, years", "shape", "mean, years", "rms", "r squared")
    parts = ["\n".join(account.facts)]
    rows: list[tuple[Cell, ...]] = [
        (one.rates.group, one.fit.scale, one.fit.shape, one.fit.mean, one.fit.rms, one.fit.r_squared)
        for one in account.groups
        if one.fit is not None
    ]
    if rows:
        parts.append(f"Weibull by least squares\n{table(rows, headings)}")
    if account.published:
        compared = ("group", "gamma", "beta", "rms, gamma as scale", "rms, gamma as mean", "nearer")
        shown: list[tuple[Cell, ...]] = [
            (name, one.gamma, one.beta, one.rms_as_scale, one.rms_as_mean, "mean" if one.is_mean else "scale")
            for name, one in account.published.items()
        ]
        parts.append(f"published parameters against the rates\n{table(shown, compared)}")
    refused = [(one.rates.group, one.rates.no_law) for one in account.groups if one.fit is None]
    if refused:
        parts.append(f"no law of lives\n{table(refused, ('group', 'why'))}")
    return "\n\n".join(parts)

"""A regression in words and tables: what `looptwin run` prints of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from looptwin.words.figure_names import of_model
from looptwin.words.table import Cell, interval, number, table

STAR = "*"
"""Stands behind a correlation that is not significant."""
_BEST = ("best alone", "whose")


def told(found: Mapping[str, Any]) -> str:
    """Return a study as text. found: `regression` of a run's summary."""
    rows = [_model(name, found) for name in found["models"]]
    head = f"{found['target']} from {len(found['features'])} features, R2 on the scale of each model's own target"
    lines = [*sentences(found), *(f"{remark}." for remark in remarks(found))]
    headings = ("model", "federated", "pooled", *_BEST, f"best alone, all {found['words']['rows']}", "whose")
    return "\n\n".join([f"{head}\n{table(rows, headings)}", "\n".join(lines), _criteria(found), _parties(found)])


def over_replications(found: Mapping[str, Any], figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the federated R2 of each model over all replications. figures: `kpis` of a run's summary."""
    known = {name: figures[of_model(name, "r2")] for name in found["models"]}
    rows = [(name, one["value"], interval(one["ci_low"], one["ci_high"])) for name, one in known.items()]
    return table(rows, ("R2, federated", "mean", "95 % interval"))


def _model(name: str, found: Mapping[str, Any]) -> tuple[Cell, ...]:
    own, whose = best_alone(found, name, "r2")
    squared, other = best_alone(found, name, "correlation_squared_on_all")
    return name, found["encrypted"][name]["r2"], found["plain"][name]["r2"], own, whose, squared, other


def _criteria(found: Mapping[str, Any]) -> str:
    names = ("r2_adjusted", "f", "aic", "bic")
    rows = [(model, *(found["encrypted"][model][name] for name in names)) for model in found["models"]]
    return f"From the opened sums\n{table(rows, ('model', 'R2 adjusted', 'F', 'AIC', 'BIC'))}"


def best_alone(found: Mapping[str, Any], model: str, metric: str) -> tuple[float | None, str]:
    """Return the best that a party's own model reaches in a metric, and which party it is.

    Parties with no more rows than weights do not count: through so few points any model goes.
    """
    fits = {party: fitted[model] for party, fitted in found["factories"].items()}
    reached = {party: one[metric] for party, one in fits.items() if one["rows"] > one["parameters"]}
    known = {party: value for party, value in reached.items() if value is not None}
    if not known:
        return None, ""
    best = max(known, key=lambda party: known[party])
    return known[best], best


def sentences(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the best model explains, and how much less each factory's own does."""
    model, rows = found["best_model"], found["words"]["rows"]
    federated = found["encrypted"][model]["r2"]
    own, whose = best_alone(found, model, "r2")
    squared, other = best_alone(found, model, "correlation_squared_on_all")
    r2, third = best_alone(found, model, "r2_on_all")
    yield f"{model}: the federation explains {100.0 * federated:.1f} % of the variance over all {rows}."
    if own is not None and own > 0.0:
        share = f"{100.0 * own:.1f} % of the variance over its own {rows} ({whose})"
        yield f"The best alone explains {share}: {_worse(own, federated)}."
    if squared is not None:
        yield f"Over all {rows} the best squared correlation is {squared:.3f} ({other}): {_worse(squared, federated)}."
    if r2 is not None:
        less = "; a model of one party does not carry over" if r2 < 0.0 else ""
        yield f"Over all {rows} the best R2 of a party's own model is {number(r2)} ({third}){less}."
    yield f"Opened sums differ from rows in one place by {found['largest_difference']:.1g} of a metric at most."
    yield f"Weights differ by {found['largest_weight_difference']:.1g} of a model's largest weight at most."
    if (made := found["predictions"]) is not None:
        yield f"{made['model']} predicts {made['parts']:,} {rows} under encryption: R2 {made['r2']:.3f}."


def remarks(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is to be said of rows and columns: what all know, what a party knows alone, what it said of it."""
    yield from found["remarks"]
    for party, told in found["own_remarks"].items():
        yield from (f"Known to {party} alone: {remark}" for remark in told if remark not in found["remarks"])
    for party, rank in found["ranks"].items():
        yield f"{party} said that it can tell {rank} of {len(found['features'])} features apart"


def _worse(alone: float, federated: float) -> str:
    if federated <= 0.0:
        return "the federation explains nothing"
    if alone > federated:
        return f"{100.0 * (alone / federated - 1.0):.1f} % better"
    gain = f", the federation is {100.0 * (federated / alone - 1.0):.1f} % better" if alone > 0.0 else ""
    return f"{100.0 * (1.0 - alone / federated):.1f} % worse{gain}"


def _parties(found: Mapping[str, Any]) -> str:
    described = found["description"]
    if not described:
        return ""
    features = found["features"]
    rows = [_correlations("all", described["all"], features)]
    rows += [_correlations(party, one, features) for party, one in described["factories"].items()]
    headings = ("", found["words"]["rows"], *features, "mean", "median")
    starred = any(isinstance(cell, str) and cell.endswith(STAR) for row in rows for cell in row)
    legend = f"\n{STAR} not significant at 5 %" if starred else ""
    return f"Correlation with {found['target']}\n{table(rows, headings)}{legend}"


def _correlations(name: str, one: Mapping[str, Any], features: list[str]) -> tuple[Cell, ...]:
    target = one["target"] or {}
    quartiles = target.get("quartiles") or (None, None, None)
    cells = [_correlation(one["correlations"][feature]) for feature in features]
    return name, one["rows"], *cells, target.get("mean"), quartiles[1]


def _correlation(one: Mapping[str, Any]) -> str:
    if one["value"] is None:
        return "constant"
    return f"{one['value']:.2f}{'' if one['significant'] else STAR}"

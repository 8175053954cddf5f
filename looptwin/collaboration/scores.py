"""Scores of models over the replications of a run: means with 95 % intervals, as rows for tables and documents."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from looptwin.statistics import Interval, interval

if TYPE_CHECKING:
    from learning.learned import Details, Learned, Measured, Scores

ALL = "all"
"""What the later rows of all sites together are called."""


class Row(NamedTuple):
    """A figure of one model on the later rows of all sites or of one.

    Bounds are None for one replication, all three where the figure is undefined.
    """

    on: str
    model: str
    figure: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    unit: str


Rows = list[Row]


def means(scores: Sequence[Scores]) -> dict[str, Any]:
    """Return alone (by party), federated, pooled and metric, means over replications.

    None where one of them has no score: a mean over the others would answer another question.
    """
    return _each(scores, lambda spread: _known(spread.mean))


def intervals(scores: Sequence[Scores]) -> dict[str, Any]:
    """Return the bounds of the same means, [low, high]; None for one replication."""
    found = _each(scores, lambda spread: None if math.isnan(spread.low) else [spread.low, spread.high])
    del found["metric"]
    return found


def on_all(details: Sequence[Details], learned: Learned) -> Rows:
    """Return each figure of each model on the later rows of all sites."""
    return list(_rows(ALL, [one["on_all"] for one in details], learned))


def on_own(details: Sequence[Details], learned: Learned) -> Rows:
    """Return each figure on each site's own later rows: of its own model, the common one and the pooled one."""
    sites = sorted({site for one in details for site in one["on_own"]})
    return [
        row
        for site in sites
        for row in _rows(site, [one["on_own"][site] for one in details], learned)
        if row.model in (site, "federated", "pooled")
    ]


def gains(details: Sequence[Details], metric: str) -> Rows:
    """Return by site how much better the common model is than the site's own, on its own later rows and on all.

    The two share the rows of a replication, so the interval is that of the paired difference.
    """
    sites = sorted({site for one in details for site in one["on_own"]})
    own = [_gain(site, site, [one["on_own"][site] for one in details], metric) for site in sites]
    return own + [_gain(ALL, site, [one["on_all"] for one in details], metric) for site in sites]


def _gain(on: str, site: str, measured: Sequence[Measured], metric: str) -> Row:
    spread = _spread([_less(one["federated"], one["alone"].get(site), metric) for one in measured])
    return Row(on, f"federated less {site}", metric, _known(spread.mean), _known(spread.low), _known(spread.high), "1")


def _less(
    common: Mapping[str, float | None] | None, own: Mapping[str, float | None] | None, metric: str
) -> float | None:
    values = [None if one is None else one[metric] for one in (common, own)]
    return None if values[0] is None or values[1] is None else values[0] - values[1]


def _rows(on: str, measured: Sequence[Measured], learned: Learned) -> Iterator[Row]:
    everyone = [_by_model(one) for one in measured]
    for model, figures in _by_model(measured[0]).items():
        for figure in figures:
            spread = _spread([one.get(model, {}).get(figure) for one in everyone])
            unit = learned.target.unit if figure == "RMSE" else "nat" if figure == "log loss" else "1"
            mean, low, high = _known(spread.mean), _known(spread.low), _known(spread.high)
            yield Row(on, model, figure, mean, low, high, unit)


def _by_model(measured: Measured) -> dict[str, Mapping[str, float | None]]:
    common = measured["federated"]
    return {
        **measured["alone"],
        **({} if common is None else {"federated": common}),
        "pooled": measured["pooled"],
    }


def _each(scores: Sequence[Scores], of: Any) -> dict[str, Any]:
    parties = sorted({party for one in scores for party in one["alone"]})
    return {
        "alone": {party: of(_spread([one["alone"].get(party) for one in scores])) for party in parties},
        "federated": of(_spread([one["federated"] for one in scores])),
        "pooled": of(_spread([one["pooled"] for one in scores])),
        "metric": scores[0]["metric"],
    }


def _spread(values: Sequence[float | None]) -> Interval:
    return interval([math.nan if value is None else value for value in values])


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value

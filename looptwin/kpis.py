"""The figures of a run: each over all of its replications."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from looptwin.replications.shards import Kpi, Replication
from looptwin.statistics import interval


def kpis_of(replications: Sequence[Replication]) -> dict[str, dict[str, Any]]:
    """Return each figure by name: value, unit, mean, ci_low, ci_high (95 %). Value is the mean over replications."""
    return {name: _figure(replications, name, kpi) for name, kpi in replications[0].kpis.items()}


def _figure(replications: Sequence[Replication], name: str, first: Kpi) -> dict[str, Any]:
    spread = interval([one.kpis[name].value if name in one.kpis else float("nan") for one in replications])
    value = first.value if len(replications) == 1 else spread.mean
    return {"value": value, "unit": first.unit, "mean": spread.mean, "ci_low": spread.low, "ci_high": spread.high}

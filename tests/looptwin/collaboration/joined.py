"""Runs of a small chain in which three dismantlers learn together, made once for all tests that only look at them."""

from __future__ import annotations

from functools import cache

import looptwin as lt

HORIZON = 800.0
TRAINING_DAY = 350.0

ODD_AMOUNTS = {
    "product.wear.gear.replace_cost": 600.0137,
    "product.wear.bearing.replace_cost": 360.0291,
    "product.wear.clutch.replace_cost": 400.0419,
    "parties.remanco.value_reman": 1450.0613,
    "parties.remanco.core_payment": 250.0731,
    "parties.remanco.base_cost": 520.0857,
}
"""Amounts with odd parts of a cent: a hidden margin that comes to light cannot be mistaken for anything else."""


@cache
def scenario() -> lt.Scenario:
    """Return the small chain: a tenth of its vehicles, two years, and a judge that refuses often."""
    change: dict[str, object] = {f"parties.{fleet}.vehicles": 150 for fleet in ("hire", "cabs", "vans")}
    change |= {
        "time.horizon_days": HORIZON,
        "time.warm_up_days": 60,
        "policies.serviceable.level": 8,
        "collaboration.train_until_days": TRAINING_DAY,
        "verification.simulated_records": 1000,
        "verification.false_alarm_rate": 0.3,
        **ODD_AMOUNTS,
    }
    return lt.load("transmission-small").override(change)


@cache
def of(mode: str, *, judged: bool = False) -> lt.Run:
    """Return the run under a mode of collaboration; only with a judge does it need JAX."""
    return lt.run(scenario().override({"collaboration.mode": mode, "verification.enabled": judged}))


def judged() -> lt.Run:
    """Return the federated run with its judge."""
    return of("federated", judged=True)

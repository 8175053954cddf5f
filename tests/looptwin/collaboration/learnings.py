"""Trainings of the small chain for the tests of `lt.learn`."""

from __future__ import annotations

from typing import Any

import looptwin as lt
from tests.looptwin.collaboration import joined

WORDS = ("logistic", "linear", "mlp")
"""The learners."""


def quiet(**change: object) -> lt.Scenario:
    """Return the small chain without a judge in which nobody learns."""
    return joined.scenario().override({"collaboration.mode": "none", "verification.enabled": False, **change})


def bits(learned: Any) -> tuple[bytes, ...]:
    """All models of a training."""
    models = [weights for _, weights in sorted(learned.alone.items())]
    return tuple(weights.tobytes() for weights in (*models, learned.federated, learned.pooled))


def plainly(run: lt.Run, word: str, **options: Any) -> Any:
    """Learn without secrecy, which gives the same models."""
    return lt.learn(run, mode="plain", learner=word, **options)

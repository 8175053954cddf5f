"""The `regression:` section of a scenario file: which numbers are predicted from which, from whose rows, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from learning.regression.columns import ENERGY, MACHINING
from sim.ranges import NonNegative
from sim.section import Section

Power = Annotated[float, Ge(-2), Le(2)]


@dataclass(frozen=True, kw_only=True)
class Regression(Section):
    """A linear model over parties that never show their rows: only sums over rows are opened.

    How the sums travel is said by `collaboration.protection` and `collaboration.threshold`.
    """

    data: Literal["fixture"] = "fixture"
    """fixture: parts of five machine shops, drawn from a law that comes along."""
    mode: Literal["statistics", "outsourced", "prediction"] = "statistics"
    """statistics: each party adds up its own rows, and the sums travel protected. outsourced: each party stores its
    rows encrypted, a cloud computes all products and sums on ciphertexts, each party opens its own, and these travel
    protected; weights are then within 1e-4 of the largest. prediction: as statistics, and the best model predicts on
    rows that each party stores encrypted, with weights that the cloud does not see."""
    target: str = ENERGY
    """What is predicted."""
    features: Annotated[list[str], MinLen(1)] = field(default_factory=lambda: list(MACHINING))
    """What it is predicted from, in order."""
    models: Annotated[list[Literal["LR", "TM-P", "TM-T", "DTM"]], MinLen(1)] = field(
        default_factory=lambda: ["LR", "TM-P", "TM-T", "DTM"]
    )
    """LR: linear. TM-P: features are transformed. TM-T: the target is transformed. DTM: both are."""
    lambdas: Annotated[list[Power], MinLen(1)] = field(default_factory=lambda: [-0.5, 0.0, 0.5])
    """Powers of the Box-Cox transform, one model of each kind for each; 0 is the logarithm."""
    ridge: NonNegative = 0.0
    """Strength of the prior: as much times the squared weights of the features, on public scales, is added to the sum
    of squared residuals. 0 is least squares."""

    def __post_init__(self) -> None:
        for name in ("features", "models", "lambdas"):
            values = getattr(self, name)
            if len(set(values)) != len(values):
                raise ValueError(f"{name} names something twice")
        if self.target in self.features:
            raise ValueError(f"the target {self.target!r} is one of the features")

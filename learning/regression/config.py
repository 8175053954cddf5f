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

    data: Literal["fixture", "stations", "csv"] = "fixture"
    """fixture: parts of five machine shops, drawn from a law that comes along. stations: parts that the factories of
    the scenario turned, by their own records. csv: tables of your own, under `files`."""
    files: dict[str, str] = field(default_factory=dict)
    """Under `data: csv`, each party's table by its name; a path is relative to the scenario file."""
    split_by: str | None = None
    """One file holds the rows of all parties: each value of this column is a party, `<name>_<value>`."""
    categories: dict[str, Annotated[list[str], MinLen(2)]] = field(default_factory=dict)
    """Features whose cells are words, with all words in order; each but the first becomes a feature of 0 and 1."""
    missing: Literal["refuse", "leave_out"] = "refuse"
    """What is done about rows with an empty cell in a column that is used."""
    tells_rank: bool = False
    """Each party tells the others how many of its features it can tell apart, in clear; which ones stays with it."""
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
        self._of_files()

    def _of_files(self) -> None:
        if self.data != "csv":
            given = [name for name in ("files", "split_by", "categories") if getattr(self, name)]
            if given:
                raise ValueError(f"{given[0]} is for `data: csv`, the data here are of {self.data!r}")
            return
        if self.split_by is None and len(self.files) < 2:
            raise ValueError("files names the tables of two parties or more, or of one that `split_by` splits")
        if self.split_by is not None and len(self.files) != 1:
            raise ValueError(f"split_by splits one file, files names {len(self.files)}")
        powers = [model for model in self.models if model in ("TM-P", "DTM")]
        if self.categories and powers:
            raise ValueError(f"{powers[0]} takes powers of features, and a category is 0 or 1: choose LR or TM-T")
        for name, words in self.categories.items():
            if name not in self.features:
                raise ValueError(f"categories names {name!r}, which is no feature")
            if len(set(words)) != len(words):
                raise ValueError(f"categories.{name} names a word twice")

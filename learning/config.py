"""The `collaboration:` section of a scenario file: who learns with whom, and how updates are protected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from sim.ranges import Money, NonNegative, Positive
from sim.section import Section

DEFAULT_TRAINING_SHARE = 0.4
"""Share of the horizon after which a collaboration trains, where the scenario names no day."""


@dataclass(frozen=True, kw_only=True)
class Mlp(Section):
    """The small neural network of `learner: mlp` and its training by federated averaging."""

    hidden: Annotated[int, Ge(1), Le(64)] = 8
    """Units of its one hidden layer."""
    rounds: Annotated[int, Ge(1), Le(200)] = 40
    """Rounds of averaging; each opens one sum, and what is opened is released."""
    local_steps: Annotated[int, Ge(1), Le(1000)] = 5
    """Steps of gradient descent that a site takes on all of its rows in a round. Sites that differ pull apart while
    they step alone: more steps need shorter ones, or the mean of their models is worse than each."""
    learning_rate: Annotated[float, Gt(0), Le(10)] = 0.15
    """Length of a step per unit of gradient."""
    decay: NonNegative = 0.003
    """Strength of the prior: half of it times the squared weights is added to the mean loss of a label."""
    clip: Annotated[float, Gt(0), Le(1000)] = 2.0
    """Longest change of its weights that a site sends in a round, Euclidean; a longer one is shortened to it."""


@dataclass(frozen=True, kw_only=True)
class Absence(Section):
    """A site that goes missing from a federation while it trains."""

    from_round: Annotated[int, Ge(1), Le(200)] = 1
    """First round from which it is missing."""
    before: Literal["sealing", "opening"] = "sealing"
    """sealing: it sends no update any more, and `when_gone` says what the others do. opening: it sends its update and
    says nothing when the sum is opened; its numbers count, and as many sites may be so as the protection allows."""


@dataclass(frozen=True, kw_only=True)
class Collaboration(Section):
    """How the dismantlers learn from returned outcomes, and what they let cross their border for it."""

    mode: Literal["none", "alone", "federated", "centralised", "oracle"] = "none"
    """none: nobody learns, the scenario's own rules decide. alone: each site learns from its own outcomes and nothing
    leaves it. federated: only sums of updates are opened. centralised: rows are sent in clear to one place. oracle: a
    control that looks at the truth and learns nothing."""
    learner: Literal["logistic", "linear", "mlp"] = "logistic"
    """logistic: the probability of a profit, by Newton's method. linear: the margin of a core, by ridge regression in
    one round; its sign decides, and the judge, who knows probabilities, does not look at it. mlp: the probability of a
    profit by a small neural network, by federated averaging. Of parts that factories made, `linear` and `mlp` learn the
    energy."""
    protection: Literal["plain", "shared_key", "threshold", "compact"] = "threshold"
    """How updates travel in a federation: readable, encrypted under one key that all sites share, under a key that
    nobody holds, or (compact, for long updates) masked between neighbours and then encrypted under a shared key."""
    threshold: Annotated[int, Ge(2), Le(1024)] | None = None
    """How many sites open a sum together under `protection: threshold`, or must turn traitor to lift a neighbour's mask
    under `protection: compact`. Default: the majority of those that learn (compact: at most 11)."""
    absences: dict[str, Absence] = field(default_factory=dict)
    """Sites that go missing while a federation trains, by their names; nobody misses them in another mode."""
    when_gone: Literal["stop", "go_on"] = "stop"
    """What the others do when a site is gone before it sealed. stop: the training stops, nothing more is opened. go_on:
    all that stay sign that they go on without it, its update is in no later sum, and the run says so."""
    train_until_days: Positive | None = None
    """Day of training; only labels known by then count. Default: 40 % of the horizon."""
    rounds: Annotated[int, Ge(1), Le(50)] = 8
    """Newton rounds of `learner: logistic`; each opens one sum."""
    ridge: Positive = 1.0
    """Strength of the prior of `logistic` and `linear`: half of it times the squared weights is added to the loss (the
    negative log-likelihood, or half of the squared errors) of all labels together."""
    mlp: Mlp | None = None
    """The network of `learner: mlp`. Default: the defaults of its keys."""
    cost_per_training: Money = 400.0
    """What one common training costs all sites together, staff and computing, EUR; a study of sharing counts it."""
    cost_per_gb: Money = 1.0
    """What a gigabyte over a border costs, EUR; a study of sharing counts it."""
    cost_per_label: Money = 15.0
    """What reporting one outcome back costs, EUR; a study of sharing counts it."""

    def __post_init__(self) -> None:
        if self.learner == "mlp" and self.mlp is None:
            # numbers that a run uses count as assumptions, defaults included; a network nobody asked for has none
            object.__setattr__(self, "mlp", Mlp())

    @property
    def network(self) -> Mlp:
        """The numbers of `learner: mlp`."""
        return Mlp() if self.mlp is None else self.mlp

    def missing(self, parties: Iterable[str], number: int, step: str) -> tuple[str, ...]:
        """Return which of these parties are missing at a step (`sealing`, `opening`) of round `number`."""
        found = [(party, self.absences.get(party)) for party in parties]
        return tuple(party for party, one in found if one and one.before == step and one.from_round <= number)

    def training_day(self, horizon_days: float) -> float:
        """Return the day of training in a run of `horizon_days`."""
        return DEFAULT_TRAINING_SHARE * horizon_days if self.train_until_days is None else self.train_until_days

"""Learn again from a finished run: other protection, other days, the same views."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from learning.config import Collaboration
from looptwin.dataset import held
from looptwin.errors import UserError
from looptwin.results import Run
from looptwin.sites import site
from sim.parties.config import Dismantler

if TYPE_CHECKING:
    import pandas as pd

    from learning.arrays import FloatArray
    from learning.features import SiteData
    from learning.learned import Learned
    from looptwin.collaborate import Collaborated
    from sim.parties.decisions import Policy


@dataclass(frozen=True, eq=False)
class Learning:
    """Models of each dismantler alone, of the federation and of the pooled rows, and what it cost in crossings."""

    learned: Learned
    sites: tuple[SiteData, ...]
    run: Run

    @property
    def scores(self) -> dict[str, Any]:
        """How well each model ranks cores whose outcome came after the training: alone, federated, pooled, metric."""
        return dict(self.learned.scores(self.sites))

    @property
    def alone(self) -> Mapping[str, FloatArray]:
        """Weights of each site's own model, the intercept first."""
        return self.learned.alone

    @property
    def federated(self) -> FloatArray | None:
        """Weights of the common model."""
        return self.learned.federated

    @property
    def pooled(self) -> FloatArray:
        """Weights of the model of all rows in one place: a yardstick."""
        return self.learned.pooled

    @property
    def statement(self) -> str:
        """Who can read what, in one sentence."""
        return self.learned.statement

    @property
    def crossings(self) -> pd.DataFrame:
        """What crossed a border for it, in the columns of `Run.crossings`."""
        import pandas as pd

        rows = [asdict(crossing) for crossing in self.learned.crossings]
        return pd.DataFrame([{**row, "readable_by": ", ".join(row["readable_by"])} for row in rows])

    @property
    def decide(self) -> dict[str, Policy]:
        """The models as decisions: `lt.run(scenario, decide=learned.decide)`."""
        return {"dismantler.disposition": self._judged.policy}

    @cached_property
    def _judged(self) -> Collaborated:
        """The models with their judge, which takes seconds to train and is not needed for scores."""
        from looptwin.collaborate import judge_seed, judged

        try:
            return judged(self.learned, self.run.scenario, judge_seed(self.run.seed, 0))
        except ValueError as refused:
            raise UserError(f"learn: {refused}") from refused


def learn(run: Run, mode: str | None = None, *, until_day: float | None = None) -> Learning:
    """Train on what the dismantlers of a run knew by a day, under a protection.

    mode: a word of `collaboration.protection`; default the scenario's. until_day: default the scenario's training day.
    Of a run with several replications, the first. Raises UserError for a word, a day or a run that does not fit.
    """
    from learning.faults import ProtectionError
    from learning.rounds import train
    from looptwin.collaborate import standardised

    collaboration = _collaboration(run, mode, until_day)
    parties = sorted(run.scenario.parties.items())
    names = [name for name, party in parties if isinstance(party, Dismantler)]
    if not names:
        raise UserError(f"{run.scenario.name}: no dismantlers, so nobody learns")
    sites = standardised([_site(run, name) for name in names])
    day = collaboration.training_day(run.scenario.time.horizon_days)
    try:
        learned = train(sites, collaboration, day)
    except (ProtectionError, ValueError) as refused:
        raise UserError(f"learn: {refused}") from refused
    return Learning(learned, tuple(sites), run)


def _collaboration(run: Run, mode: str | None, until_day: float | None) -> Collaboration:
    words = get_args(get_type_hints(Collaboration)["protection"])
    if mode is not None and mode not in words:
        from difflib import get_close_matches

        near = get_close_matches(str(mode), words, 1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise UserError(f"learn: mode {mode!r} is not one of {', '.join(words)}{guess}")
    changed = replace(run.scenario.collaboration, mode="federated")
    changed = changed if mode is None else replace(changed, protection=mode)  # type: ignore[arg-type]
    if until_day is None:
        return changed
    horizon = run.scenario.time.horizon_days
    if not (math.isfinite(until_day) and 0.0 < until_day <= horizon):
        raise UserError(f"learn: until_day must be above 0 and at most the run's {horizon:g} days, got {until_day}")
    return replace(changed, train_until_days=until_day)


def _site(run: Run, party: str) -> SiteData:
    view = held(run, party)
    visual, outcome = (
        {str(name): column.to_numpy() for name, column in view[view["kind"] == kind].items()}
        for kind in ("visual", "outcome")
    )
    return site(party, visual, outcome, run.scenario.parties[party].reports_every_days)

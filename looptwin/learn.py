"""Learn again from a finished run: another learner, another protection, other days, the same views."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args, get_type_hints

from learning.config import Collaboration
from looptwin.dataset import FEATURES_OF, held
from looptwin.errors import RunFailed, UserError
from looptwin.learn_scores import gains, intervals, means, on_all, on_own
from looptwin.results import Run
from looptwin.subjects import CORES, Subject, subject_of

if TYPE_CHECKING:
    import pandas as pd

    from learning.arrays import FloatArray
    from learning.features import SiteData
    from learning.learned import Learned
    from learning.rounds import Conduct
    from looptwin.collaborate import Collaborated
    from looptwin.learn_scores import Rows
    from sim.parties.decisions import Policy


@dataclass(frozen=True, eq=False, repr=False)
class Learning:
    """Models of each site alone, of the federation and of the pooled rows, and what it cost in crossings.

    Every replication of the run is learned from on its own: figures are means over them, with 95 % intervals. Models,
    crossings and decisions are those of the first.
    """

    every: tuple[Learned, ...]
    """What was learned, by replication."""
    sites_of_every: tuple[tuple[SiteData, ...], ...]
    """The sites' labelled cores, by replication."""
    run: Run
    subject: Subject
    """What was learned about."""

    def __repr__(self) -> str:
        what = f"{self.learned.learner.word}, {self.learned.target.name} as known on day {self.learned.day:g}"
        return f"<Learning from {self.run.scenario.name}: {what}, replications {len(self.every)}>"

    @property
    def learned(self) -> Learned:
        """What was learned in the first replication."""
        return self.every[0]

    @property
    def sites(self) -> tuple[SiteData, ...]:
        """The sites' labelled cores in the first replication."""
        return self.sites_of_every[0]

    @property
    def scores(self) -> dict[str, Any]:
        """How well each model does on cores whose outcome came after the training: alone, federated, pooled, metric."""
        return means([learned.scores(sites) for learned, sites in self._pairs])

    @cached_property
    def figures(self) -> pd.DataFrame:
        """All figures of all models: columns on, model, figure, value, ci_low, ci_high, unit.

        on: `all` for what all sites came to know later, or the site on whose own later rows the model is scored.
        """
        import pandas as pd

        rows = [row._asdict() for row in (*self.on_all, *self.on_own)]
        return pd.DataFrame(rows, columns=["on", "model", "figure", "value", "ci_low", "ci_high", "unit"])

    @property
    def on_all(self) -> Rows:
        """Figures on the later cores of all sites."""
        return on_all(self._details, self.learned)

    @property
    def on_own(self) -> Rows:
        """Figures on each site's own later cores."""
        return on_own(self._details, self.learned)

    @property
    def gains(self) -> Rows:
        """By site, what the common model is better than the site's own, on the site's own later cores; paired."""
        return gains(self._details, self.scores["metric"])

    @property
    def alone(self) -> Mapping[str, FloatArray]:
        """Weights of each site's own model; of a linear one the intercept comes first."""
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
        """Who can read what, and what is released, in one sentence."""
        return self.learned.statement

    @property
    def apart(self) -> tuple[str, ...]:
        """Parties that hold outcomes too, but no features in common with the sites: they do not take part."""
        parties = sorted(self.run.scenario.parties.items())
        is_site = self.subject.is_site
        return tuple(name for name, party in parties if party.role in FEATURES_OF and not is_site(party))

    @property
    def crossings(self) -> pd.DataFrame:
        """What crossed a border for it, in the columns of `Run.crossings`."""
        import pandas as pd

        rows = [asdict(crossing) for crossing in self.learned.crossings]
        return pd.DataFrame([{**row, "readable_by": ", ".join(row["readable_by"])} for row in rows])

    @property
    def releases(self) -> pd.DataFrame:
        """What others than its owner came to know: day, what, parties, known_to, round, numbers."""
        import pandas as pd

        rows = [asdict(release) for release in self.learned.releases]
        words = ("parties", "known_to")
        return pd.DataFrame([{**row, **{word: ", ".join(row[word]) for word in words}} for row in rows])

    @property
    def decide(self) -> dict[str, Policy]:
        """The models as decisions: `lt.run(scenario, decide=learned.decide)`. Raises UserError where nobody decides."""
        if self.subject is not CORES:
            raise UserError(f"learn: nobody decides by what was learned about {self.subject.noun}s")
        return {"dismantler.disposition": self._judged.policy}

    def summary(self) -> dict[str, Any]:
        """All of it as one JSON document: what `looptwin learn --json` prints."""
        learned, crossed = self.learned, self.learned.crossings
        learning = {
            **self.scores,
            "intervals": intervals([one.scores(sites) for one, sites in self._pairs]),
            "learner": learned.learner.word,
            "target": learned.target.name,
            "about": f"{self.subject.noun}s",
            "day": learned.day,
            "labels": dict(learned.labels),
            "left_out": list(learned.left_out),
            "apart": list(self.apart),
            "grid_error": max((one.grid_error or 0.0 for one in self.every), default=0.0),
            "on_all": [row._asdict() for row in self.on_all],
            "on_own": [row._asdict() for row in self.on_own],
            "gains": [row._asdict() for row in self.gains],
        }
        return {
            "scenario": self.run.scenario.name,
            "seed": self.run.seed,
            "replications": len(self.every),
            "digest": self.run.digest,
            "learning": learning,
            "crossings": {"rows": len(crossed), "bytes": sum(one.bytes for one in crossed)},
            "releases": {
                "sums": len(learned.releases),
                "numbers": sum(one.numbers for one in learned.releases),
                "epsilon": None,
            },
            "statement": learned.statement,
        }

    @property
    def _pairs(self) -> list[tuple[Learned, tuple[SiteData, ...]]]:
        return list(zip(self.every, self.sites_of_every, strict=True))

    @cached_property
    def _details(self) -> list[Any]:
        return [learned.details(sites) for learned, sites in self._pairs]

    @cached_property
    def _judged(self) -> Collaborated:
        """The models with their judge, which takes seconds to train and is not needed for scores."""
        from looptwin.collaborate import judge_seed, judged

        try:
            return judged(self.learned, self.run.scenario, judge_seed(self.run.seed, 0))
        except ValueError as refused:
            raise UserError(f"learn: {refused}") from refused


def learn(
    run: Run,
    mode: str | None = None,
    *,
    learner: str | None = None,
    until_day: float | None = None,
    processes: bool = False,
) -> Learning:
    """Train on what the sites of a run knew by a day, under a protection.

    A site is a party that holds features and outcomes of cores, or else records of the parts that it made; those give
    numbers only, so `linear` is then the default. mode: a word of `collaboration.protection`; learner: one of
    `collaboration.learner`; both default to the scenario's. until_day: default the scenario's training day.
    processes: give each site and the coordinator a process of its own, under threshold; the models are the same. Each
    replication is learned from on its own. Raises UserError for a word, a day or a run that does not fit, RunFailed
    naming the site whose process ended or hung.
    """
    collaboration = _collaboration(run, mode, learner, until_day)
    subject = subject_of(run.scenario.parties.values())
    if subject is None:
        raise UserError(f"{run.scenario.name}: no dismantlers and no factories, so nobody learns{_hint(run)}")
    if subject.kind is None:
        collaboration = replace(collaboration, learner=_of_numbers(learner, subject))
    sites = [_sites(run, subject, collaboration.learner, number) for number in range(len(run.replications))]
    every = [_trained(run, one, collaboration, number, processes) for number, one in enumerate(sites)]
    return Learning(tuple(every), tuple(sites), run, subject)


def _hint(run: Run) -> str:
    return "" if run.scenario.regression is None else "; what its regression found stands in the run"


def _of_numbers(learner: str | None, subject: Subject) -> Literal["linear"]:
    if learner in (None, "linear"):
        return "linear"
    raise UserError(f"learn: {learner} learns 0 or 1, and {subject.number.name} is a number; take learner 'linear'")


def _trained(
    run: Run,
    sites: tuple[SiteData, ...],
    collaboration: Collaboration,
    replication: int,
    processes: bool,
) -> Learned:
    from learning.faults import ProtectionError
    from learning.loopback.faults import LostError
    from learning.rounds import in_one_process, train
    from looptwin.collaborate import judge_seed

    day = collaboration.training_day(run.scenario.time.horizon_days)
    conduct = _in_processes() if processes else in_one_process
    place = f", replication {replication}" if len(run.replications) > 1 else ""
    try:
        return train(sites, collaboration, day, seed=judge_seed(run.seed, replication), conduct=conduct)
    except LostError as lost:
        raise RunFailed(f"learn{place}: {lost}") from lost
    except (ProtectionError, ValueError) as refused:
        raise UserError(f"learn{place}: {refused}") from refused


def _in_processes() -> Conduct:
    from learning.loopback.federation import in_processes

    return in_processes


def _collaboration(run: Run, mode: str | None, learner: str | None, until_day: float | None) -> Collaboration:
    _refuse_unknown(mode=("protection", mode), learner=("learner", learner))
    changed = replace(run.scenario.collaboration, mode="federated")
    changed = changed if mode is None else replace(changed, protection=mode)  # type: ignore[arg-type]
    changed = changed if learner is None else replace(changed, learner=learner)  # type: ignore[arg-type]
    if until_day is None:
        return changed
    horizon = run.scenario.time.horizon_days
    if not (math.isfinite(until_day) and 0.0 < until_day <= horizon):
        raise UserError(f"learn: until_day must be above 0 and at most the run's {horizon:g} days, got {until_day}")
    return replace(changed, train_until_days=until_day)


def _refuse_unknown(**given: tuple[str, str | None]) -> None:
    """Raise UserError for a word that its field does not know; given: by argument, the field and the word."""
    from difflib import get_close_matches

    kinds = get_type_hints(Collaboration)
    for argument, (field, word) in given.items():
        words = get_args(kinds[field])
        if word is not None and word not in words:
            near = get_close_matches(str(word), words, 1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            raise UserError(f"learn: {argument} {word!r} is not one of {', '.join(words)}{guess}")


def _sites(run: Run, subject: Subject, learner: str, replication: int) -> tuple[SiteData, ...]:
    from learning.features import standardise

    parties = sorted(run.scenario.parties.items())
    names = [name for name, party in parties if subject.is_site(party)]
    return tuple(standardise(_site(run, name, subject, learner, replication), subject.features) for name in names)


def _site(run: Run, party: str, subject: Subject, learner: str, replication: int) -> SiteData:
    view = held(run, party, replication)
    reports = {
        kind: {str(name): column.to_numpy() for name, column in view[view["kind"] == kind].items()}
        for kind in subject.kinds
    }
    every = run.scenario.parties[party].reports_every_days
    return subject.read(party, reports, every, subject.target(learner))

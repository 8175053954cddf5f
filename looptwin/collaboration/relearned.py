"""What was learned again from a run: models, figures, crossings, releases, and the models as decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from looptwin.collaboration.dataset import FEATURES_OF
from looptwin.collaboration.scores import gains, intervals, means, on_all, on_own
from looptwin.collaboration.subjects import CORES, Subject
from looptwin.errors import UserError
from looptwin.results import Run

if TYPE_CHECKING:
    import pandas as pd

    from learning.arrays import FloatArray
    from learning.features import SiteData
    from learning.inference.answers import Answers
    from learning.learned import Learned
    from looptwin.collaboration.collaborate import Collaborated
    from looptwin.collaboration.private_scores import Scored
    from looptwin.collaboration.scores import Rows
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
    answers: Answers
    """What was told of the models by `score_privately`, over all calls."""
    seen: tuple[int, ...]
    """How many cores the sites reported, with an outcome or without, in each replication."""

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
        """By site, what the common model is better than the site's own, on its own later rows and on all; paired."""
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

    def score_privately(self, features: Mapping[str, Any], *, asker: str, **how: Any) -> Scored:
        """Score cores of `asker` on a model that it does not see, by a holder that sees no core.

        features: a column of numbers, in its own unit, for each feature of the model; a table of `lt.dataset` will do,
        and for parts the rows of kind `made` in a factory's view.
        how: `modeller`, `tell`, `way` and `at` of `looptwin.collaboration.private_scores.Asked`. By default the asker
        learns of each core whether the common model gives it a chance of one half. Every answer counts against
        `answers` of `lt.learn`, as long as this object lives and whoever asks. Raises UserError for what does not fit,
        and where too little is left to tell.
        """
        from looptwin.collaboration.private_scores import Asked, scored

        try:
            asked = Asked(asker=asker, **how)
        except TypeError as refused:
            raise UserError(f"score_privately: {refused}") from refused
        return scored(self.learned, features, asked, self.subject.features, self.answers)

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
            "scored_on": list(self.later),
            "never_known": list(self.never_known),
            "unsettled": list(learned.unsettled),
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
    def later(self) -> tuple[int, ...]:
        """How many later rows the models are scored on, in each replication."""
        return tuple(details["on_all"]["cores"] for details in self._details)

    @property
    def never_known(self) -> tuple[int, ...]:
        """How many rows that the sites reported have no label when the run ends: none of them is in any score."""
        return tuple(seen - sum(map(len, sites)) for seen, sites in zip(self.seen, self.sites_of_every, strict=True))

    @property
    def _pairs(self) -> list[tuple[Learned, tuple[SiteData, ...]]]:
        return list(zip(self.every, self.sites_of_every, strict=True))

    @cached_property
    def _details(self) -> list[Any]:
        return [learned.details(sites) for learned, sites in self._pairs]

    @cached_property
    def _judged(self) -> Collaborated:
        """The models with their judge, which takes seconds to train and is not needed for scores."""
        from looptwin.collaboration.collaborate import judge_seed, judged

        try:
            return judged(self.learned, self.run.scenario, judge_seed(self.run.seed, 0))
        except ValueError as refused:
            raise UserError(f"learn: {refused}") from refused

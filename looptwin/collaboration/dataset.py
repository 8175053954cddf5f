"""Features and labels of one party, as known at each time: what a data scientist starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from looptwin.errors import UserError
from looptwin.results import Run
from sim.parties.reports import TABLES, WORDS
from sim.views import SEES, known_days, up_to_date

if TYPE_CHECKING:
    import pandas as pd

FEATURES_OF = {"dismantler": "visual", "remanufacturer": "teardown"}
"""The report whose numbers are the features, by role; both roles get outcomes back."""

LEARNED_FROM = (*FEATURES_OF.values(), "outcome", "made")
"""Kinds of report that something is learned from."""

KEYS = ["unit", "life"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Cores of one party, a row each, in order of the day on which the features were known.

    table: columns unit, life, day, the features, known_at_day, the day on which the outcome came back (inf: never
    within the run), label (1 profitable, 0 not, nan not known within the run) and margin, what the core earned as it
    was reported, EUR. A core can come more than once: unit and life name it.
    """

    party: str
    features: tuple[str, ...]
    table: pd.DataFrame

    def train(self, until_day: float) -> pd.DataFrame:
        """Rows whose label was known by a day: all that a learner could have used then."""
        return self.table[self.table["known_at_day"] <= until_day]

    def test(self, after_day: float) -> pd.DataFrame:
        """Rows that were seen after a day and whose label came in the end: what a model of that day is judged on."""
        known = self.table["label"].notna()
        return self.table[(self.table["day"] > after_day) & known]


def dataset(run: Run, party: str, *, replication: int = 0) -> Dataset:
    """Return features and labels of a party out of its own view.

    replication: which of the run's. Raises UserError for a party without outcomes, for a replication that the run does
    not have, and for one that kept counters only.
    """
    import numpy as np

    role = _role(run, party)
    if role not in FEATURES_OF:
        raise UserError(f"{party!r} is a {role}, and outcomes come back to: {', '.join(sorted(FEATURES_OF))}")
    report = FEATURES_OF[role]
    numbers = tuple(name for name in TABLES[report] if name not in WORDS)
    if not 0 <= replication < len(run.replications):
        raise UserError(f"dataset: the run has {len(run.replications)} replications, counted from 0, not {replication}")
    view = held(run, party, replication)
    seen = view.loc[view["kind"] == report, [*KEYS, "day", *numbers]]
    told = view.loc[view["kind"] == "outcome", [*KEYS, "day", "profitable", "margin"]]
    told = told.rename(columns={"day": "known_at_day", "profitable": "label"})
    every = run.scenario.parties[party].reports_every_days
    seen["day"] = known_days(seen["day"].to_numpy(), every)
    told["known_at_day"] = known_days(told["known_at_day"].to_numpy(), every)
    table = seen.merge(told, on=KEYS, how="left", validate="one_to_one").astype({"life": np.int64})
    table["known_at_day"] = table["known_at_day"].fillna(np.inf)
    return Dataset(party, numbers, table.sort_values(["day", *KEYS], ignore_index=True))


def held(run: Run, party: str, replication: int = 0) -> pd.DataFrame:
    """Return the reports that a party holds at the end of a replication, in order of time, by `kind`.

    Of the first replication the whole view is kept; of another one the reports are, and what a party sees of them is
    cut out here as `sim.views` cuts it. Raises UserError for a run that kept counters only.
    """
    try:
        if replication == 0:
            view = run.view(party)
            return view[view["replication"] == 0] if "replication" in view else view
        return reports(run, party, replication)
    except KeyError as missing:
        raise UserError(f"{run.scenario.name}: {missing.args[0]}") from missing


def reports(run: Run, party: str, replication: int) -> pd.DataFrame:
    """Return what a party sees of the reports to learn from at the end of any replication, by `kind`."""
    import pandas as pd

    config = run.scenario.parties[party]
    end = up_to_date(run.scenario.time.horizon_days, config.reports_every_days)
    seen = {kind: run.table_of(kind, replication) for kind in LEARNED_FROM if kind in SEES[config.role]}
    own = [rows[(rows["party"] == party) & (rows["day"] < end)].assign(kind=kind) for kind, rows in seen.items()]
    return pd.concat(own, ignore_index=True)


def _role(run: Run, party: str) -> str:
    if party in run.scenario.parties:
        return run.scenario.parties[party].role
    from difflib import get_close_matches

    near = get_close_matches(party, run.parties, 1)
    guess = f"; did you mean {near[0]!r}?" if near else ""
    raise UserError(f"no party named {party!r}; there are: {', '.join(run.parties) or 'none'}{guess}")

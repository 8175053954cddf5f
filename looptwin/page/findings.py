"""What a run's tables show of learning and deciding: labels, scores, verdicts, decisions and their outcomes, crossings.

Reads what parties hold and reported, never the truth: a table with a hidden column is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from looptwin.words.wording import DECIDED_BY
from sim.parties.config import Dismantler

if TYPE_CHECKING:
    import pandas as pd

    from looptwin.results import Run

HIDDEN = "true_"
"""How the names of columns begin that no page, command or picture may show."""


class HiddenColumnError(PermissionError):
    """Somebody asked to show a table that holds hidden state."""


def tables(run: Run, name: str) -> Iterator[pd.DataFrame]:
    """Give a table of each replication. Raises KeyError where it was not kept, HiddenColumnError for hidden state."""
    for replication in run.replications:
        if name not in replication.digests:
            raise KeyError(f"this run has no table {name!r}")
        frame = replication.table(name).to_pandas()
        hidden = [column for column in frame.columns if str(column).startswith(HIDDEN)]
        if hidden:
            raise HiddenColumnError(f"table {name!r} is not to be shown: it holds {', '.join(hidden)}")
        yield frame


def has(run: Run, name: str) -> bool:
    """Whether every replication kept this table."""
    return all(name in replication.digests for replication in run.replications)


def training_day(run: Run) -> float | None:
    """Return the day from which a training's result, or the oracle, decides; None where nobody takes over."""
    scenario = run.scenario
    if scenario.collaboration.mode == "none" or not scenario.parties:
        return None
    return scenario.collaboration.training_day(scenario.time.horizon_days)


class Learner(NamedTuple):
    """One model of the comparison: its labels, and its score on later cores; means over replications."""

    name: str
    labels: float | None
    score: float | None


def learners(run: Run) -> list[Learner]:
    """Return each site alone, the federation and the pooled yardstick; nothing where nobody learned."""
    facts = [replication.facts["learning"] for replication in run.replications if "learning" in replication.facts]
    if not facts:
        return []
    known = _labels(run)
    sites = sorted({party for one in facts for party in one["alone"]})
    rows = [Learner(party, known.get(party), _mean([one["alone"].get(party) for one in facts])) for party in sites]
    everybody = sum(known.values()) if known else None
    common = [Learner(word, everybody, _mean([one[word] for one in facts])) for word in ("federated", "pooled")]
    return rows + [one for one in common if one.score is not None]


def _labels(run: Run) -> dict[str, float]:
    """Return by site how many outcomes were known on the day of training; empty for a run that kept counters only."""
    day = training_day(run)
    sites = [name for name, party in run.scenario.parties.items() if isinstance(party, Dismantler)]
    if day is None or not has(run, "outcome"):
        return {}
    frames = list(tables(run, "outcome"))
    return {
        site: sum(int(((frame.party == site) & (frame.day <= day)).sum()) for frame in frames) / len(frames)
        for site in sites
    }


def _mean(values: list[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return sum(found) / len(found) if found else None


class Judged(NamedTuple):
    """Predictions at one party and what the judge said of them, in all replications."""

    party: str
    verified: int
    unverified: int


def verdicts(run: Run) -> tuple[list[Judged], float | None]:
    """Return the verdicts by party, and the false-alarm rate that the judge was held to; None without a judge."""
    facts = [replication.facts["verdicts"] for replication in run.replications if "verdicts" in replication.facts]
    if not facts:
        return [], None
    parties = sorted({party for one in facts for party in one["predictions"]})
    counts = {
        (party, word): sum(one["predictions"].get(party, {}).get(word, 0) for one in facts)
        for party in parties
        for word in ("verified", "unverified")
    }
    judged = [Judged(party, counts[party, "verified"], counts[party, "unverified"]) for party in parties]
    return judged, facts[0]["false_alarm_rate"]


@dataclass(frozen=True)
class Decided:
    """Dispositions of one kind, taken by one hand before or after the takeover, and what became of the cores.

    cores: how many. known: how many of them have an outcome by the end. profitable: share of those. margin: mean
    reported margin of those, EUR. Both are None while none is known. All replications together.
    """

    later: bool
    by: str
    answer: str
    cores: int
    known: int
    profitable: float | None
    margin: float | None


def dispositions(run: Run) -> list[Decided]:
    """Return who decided about cores, and how it turned out. Raises KeyError for a run that kept counters only."""
    import pandas as pd

    day = training_day(run)
    frames = [_with_outcome(*pair) for pair in zip(tables(run, "decisions"), tables(run, "outcome"), strict=True)]
    rows = pd.concat(frames, ignore_index=True)
    later = rows.day >= day if day is not None else pd.Series(data=False, index=rows.index)
    rows = rows.assign(later=later, hand=rows.by.map(lambda by: DECIDED_BY.get(by, by)))
    found = []
    for (is_later, by, answer), group in rows.groupby(["later", "hand", "answer"], sort=True):
        known = group[group.margin.notna()]
        share, margin = (known.profitable.mean(), known.margin.mean()) if len(known) else (None, None)
        found.append(Decided(bool(is_later), str(by), str(answer), len(group), len(known), share, margin))
    return found


def _with_outcome(decisions: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the dispositions with the outcome that came back to whoever decided; to hold a core is none yet."""
    ours = decisions[(decisions.decision == "dismantler.disposition") & (decisions.answer != "hold")]
    told = outcomes[["unit", "life", "party", "margin", "profitable"]]
    return ours.merge(told, on=["unit", "life", "party"], how="left", validate="one_to_one")


class Crossed(NamedTuple):
    """What crossed a border for one purpose, in all replications."""

    sender: str
    receiver: str
    purpose: str
    form: str
    rows: int
    bytes: int
    readable_by: str
    content: str


def crossings(run: Run) -> list[Crossed]:
    """Return what crossed borders, grouped by sender, receiver, purpose and form."""
    import pandas as pd

    rows = pd.concat(list(tables(run, "crossings")), ignore_index=True)
    keys = ["sender", "receiver", "purpose", "clear_or_cipher", "readable_by", "content"]
    found = []
    for words, group in rows.groupby(keys, sort=False):
        sender, receiver, purpose, form, readers, content = map(str, words)
        found.append(Crossed(sender, receiver, purpose, form, len(group), int(group.bytes.sum()), readers, content))
    return found

"""What a run came to: figures and tables of all its replications, in memory or in a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from looptwin.collaboration.scores import intervals, means
from looptwin.folder import save
from looptwin.kpis import kpis_of
from looptwin.replications.replicate import run_digest
from looptwin.replications.shards import Replication
from scenarios.assumptions import count
from scenarios.scenario import Scenario
from scenarios.schedule import unreached

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Run:
    """A finished run. Tables are pandas; with several replications they carry the column `replication`.

    scenario, seed: what was run. replications: one finished replication each, in order. folder: where it is kept.
    """

    scenario: Scenario
    seed: int
    replications: tuple[Replication, ...]
    folder: Path | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        kept = f", kept in {self.folder}" if self.folder is not None else ""
        return f"<Run of {self.scenario.name}: seed {self.seed}, replications {len(self.replications)}{kept}>"

    @property
    def kpis(self) -> pd.DataFrame:
        """Figures by name: columns value and unit; with several replications also mean, ci_low, ci_high (95 %)."""
        import pandas as pd

        kpis = kpis_of(self.replications)
        columns = ["value", "unit"] if len(self.replications) == 1 else ["value", "unit", "mean", "ci_low", "ci_high"]
        return pd.DataFrame([*kpis.values()], index=pd.Index([*kpis], name="kpi"))[columns]

    @property
    def events(self) -> pd.DataFrame:
        """What happened: day, unit, origin, block, event, party. Nothing hidden."""
        return self.table("events")

    @property
    def truth(self) -> pd.DataFrame:
        """Hidden state of each removed unit, for the twin's owner: columns `true_<quantity>`."""
        return self.table("truth")

    @property
    def crossings(self) -> pd.DataFrame:
        """All that crossed a party's border: sender, receiver, purpose, clear or cipher, bytes, who could read it."""
        return self.table("crossings")

    @property
    def parties(self) -> tuple[str, ...]:
        """Names of the parties, in order."""
        return tuple(sorted(self.scenario.parties))

    def view(self, party: str) -> pd.DataFrame:
        """What a party holds: its events, reports, payments and the outcomes that came back.

        Of the first replication. Raises KeyError for a party that is not there.
        """
        if party not in self.scenario.parties:
            raise KeyError(f"no party named {party!r}; there are: {', '.join(self.parties) or 'none'}")
        return _frame(self.replications[0], f"view_{party}")

    def table(self, name: str) -> pd.DataFrame:
        """A table by name, of all replications. Raises KeyError when the run has no such table."""
        import pandas as pd

        frames = [_frame(replication, name) for replication in self.replications]
        if len(frames) == 1:
            return frames[0]
        numbered = [frame.assign(replication=number) for number, frame in enumerate(frames)]
        return pd.concat(numbered, ignore_index=True)

    def table_of(self, name: str, replication: int) -> pd.DataFrame:
        """A table by name, of one replication. Raises KeyError when it has no such table."""
        return _frame(self.replications[replication], name)

    @cached_property
    def digest(self) -> str:
        """Names and values of events and KPIs of all replications, in hexadecimal; never bytes of files or clocks."""
        return run_digest(self.replications)

    @property
    def assumptions(self) -> dict[str, int]:
        """How many of the scenario's numbers have no source, and how many there are."""
        without, all_of_them = count(self.scenario)
        return {"count": without, "of": all_of_them}

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was learned and judged in the first replication."""
        return self.replications[0].facts

    def save(self, path: str | Path) -> Path:
        """Write the run to a new or empty folder, or to the folder of this very run; return the folder."""
        return save(self.scenario, self.replications, Path(path))

    def summary(self) -> dict[str, Any]:
        """The run as one JSON document: what `looptwin run --json` prints."""
        document: dict[str, Any] = {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "replications": len(self.replications),
            "digest": self.digest,
            "kpis": kpis_of(self.replications),
            "assumptions": self.assumptions,
        }
        late = unreached(self.scenario)
        if late:
            document["unreached"] = [one._asdict() for one in late]
        if self.scenario.parties:
            document["collaboration"] = self.scenario.collaboration.mode
        facts = (
            "disruptions",
            "standing",
            "learning",
            "regression",
            "verdicts",
            "crossings",
            "releases",
            "statement",
            "hidden_world",
        )
        found = {name: self.facts[name] for name in facts if name in self.facts}
        return document | found | _learning(self.replications)


def _learning(replications: Sequence[Replication]) -> dict[str, Any]:
    """Return `learning` with means and intervals where every one of several replications learned."""
    every = [one.facts["learning"] for one in replications if "learning" in one.facts]
    if len(every) < 2 or len(every) < len(replications):
        return {}
    return {"learning": {**every[0], **means(every), "intervals": intervals(every)}}


def _frame(replication: Replication, name: str) -> pd.DataFrame:
    if name not in replication.digests:
        raise KeyError(f"this run has no table {name!r}; it keeps: {', '.join(sorted(replication.digests))}")
    frame: pd.DataFrame = replication.table(name).to_pandas()
    return frame

"""The rows of a factory stay with it: what a study of five factories shows to others holds none of them.

Every number of every record is looked for in all that a run shows: views, crossings, the document, the page and every
file of its folder. It may stand in the table of records, which is the factories' own, and in its factory's view.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import looptwin as lt
from learning.regression.columns import ENERGY, MACHINING
from tests.contracts.leaks import Hidden, Shown, is_unmistakable, leaks, shown

MEASURED = tuple(name for name in (*MACHINING, ENERGY) if name != "material")
"""Columns of a record that are no small whole numbers, as many others are."""


def records(run: lt.Run, party: str) -> Hidden:
    """Every measured number of a factory's records, to the name of its column."""
    view = run.view(party)
    own = view[view.kind == "made"]
    return {float(value): f"{party} {name}" for name in MEASURED for value in own[name]}


def others(found: Shown, party: str) -> Shown:
    """What is shown anywhere but in the table of records and in the factory's own view."""
    own = {f"view_{party}", "made", f"views/{party}.parquet", f"view_{party}.parquet", "made.parquet"}

    def is_own(place: str) -> bool:
        table = place.rpartition("/")[0]
        return table in own or (table.startswith("replications/") and table.rpartition("/")[2] in own)

    return Shown(
        {place: values for place, values in found.numbers.items() if not is_own(place)},
        {place: text for place, text in found.words.items() if not is_own(place)},
    )


@pytest.fixture(scope="module")
def run() -> lt.Run:
    return lt.run(lt.load("five-factories").override({"regression.data": "stations"}))


@pytest.fixture(scope="module")
def found(run: lt.Run, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """All that the run shows, its folder and its page among it."""
    return shown(run, folder=tmp_path_factory.mktemp("kept") / "run")


def test_everything_was_looked_at(run: lt.Run, found: Shown) -> None:
    assert {"page", "kpis.csv", "kpis.json", "scenario.yaml", "manifest.json"} <= found.words.keys()
    assert {"crossings/bytes", "view_factory_1/energy_kj", "views/factory_5.parquet/air_kj"} <= found.numbers.keys()
    assert sum(len(records(run, party)) for party in run.parties) > 2050 * 6
    for party in run.parties:
        assert is_unmistakable(records(run, party))


@pytest.mark.parametrize("party", [f"factory_{number}" for number in range(1, 6)])
def test_no_number_of_a_record_stands_where_others_look(run: lt.Run, found: Shown, party: str) -> None:
    assert leaks(others(found, party), records(run, party)) == []


def test_the_records_are_found_where_they_are(run: lt.Run, found: Shown) -> None:
    """Otherwise the search would look for something else."""
    told = leaks(found, records(run, "factory_2"))

    assert any(line.startswith("view_factory_2/energy_kj") for line in told)
    assert any(line.startswith("made/diameter_mm") for line in told)


def test_a_number_that_got_out_would_be_found(run: lt.Run, found: Shown) -> None:
    hidden = records(run, "factory_3")
    number = next(iter(hidden))
    leaky = Shown(
        {**found.numbers, "view_factory_1/energy_kj": np.array([1.0, number])},
        {**found.words, "page": f"<td>{number!r}"},
    )

    assert {line.partition(":")[0] for line in leaks(others(leaky, "factory_3"), hidden)} == {
        "view_factory_1/energy_kj",
        "page",
    }


def test_only_sums_under_encryption_and_ranges_cross_a_border(run: lt.Run) -> None:
    crossed = run.crossings
    told = crossed[crossed.content.str.contains("features|column")]

    assert set(told[told.clear_or_cipher == "clear"].purpose) == {"range"}
    assert set(told[told.clear_or_cipher == "cipher"].purpose) >= {"update"}
    assert "rows" not in set(crossed.purpose)


def test_the_tables_of_a_user_are_shown_nowhere(tmp_path: Path) -> None:
    luck = np.random.Generator(np.random.Philox(5)).normal(size=(2, 40, 3))
    hidden = {float(value): "cell" for value in luck.ravel()}
    files = {}
    for party, rows in zip(("east", "west"), luck.tolist(), strict=True):
        lines = ["a,b,y", *(",".join(map(repr, row)) for row in rows), ""]
        (tmp_path / f"{party}.csv").write_text("\n".join(lines), encoding="utf-8")
        files[party] = f"{party}.csv"
    text = (
        "looptwin: 1\nname: own\ntime: {horizon_days: 1}\nregression:\n  data: csv\n"
        f"  files: {{east: {files['east']}, west: {files['west']}}}\n"
        "  target: y\n  features: [a, b]\n  models: [LR]\ncollaboration: {protection: threshold}\n"
    )
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    found = shown(lt.run(tmp_path / "own.yaml"), folder=tmp_path / "kept")

    assert is_unmistakable(hidden)
    assert leaks(found, hidden) == []

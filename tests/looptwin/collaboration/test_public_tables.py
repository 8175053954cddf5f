"""Public tables split into parties: the page's own scenarios, against NumPy's least squares on all rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import looptwin as lt
from looptwin.collaboration.party_tables import party_rows

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"
PAGE = (ROOT / "docs" / "your-own-regression.md").read_text(encoding="utf-8")
STEEL = DATA / "steel_industry_energy" / "Steel_industry_data.csv"
SHAFTS = DATA / "aisi12l14_turning" / "data.csv"

pytestmark = pytest.mark.skipif(not STEEL.exists(), reason="the public tables lie beside the repository")


def study(name: str, file: Path, folder: Path) -> tuple[lt.Scenario, dict[str, Any]]:
    """The page's scenario of this name with its file, and the study of it."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (text,) = (block for block in blocks if f"name: {name}\n" in block)
    path = folder / f"{name}.yaml"
    path.write_text(text.replace(file.name, str(file)), encoding="utf-8")
    scenario = lt.load(path)
    return scenario, lt.run(scenario).facts["regression"]


def least_squares(scenario: lt.Scenario, *, of_logarithm: bool = False) -> float:
    """R2 of all rows in one place, by NumPy."""
    read = party_rows(scenario)
    assert read is not None
    x = np.vstack([np.column_stack([np.ones(len(site)), site.x]) for site in read.rows])
    y = np.concatenate([site.y for site in read.rows])
    y = np.log(y) if of_logarithm else y
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(1.0 - rest @ rest / np.sum((y - y.mean()) ** 2))


def test_a_plant_split_by_days_of_the_week_gives_the_fit_of_all_rows(tmp_path: Path) -> None:
    scenario, found = study("steel", STEEL, tmp_path)
    metrics = found["encrypted"]["LR"]
    days = [f"plant_{day}" for day in ("Friday", "Monday", "Saturday", "Sunday", "Thursday", "Tuesday", "Wednesday")]

    assert metrics["rows"] == 35_040
    assert metrics["r2"] == pytest.approx(least_squares(scenario), rel=1e-6)
    assert found["largest_difference"] < 1e-6
    assert list(found["factories"]) == days
    assert f"R2 is {metrics['r2']:.4f} from opened sums" in PAGE
    for day in days:
        assert "'WeekStatus=Weekend' does not vary, so it has no weight" in found["own_remarks"][day]
    assert not [one for one in found["remarks"] if "does not vary" in one]
    assert re.findall(r"'([^']+)'", " ".join(found["remarks"])) == [
        "Leading_Current_Reactive_Power_kVarh",
        "Leading_Current_Power_Factor",
    ]


def test_shafts_split_by_the_wear_of_the_tool_give_the_fit_of_all_rows(tmp_path: Path) -> None:
    scenario, found = study("shafts", SHAFTS, tmp_path)
    plain, logarithm = (found["encrypted"][name]["r2"] for name in ("LR", "TM-T 0"))

    assert found["encrypted"]["LR"]["rows"] == 2_448
    assert plain == pytest.approx(least_squares(scenario), rel=1e-6)
    assert logarithm == pytest.approx(least_squares(scenario, of_logarithm=True), rel=1e-6)
    assert f"R2 is {plain:.4f} for roughness and {logarithm:.4f} for its logarithm" in PAGE
    by_place = lt.run(scenario.override({"regression.split_by": "P"})).facts["regression"]
    assert by_place["factories"]["lathe_Live_centre"]["TM-T 0"]["r2"] == pytest.approx(0.55, abs=0.005)
    assert found["own_remarks"] == {
        party: ["'VB=Worn' does not vary, so it has no weight"] for party in ("lathe_New", "lathe_Worn")
    }


@pytest.mark.parametrize(("mode", "promise"), [("statistics", 1e-6), ("outsourced", 1e-4), ("prediction", 1e-6)])
def test_every_mode_keeps_its_promise_on_a_table_with_categories(tmp_path: Path, mode: str, promise: float) -> None:
    scenario, _ = study("shafts", SHAFTS, tmp_path)
    found = lt.run(scenario.override({"regression.mode": mode})).facts["regression"]

    assert found["largest_weight_difference"] <= promise
    assert found["encrypted"]["LR"]["r2"] == pytest.approx(least_squares(scenario), rel=promise)


def test_rows_that_stay_encrypted_give_the_same_fit_within_the_promise(tmp_path: Path) -> None:
    for name, file in (("steel", STEEL), ("shafts", SHAFTS)):
        scenario, plain = study(name, file, tmp_path)
        found = lt.run(scenario.override({"regression.mode": "outsourced"})).facts["regression"]

        assert found["largest_weight_difference"] <= 1e-4
        assert found["encrypted"]["LR"]["r2"] == pytest.approx(plain["encrypted"]["LR"]["r2"], abs=1e-6)

"""Tables of one's own, one per party: what is read, what is refused and where, and that nothing of them is kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import looptwin as lt
from looptwin.collaboration.party_tables import PartyRows, party_rows
from looptwin.errors import RunFailed, UserError
from looptwin.words.regression import told
from scenarios.errors import ScenarioError

HEAD = "looptwin: 1\nname: own\ntime: {horizon_days: 1}\ncollaboration: {protection: plain}\nregression:\n  data: csv\n"
TWO = "  files: {north: north.csv, south: south.csv}\n  target: kwh\n  features: [mm, rpm]\n  models: [LR]\n"
NORTH = "mm,rpm,kwh\n1,10,3.5\n2,15,5\n3,12,7\n4,20,9.5\n"
SOUTH = "rpm,kwh,mm,note\n11,4,1.5,late\n14,5.5,2.5,\n19,8.5,3.5,\n"


def scenario(folder: Path, section: str = TWO, **files: str) -> lt.Scenario:
    """A scenario in a folder beside the files that it names."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    path = folder / "own.yaml"
    path.write_text(HEAD + section, encoding="utf-8")
    return lt.load(path)


def read(folder: Path, section: str = TWO, **files: str) -> PartyRows:
    found = party_rows(scenario(folder, section, **files))
    assert found is not None
    return found


def refused(folder: Path, section: str = TWO, **files: str) -> str:
    with pytest.raises(UserError) as error:
        read(folder, section, **files)
    return str(error.value).replace(f"{folder}/", "")


# --- what is read ---


def test_columns_are_found_by_their_headings_in_any_order_and_others_are_left_alone(tmp_path: Path) -> None:
    north, south = read(tmp_path, north=NORTH, south=SOUTH).rows

    assert (north.party, south.party) == ("north", "south")
    assert north.names == south.names == ("mm", "rpm")
    assert south.x.tolist() == [[1.5, 11.0], [2.5, 14.0], [3.5, 19.0]]
    assert south.y.tolist() == [4.0, 5.5, 8.5]
    assert north.target == "kwh"


def test_each_file_may_be_written_in_its_own_way(tmp_path: Path) -> None:
    semicolons = "mm;rpm;kwh\n1,5;11;4,0\n2,5;14;5,5\n3,5;19;8,5\n"
    plain, other = (read(tmp_path, north=NORTH, south=text).rows[1] for text in (SOUTH, semicolons))

    assert (plain.x.tolist(), plain.y.tolist()) == (other.x.tolist(), other.y.tolist())


def test_paths_are_relative_to_the_scenario_file_that_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    made = scenario(tmp_path, north=NORTH, south=SOUTH)
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = party_rows(made)

    assert found is not None
    assert [len(site) for site in found.rows] == [4, 3]


def test_one_file_is_split_by_a_column_into_parties(tmp_path: Path) -> None:
    section = "  files: {plant: all.csv}\n  split_by: shift\n  target: kwh\n  features: [mm]\n  models: [LR]\n"
    rows = "mm,shift,kwh\n1,early one,2\n2,late,3\n3,early one,4\n4,late,7\n5,late,5\n"
    found = read(tmp_path, section, all=rows).rows

    assert [(site.party, site.x[:, 0].tolist()) for site in found] == [
        ("plant_early_one", [1.0, 3.0]),
        ("plant_late", [2.0, 4.0, 5.0]),
    ]


def test_declared_words_become_features_of_nought_and_one(tmp_path: Path) -> None:
    section = TWO.replace("[mm, rpm]", "[mm, tool]") + "  categories: {tool: [new, used, worn]}\n"
    rows = "mm,tool,kwh\n1,new,1\n2,worn,2\n3,used,3\n"
    (north, _) = read(tmp_path, section, north=rows, south=rows).rows

    assert north.names == ("mm", "tool=used", "tool=worn")
    assert north.x.tolist() == [[1.0, 0.0, 0.0], [2.0, 0.0, 1.0], [3.0, 1.0, 0.0]]


def test_a_column_may_be_named_by_its_place(tmp_path: Path) -> None:
    section = TWO.replace("[mm, rpm]", "['#1', '#2']")
    (north, _) = read(tmp_path, section, north=NORTH.replace("mm", "Ï•"), south=NORTH).rows

    assert north.names == ("#1", "#2")
    assert north.x[:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]


def test_rows_with_an_empty_cell_are_left_out_when_that_is_agreed_and_said(tmp_path: Path) -> None:
    gap = NORTH.replace("2,15,5", "2,,5")
    found = read(tmp_path, TWO + "  missing: leave_out\n", north=gap, south=SOUTH)

    assert [len(site) for site in found.rows] == [3, 3]
    assert found.remarks == ("north: 1 row with an empty cell, left out",)


# --- what is refused ---


@pytest.mark.parametrize(
    ("north", "told"),
    [
        (
            NORTH.replace("2,15,5", "2,,5"),
            "north.csv:3: rpm: ''; allowed: a value; `regression.missing: leave_out` leaves out rows without",
        ),
        (NORTH.replace("12", "twelve"), "north.csv:4: rpm: 'twelve'; allowed: a number"),
        (NORTH.replace("12", "inf"), "north.csv:4: rpm: 'inf'; allowed: a number"),
        (
            "mm,rpm,kwh\n1,slow,2\n2,fast,3\n3,slow,4\n",
            (
                "north.csv:2: rpm: 'slow'; allowed: a number; the column holds words (slow, fast): declare them in "
                "order, `regression.categories: {rpm: [...]}`, or leave the column out"
            ),
        ),
        (
            NORTH.replace("rpm", "rmp"),
            "north.csv:1: there is no heading 'rpm'; there are mm, rmp, kwh; did you mean 'rmp'?",
        ),
        (
            "mm,mm,rpm,kwh\n1,1,10,3\n2,2,20,4\n",
            "north.csv:1: the heading 'mm' stands there 2 times; take it by place, #N",
        ),
        ("mm,rpm,kwh\n1,10\n2,20,4\n", "north.csv:2: 2 cells where the headings are 3"),
        ("", "north.csv: there are no rows below a line of headings"),
        ("mm,rpm,kwh\n", "north.csv: there are no rows below a line of headings"),
        (
            "mm,rpm,kwh\n1,10,3\n",
            "north.csv: north has one row; 2 are the least, or the range of its columns is the row",
        ),
    ],
)
def test_what_cannot_be_used_is_told_with_file_row_column_and_value(tmp_path: Path, north: str, told: str) -> None:
    assert refused(tmp_path, north=north, south=SOUTH).startswith(told)


def test_every_bad_cell_is_told_at_once(tmp_path: Path) -> None:
    told = refused(tmp_path, north=NORTH.replace("12", "x").replace("3.5", "y"), south=SOUTH)

    assert told.splitlines() == ["north.csv:2: kwh: 'y'; allowed: a number", "north.csv:4: rpm: 'x'; allowed: a number"]


def test_a_word_that_was_not_declared_is_told_with_those_that_were(tmp_path: Path) -> None:
    section = TWO.replace("[mm, rpm]", "[tool]") + "  categories: {tool: [new, worn]}\n"
    rows = "tool,kwh\nnew,1\nworn,2\nwrn,3\nnew,4\n"

    assert refused(tmp_path, section, north=rows, south=rows) == (
        "north.csv:4: tool: 'wrn'; allowed: one of new, worn, as declared"
    )


def test_files_that_are_not_there_or_there_twice_are_refused(tmp_path: Path) -> None:
    twice = TWO.replace("south.csv", "./north.csv")

    assert refused(tmp_path, north=NORTH) == "regression.files: south.csv: No such file or directory"
    assert "north and south have the same file" in refused(tmp_path, twice, north=NORTH)


def test_two_values_that_would_be_one_party_are_refused(tmp_path: Path) -> None:
    section = "  files: {plant: all.csv}\n  split_by: shift\n  target: kwh\n  features: [mm]\n  models: [LR]\n"

    told = refused(tmp_path, section, all="mm,shift,kwh\n1,a b,2\n2,a_b,3\n3,a b,2\n2,a_b,3\n")
    assert told == "all.csv: shift: 'a_b' and 'a b' would both be plant_a_b"


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (
            "  files: {north: a.csv}\n",
            "files names the tables of two parties or more, or of one that `split_by` splits",
        ),
        (TWO + "  split_by: mm\n", "split_by splits one file, files names 2"),
        (TWO + "  categories: {tool: [a, b]}\n", "categories names 'tool', which is no feature"),
        (TWO + "  categories: {mm: [a, a]}\n", r"categories\.mm names a word twice"),
        (TWO.replace("south:", "2nd:"), "'2nd' is no name: letters, digits"),
        (TWO.replace("south:", "coordinator:"), "'coordinator' is a name that looptwin uses itself"),
        (TWO.replace("south:", "north:"), "north"),
        ("  split_by: mm\n", "split_by splits one file, files names 0"),
        (
            TWO.replace("[LR]", "[LR, DTM]").replace("rpm]", "tool]") + "  categories: {tool: [a, b]}\n",
            "DTM takes powers of features, and a category is 0 or 1: choose LR or TM-T",
        ),
    ],
)
def test_the_section_is_checked_at_the_door(tmp_path: Path, section: str, told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        scenario(tmp_path, section)


def test_files_are_for_csv_only_and_stations_need_factories() -> None:
    five = lt.load("five-factories")
    with pytest.raises(ScenarioError, match="files is for `data: csv`, the data here are of 'fixture'"):
        five.override({"regression.files": {"a": "a.csv"}})
    with pytest.raises(ScenarioError, match="of factories, two or more, and the scenario has none"):
        five.override({"parties": {f"factory_{n}": None for n in range(1, 6)}, "regression.data": "stations"})


def test_a_scenario_is_validated_with_its_tables(tmp_path: Path, typed: Any) -> None:
    scenario(tmp_path, north=NORTH, south=SOUTH)
    right = typed("validate", str(tmp_path / "own.yaml"))
    scenario(tmp_path, north=NORTH.replace("12", "x"), south=SOUTH)
    wrong = typed("validate", str(tmp_path / "own.yaml"))

    assert right[:2] == (0, f"{right[1].splitlines()[0]}\nnorth: 4 rows\nsouth: 3 rows\n")
    assert (wrong[0], wrong[1]) == (2, "")
    assert wrong[2].endswith("north.csv:4: rpm: 'x'; allowed: a number\n")


@given(st.binary(max_size=300) | st.text(alphabet="mrpkwh,;\n\r\t\"'0123456789.-e \0", max_size=300).map(str.encode))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_read_or_refused_in_words(tmp_path: Path, data: bytes) -> None:
    made = scenario(tmp_path, south=SOUTH)
    for content in (data, b"mm,rpm,kwh\n" + data, NORTH.encode() + data):
        (tmp_path / "north.csv").write_bytes(content)
        found, told = None, ""
        try:
            found = party_rows(made)
        except UserError as error:
            told = str(error)
        assert (found is None) == ("north.csv" in told)
        assert found is None or all(np.isfinite(site.x).all() and len(site) >= 2 for site in found.rows)


# --- the study ---


def luck(rows: int, key: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.Generator(np.random.Philox(key)).normal(size=(rows, 3))


def table(rows: int, key: int) -> str:
    drawn = luck(rows, key)
    lines = [f"{mm!r},{rpm!r},{3.0 + 2.0 * mm - rpm + 0.5 * noise!r}" for mm, rpm, noise in drawn.tolist()]
    return "\n".join(["mm,rpm,kwh", *lines, ""])


def test_the_federation_finds_what_least_squares_finds_on_all_rows(tmp_path: Path) -> None:
    made = scenario(tmp_path, north=table(80, 1), south=table(30, 2)).override(
        {"collaboration.protection": "threshold"}
    )
    run = lt.run(made)
    found = party_rows(made)
    assert found is not None
    x = np.vstack([np.column_stack([np.ones(len(site)), site.x]) for site in found.rows])
    y = np.concatenate([site.y for site in found.rows])
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]

    r2 = 1.0 - rest @ rest / np.sum((y - y.mean()) ** 2)
    assert run.kpis.value["regression.lr.r2"] == pytest.approx(r2, rel=1e-6)
    assert run.facts["regression"]["encrypted"]["LR"]["rows"] == 110


def test_no_value_of_a_table_is_in_the_run_folder_or_on_the_page(tmp_path: Path) -> None:
    """But for numbers that the report shows: means, medians and quartiles of a party's target, of its own."""
    made = scenario(tmp_path, north=table(80, 1), south=table(30, 2))
    folder = lt.run(made, out=tmp_path / "kept").folder
    assert folder is not None
    lt.write_page(lt.open_run(folder), folder / "report.html") if hasattr(lt, "write_page") else None
    cells = {
        cell for text in (table(80, 1), table(30, 2)) for line in text.splitlines()[1:] for cell in line.split(",")
    }
    files = [path for path in folder.rglob("*") if path.is_file()]
    texts = [path.read_text(encoding="utf-8") for path in files if path.suffix != ".parquet"]

    assert not [path for path in files if path.stem == "residuals"]
    assert not [cell for cell in cells if any(cell in text for text in texts)]


def test_a_changed_table_is_another_run(tmp_path: Path) -> None:
    made = scenario(tmp_path, north=table(80, 1), south=table(30, 2))
    first = lt.run(made)
    same = lt.run(made)
    (tmp_path / "south.csv").write_text(table(30, 3), encoding="utf-8")
    other = lt.run(made)

    assert first.digest == same.digest
    assert first.replications[0].key == same.replications[0].key
    assert first.replications[0].key != other.replications[0].key
    assert first.digest != other.digest


def test_the_command_tells_a_mistake_in_a_table_in_one_line_and_ends_with_two(tmp_path: Path, typed: Any) -> None:
    scenario(tmp_path, north=NORTH.replace("12", "x"), south=SOUTH)
    status, out, error = typed("run", str(tmp_path / "own.yaml"))

    assert (status, out) == (2, "")
    assert error.endswith("north.csv:4: rpm: 'x'; allowed: a number\n")


def test_a_party_with_no_more_rows_than_weights_is_not_the_best_alone(tmp_path: Path) -> None:
    from looptwin.words.regression import told

    few = lt.run(scenario(tmp_path, north=NORTH, south=SOUTH)).facts["regression"]
    words = next(line for line in told(few).splitlines() if line.startswith("LR ")).split()

    assert few["factories"]["south"]["LR"]["r2"] == pytest.approx(1.0)
    assert words[4] == "north"
    none = lt.run(scenario(tmp_path, north=SOUTH, south=SOUTH.replace("14", "13")))
    assert np.isnan(none.kpis.loc["regression.lr.gain_over_best_alone", "value"])


def test_the_legend_of_stars_stands_only_where_there_is_one(tmp_path: Path) -> None:
    from looptwin.words.regression import told

    found = lt.run(scenario(tmp_path, north=NORTH, south=SOUTH)).facts["regression"]
    starred = told(found)
    assert starred.endswith("\n* not significant at 5 %")
    for one in (found["description"]["all"], *found["description"]["factories"].values()):
        for correlation in one["correlations"].values():
            correlation["significant"] = True
    assert "not significant" not in told(found)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ("1,2,3,4", "5,5,5,5", "regression: LR: over all parties 'kwh' does not vary"),
        ("1,2,3,4", "1e300,2e300,3e300,5e300", "north.csv: 'north': 'kwh' holds a value above 1e+60"),
    ],
)
def test_tables_that_nothing_can_be_said_of_are_refused_in_one_sentence(
    tmp_path: Path, x: str, y: str, said: str
) -> None:
    text = "mm,rpm,kwh\n" + "".join(
        f"{a},{2 * float(a)},{b}\n" for a, b in zip(x.split(","), y.split(","), strict=True)
    )
    with pytest.raises((RunFailed, UserError), match=re.escape(said)):
        lt.run(scenario(tmp_path, north=text, south=text))


def test_features_that_explain_nothing_are_told_without_dividing_by_it(tmp_path: Path) -> None:
    flat = "mm,rpm,kwh\n1,1,3\n1,1,4\n1,1,6\n1,1,9\n"
    run = lt.run(scenario(tmp_path, north=flat, south=flat))
    lines = told(run.facts["regression"])

    assert "LR: the federation explains 0.0 % of the variance" in lines
    assert run.facts["regression"]["largest_difference"] < 1e-6

"""What `make demo` prints: one table, narrow, short, the same every time, with what its figures rest on."""

from __future__ import annotations

from pathlib import Path

import pytest

from looptwin import demo
from looptwin.results import Run
from looptwin.words.wording import shown
from tests.looptwin.short_runs import short


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return demo.three_runs(short({}))


@pytest.fixture
def lines(runs: dict[str, Run]) -> list[str]:
    return list(demo.lines(runs))


def test_the_table_fits_a_terminal_and_a_readme(lines: list[str]) -> None:
    assert max(map(len, lines)) <= 79
    assert len(lines) + 3 <= 40
    assert all(line == line.rstrip() for line in lines)
    assert "\n".join(lines).isascii()


def test_each_figure_stands_in_one_line_for_all_three_modes(lines: list[str], runs: dict[str, Run]) -> None:
    (profit,) = [line for line in lines if line.startswith("Profit of the chain")]
    values = [shown("profit", runs[mode].kpis.loc["profit", "value"], "EUR") for mode in demo.MODES]

    assert profit.split()[-3:] == [value.replace("\N{MINUS SIGN}", "-") for value in values]


def test_what_learning_together_earns_is_the_difference_of_two_worlds_with_the_same_luck(
    lines: list[str], runs: dict[str, Run]
) -> None:
    profit = {mode: runs[mode].replications[0].kpis["profit"].value for mode in demo.MODES}
    (line,) = [line for line in lines if line.startswith("Profit over the rule")]

    assert f"together EUR {round(profit['federated'] - profit['none']):,}," in line
    assert f"by the truth EUR {round(profit['oracle'] - profit['none']):,};" in line


def test_the_three_worlds_are_one_until_the_day_of_training(runs: dict[str, Run]) -> None:
    day = 120.0
    before = [run.events[run.events.day < day].reset_index(drop=True) for run in runs.values()]

    assert before[0].equals(before[1])
    assert before[0].equals(before[2])


def test_assumptions_models_and_the_protection_are_told(lines: list[str], runs: dict[str, Run]) -> None:
    text = "\n".join(lines)
    assumed = runs["federated"].assumptions

    assert f"{assumed['count']} of the {assumed['of']} numbers" in text
    for model in ("north alone", "south alone", "west alone", "federated, encrypted", "pooled, a yardstick"):
        assert model in text
    told = " ".join(text.split())
    assert "any 2 of the 3 parties together can read an update" in told
    assert "(experimental and unaudited)" in text
    assert "no differential privacy is spent on it yet" in told


def test_the_table_is_the_same_again(lines: list[str]) -> None:
    """Lengths of ciphertexts differ from run to run, so they are told to two digits."""
    assert list(demo.lines(demo.three_runs(short({})))) == lines


def test_the_page_and_the_run_are_kept(runs: dict[str, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    first, second = demo.keep(runs["federated"]), demo.keep(runs["federated"])

    assert first == second
    assert first[-1] == "the federated run, to look into: runs/demo"
    assert (tmp_path / "runs" / "demo.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_folder_that_holds_another_run_is_left_alone(
    runs: dict[str, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runs["none"].save(tmp_path / "runs" / "demo")
    manifest = (tmp_path / "runs" / "demo" / "manifest.json").read_bytes()

    told = demo.keep(runs["federated"])

    assert told[-1].startswith("the federated run is not kept: ")
    assert (tmp_path / "runs" / "demo" / "manifest.json").read_bytes() == manifest


def test_a_place_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], runs: dict[str, Run]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "three_runs", lambda scenario: runs)
    (tmp_path / "runs").touch()

    assert demo.main() == 2
    assert capsys.readouterr().err.count("\n") == 1

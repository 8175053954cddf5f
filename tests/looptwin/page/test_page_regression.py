"""The page of a regression: every model and factory, residuals of each, and nothing of a world that there is not."""

from __future__ import annotations

from looptwin.page.page import page
from looptwin.page.regression import Told, told
from looptwin.run import run
from scenarios.load import load
from tests.looptwin.page.svg import of_class
from tests.looptwin.page.test_page import Reader
from tests.looptwin.short_runs import queue, study


def shown() -> Told:
    found = told(study())
    assert found is not None
    return found


def test_the_page_tells_every_model_with_its_figure_and_what_crossed() -> None:
    reader = Reader(page(study()))
    words = " ".join(reader.words)

    assert reader.faults == []
    assert len(reader.ids) == len(set(reader.ids))
    assert reader.figures["regression.dtm_0.r2"] == ("0.861", "1")
    assert sum(name.startswith("regression.") for name in reader.figures) == 40
    assert "5 parties predict energy_kj from 7 features by 10 models" in words
    assert "every update is readable by whoever carries it" in words


def test_a_study_without_a_world_shows_no_flow_and_no_blocks_and_counts_no_assumption() -> None:
    alone = load("five-factories").override({"collaboration.protection": "plain", "parties": None})
    words = " ".join(Reader(page(run(alone))).words)

    for absent in ("Flow of units", "All blocks", "assumptions", "Key figures"):
        assert absent not in words


def test_a_run_without_a_study_says_nothing_of_one() -> None:
    assert told(queue()) is None
    assert "Residuals" not in Reader(page(queue())).words


def test_every_factory_has_its_residuals_and_its_quantiles_with_a_dot_for_each_part() -> None:
    found = shown()
    parts = [500, 200, 800, 450, 100]

    for pictures in (found.residuals, found.quantiles):
        assert [one.caption for one in pictures] == [f"factory_{number}" for number in range(1, 6)]
        paths = [str(of_class(one.svg, "dots")[0].get("d")) for one in pictures]
        assert [path.count("M") for path in paths] == parts


def test_the_factories_stand_with_their_own_r2_and_with_the_negative_one_on_all_parts() -> None:
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in shown().factories.rows}

    assert rows["factory_1"] == ["500", "0.595", "\N{MINUS SIGN}5.933", "0.427"]
    assert set(rows) == {f"factory_{number}" for number in range(1, 6)}


def test_a_correlation_says_when_it_may_be_chance_or_when_there_is_none() -> None:
    table = shown().correlations
    assert table is not None
    rows = {row[0].text: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    of = {party: {column.label: cell for column, cell in row.items()} for party, row in rows.items()}

    assert (of["factory_2"]["material"].text, of["factory_2"]["material"].note) == ("\N{EN DASH}", "constant")
    assert (of["factory_5"]["depth_mm"].text, of["factory_5"]["depth_mm"].note) == ("0.65", "")
    assert of["factory_5"]["air_kj"].note == "not significant"


def test_turns_that_travelled_encrypted_are_told_where_the_scenario_protects_anything() -> None:
    sealed = run(load("five-factories").override({"regression.models": ["DTM"], "regression.lambdas": [0.0]}))
    found = told(sealed)

    assert found is not None
    assert any("travel encrypted instead" in sentence for sentence in found.turns)
    assert not any("travel encrypted instead" in sentence for sentence in shown().turns)


def test_the_fit_stands_large_at_the_top_and_a_table_without_rows_does_not_stand_at_all() -> None:
    reader = Reader(page(study()))
    words = " ".join(reader.words)

    assert words.index("R2 of DTM 0, federated") < words.index("Profit of the chain")
    assert reader.figures["regression.lr.f"] == ("1,239.8", "1")
    assert "Units handed over" not in words

"""What the printed table of the five-factory study says when its four criteria are held against one another."""

from __future__ import annotations

import math

import pytest

from docs import five_factories as study
from docs.five_factories import PAGE, PRINTED
from tests.docs.test_documents import NUMBER, numbers


def test_all_nine_models_agree_on_1996_to_1999_rows_and_not_on_those_that_are_claimed() -> None:
    assert study.rows() == (1996, 1999)
    assert study.rows()[1] < study.CLAIMED_ROWS


def test_the_f_that_the_rows_give_is_the_printed_one_to_its_rounding() -> None:
    """The other way round: with 1,997 rows every F follows from its R2 as far as the R2's last digit tells."""
    for entry in PRINTED.values():
        low, high = ((r2 / 7) / ((1 - r2) / (1997 - 8)) for r2 in (entry.r2 - 0.0005, entry.r2 + 0.0005))
        assert low - 0.5 <= entry.f <= high + 0.5


def test_bic_less_aic_is_45_where_an_entry_is_whole_and_a_tenth_of_that_where_its_exponent_is_lost() -> None:
    expected = 8.0 * (math.log(1997.5) - 2.0)
    whole = {name for name, entry in PRINTED.items() if entry.bic - entry.aic > 10.0}

    assert expected == pytest.approx(45.0, abs=0.5)
    assert whole == {"TM-T 0", "DTM -0.5"}
    for name, entry in PRINTED.items():
        assert (entry.bic - entry.aic) * (1.0 if name in whole else 10.0) == pytest.approx(expected, abs=6.0)


def test_read_as_meant_models_of_one_target_agree_on_its_spread() -> None:
    meant = study.read_as()
    spreads = {name: study.spread(name, aic) for name, aic in meant.items()}

    assert [spreads[f"TM-P {power}"] for power in ("-0.5", "0", "0.5")] == pytest.approx([1075.0] * 3, rel=2e-3)
    for power in ("-0.5", "0", "0.5"):
        assert spreads[f"DTM {power}"] == pytest.approx(spreads[f"TM-T {power}"], rel=3e-3)


def test_read_as_printed_they_do_not() -> None:
    def disagreement(power: str, aic: dict[str, float]) -> float:
        return abs(study.spread(f"DTM {power}", aic[f"DTM {power}"]) / study.spread("TM-T 0", aic["TM-T 0"]) - 1.0)

    printed = {name: entry.aic for name, entry in PRINTED.items()}
    meant = study.read_as()

    assert disagreement("0", meant) < 1e-3
    # the exponents put back and the entries left where they are
    assert disagreement("0", meant | {"DTM 0": meant["DTM -0.5"]}) > 0.9
    assert disagreement("0", printed) > 1e-3


def test_energy_is_near_log_normal() -> None:
    """Its logarithm spreads by 0.43, and both half powers by what a log-normal of median 2,150 would."""
    spreads = study.implied_spreads()
    sigma, median = spreads["TM-T 0"], 2150.0

    def log_normal(power: float) -> float:
        variance = math.exp((power * sigma) ** 2) - 1.0
        return math.exp(power * math.log(median) + (power * sigma) ** 2 / 2.0) * math.sqrt(variance) / abs(power)

    assert sigma == pytest.approx(0.4296, abs=5e-4)
    assert spreads["DTM 0.5"] == pytest.approx(log_normal(0.5), rel=0.02)
    assert spreads["DTM -0.5"] == pytest.approx(log_normal(-0.5), rel=0.06)


def test_no_single_factorys_model_explains_anything_of_all_rows() -> None:
    expected = {"factory_1": -5.9, "factory_2": -184.0, "factory_3": -0.94, "factory_4": -112.0, "factory_5": -1.6}

    assert study.alone_r2() == pytest.approx(expected, rel=0.02)


def test_the_encrypted_model_has_a_weight_for_each_feature_and_no_intercept() -> None:
    assert round(study.encrypted_weights()) == 7


def test_the_page_shows_what_the_code_gives() -> None:
    """Word by word; a number may differ in its last digit on another processor."""
    shown, found = (PAGE.read_text(encoding="utf-8"), study.filled(PAGE.read_text(encoding="utf-8")))

    assert NUMBER.sub("#", found) == NUMBER.sub("#", shown), "run `make docs`"
    assert numbers(found, whole=True) == numbers(shown, whole=True)
    assert numbers(found, whole=False) == pytest.approx(numbers(shown, whole=False), rel=0.01, abs=2e-3)


def test_the_search_for_the_fixtures_parameters_reads_them_back_as_they_stand() -> None:
    from docs.fixture_fit import parameters, shops_of
    from learning.regression.fixture import SHOPS

    assert shops_of([value for _, value in parameters(SHOPS)]) == list(SHOPS)


def test_every_parameter_of_the_fixture_keeps_within_what_a_machine_shop_has() -> None:
    from docs.fixture_fit import parameters
    from learning.regression.fixture import SHOPS

    for bounds, value in parameters(SHOPS):
        assert bounds.low - 1e-3 * abs(bounds.low) <= value <= bounds.high * 1.001


def test_the_fixture_misses_no_printed_statistic_by_twice_what_is_near_enough() -> None:
    from docs.fixture_fit import misses
    from learning.regression.fixture import SHOPS

    assert max(abs(one) for one in misses(SHOPS)) < 2.0

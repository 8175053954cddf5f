from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.backends import FLOATS
from sim.usage import Usage
from sim.wear import MECHANISMS, Build, WearParameters, cycles_to_failure, damage_rate, days_to_failure, miner, per_day

TRUTH = Path(__file__).resolve().parents[3] / "shared" / "truth" / "truth_tables.json"

WEAR = WearParameters()
BUILD = Build(hardness_hrc=60.0, misalignment_um=8.0, bearing_kn=47.0, lining_mm=0.8, wear_rate=1.6, oil_base=1.0)
COLD = Usage(torque_ratio=1.0, shifts_per_km=1.0, ambient_c=-200.0, oil_interval=80.0, overheats=0.0)
"""So cold that the oil never ages: the film is whole, and each law stands alone."""

stresses = st.floats(400.0, 2500.0)
counts = st.floats(0.0, 1e7)
usages = st.builds(
    Usage, st.floats(0.5, 1.8), st.floats(0.1, 8.0), st.floats(-20.0, 45.0), st.floats(5.0, 300.0), st.floats(0.0, 20.0)
)
positive = st.floats(0.01, 10.0)


def test_three_blocks_of_load_sum_to_the_damage_worked_out_by_hand() -> None:
    """The numbers of the published case, worked out once more from the load line with 50 digits."""
    damage = miner((1100.0, 1300.0, 1450.0), (4.0e5, 6.0e4, 5.0e3), 1200.0, 5.0e7, 13.22)

    assert damage == pytest.approx(0.0072100713468063258, abs=1e-15)
    assert 1.0 / damage == pytest.approx(138.694882741063, abs=1e-11)


@pytest.mark.skipif(not TRUTH.exists(), reason="the truth tables are not beside this checkout")
def test_three_blocks_of_load_sum_to_the_damage_of_the_truth_table() -> None:
    cases = json.loads(TRUTH.read_text(encoding="utf-8"))["cases"]
    case = next(one for one in cases if one["name"] == "miner_two_block_gear")
    given, expected = case["inputs"], case["expected"]

    damage = miner(
        tuple(given["sigma_H_MPa"]),
        tuple(given["revs_per_1000km"]),
        given["sigma_ref_MPa"],
        given["N_ref"],
        given["slope"],
    )

    assert abs(damage - expected["damage_per_1000km"]) <= 1e-9
    assert abs(1.0 / damage - expected["life_1000km"]) <= 1e-9 * expected["life_1000km"]


def test_the_load_line_passes_through_the_two_points_of_its_standard() -> None:
    """ISO 6336-2 for case-hardened steel: life factor 1.0 at 5e7 cycles, 1.6 at 1e5."""
    slope = math.log(500.0) / math.log(1.6)

    assert WEAR.slope == pytest.approx(slope, abs=0.005)
    assert cycles_to_failure(1500.0, 1500.0, 5.0e7, slope) == 5.0e7
    assert cycles_to_failure(2400.0, 1500.0, 5.0e7, slope) == pytest.approx(1.0e5)


@given(st.lists(st.tuples(stresses, counts), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_and_the_cutting_of_load_blocks_change_no_damage(blocks: list[tuple[float, float]], random) -> None:  # noqa: ANN001
    def damage(blocks: list[tuple[float, float]]) -> float:
        return float(miner(*zip(*blocks, strict=True), 1200.0, 5.0e7, 13.22))

    halves = [(stress, count / 2) for stress, count in blocks for _ in range(2)]
    random.shuffle(halves)

    assert damage(halves) == pytest.approx(damage(blocks), rel=1e-12)


def test_a_bearing_loaded_with_its_rating_lives_a_million_revolutions() -> None:
    wear = replace(WEAR, load_kn=BUILD.bearing_kn)
    build = BUILD._replace(misalignment_um=0.0)

    rate = damage_rate(FLOATS, build, COLD, wear).bearing

    assert 1.0 / rate * 1000.0 * wear.revolutions_per_km == pytest.approx(1.0e6)


@pytest.mark.parametrize(("exponent", "million"), [(3.0, 1000.0), (10.0 / 3.0, 2154.43469)])
def test_a_tenth_of_the_rating_gives_the_life_of_iso_281(exponent: float, million: float) -> None:
    wear = replace(WEAR, exponent=exponent, load_kn=BUILD.bearing_kn / 10.0)

    rate = damage_rate(FLOATS, BUILD._replace(misalignment_um=0.0), COLD, wear).bearing

    assert 1.0 / rate * 1000.0 * wear.revolutions_per_km == pytest.approx(million * 1.0e6, rel=1e-8)


def test_a_lining_wears_by_slip_energy_over_its_area() -> None:
    """9 kJ a shift, one shift a km: 9 MJ per 1000 km; times 1.6 mm3/MJ over 60000 mm2, of 0.44 mm that may wear."""
    assert damage_rate(FLOATS, BUILD, COLD, WEAR).clutch == pytest.approx(9.0 * 1.6 / 6.0e4 / 0.44)


def test_one_point_of_hardness_more_is_worth_two_percent_of_stress() -> None:
    softer, harder = (
        damage_rate(FLOATS, BUILD._replace(hardness_hrc=hardness), COLD, WEAR).gear for hardness in (60.0, 61.0)
    )

    assert softer / harder == pytest.approx(1.02**13.22)


def test_what_is_worked_out_beforehand_is_miners_sum() -> None:
    """Stress grows with the root of load and spread, so the sum over the load spectrum has one factor in common."""
    usage, build = COLD._replace(torque_ratio=1.3), BUILD._replace(hardness_hrc=58.5)
    stresses = tuple(1200.0 * math.sqrt(factor * 1.3 * (1.0 + 0.012 * 8.0)) for factor, _ in WEAR.spectrum)
    cycles = tuple(475.0e3 * share for _, share in WEAR.spectrum)

    damage = miner(stresses, cycles, 1500.0 * (1.0 - 0.02 * 1.5), 5.0e7, 13.22)

    assert damage_rate(FLOATS, build, usage, WEAR).gear == pytest.approx(damage, rel=1e-12)


def test_a_seal_at_its_reference_temperature_ages_by_its_years() -> None:
    """Oil of 90 degrees: ambient 90 - 990 / 28 - 300 / 28."""
    usage = COLD._replace(ambient_c=90.0 - 1290.0 / 28.0)

    assert damage_rate(FLOATS, BUILD, usage, WEAR).seal == pytest.approx(1.0 / 14.0)


def test_a_seal_fails_as_its_published_law_says() -> None:
    """1 - exp(-(t / 14 a)^1.6 AF), AF after Arrhenius with 60 kJ/mol: the strength is Weibull of shape 1.6."""
    usage, years = COLD._replace(ambient_c=20.0), 6.0
    kelvin = 20.0 + 1290.0 / 28.0 + 273.15
    acceleration = math.exp(-60.0e3 / 8.314 * (1.0 / kelvin - 1.0 / 363.15))

    damage = damage_rate(FLOATS, BUILD, usage, WEAR).seal * years

    assert 1.0 - math.exp(-(damage**1.6)) == pytest.approx(1.0 - math.exp(-((years / 14.0) ** 1.6) * acceleration))


@given(usages, st.sampled_from(Usage._fields), st.floats(1.0, 1.5))
def test_harder_use_never_wears_less(usage: Usage, field: str, factor: float) -> None:
    harder = usage._replace(**{field: getattr(usage, field) + abs(getattr(usage, field)) * (factor - 1.0)})

    before, after = damage_rate(FLOATS, BUILD, usage, WEAR), damage_rate(FLOATS, BUILD, harder, WEAR)

    assert all(more >= less * (1.0 - 1e-12) > 0.0 for less, more in zip(before, after, strict=True))


def test_aged_oil_acts_on_gears_bearings_and_lining_by_the_powers_of_the_film() -> None:
    """Film f: endurance stress f^0.12 under slope 13.22, a_ISO f^1.5, lining 1/f. Seals feel heat, not oil."""
    fresh, aged = BUILD._replace(oil_base=1e-9), BUILD._replace(oil_base=2.0)
    hot = COLD._replace(ambient_c=30.0)
    before, after = (damage_rate(FLOATS, build, hot, WEAR) for build in (fresh, aged))
    film = before.clutch / after.clutch

    assert film < 0.8
    assert after.bearing / before.bearing == pytest.approx(film**-1.5)
    assert after.gear / before.gear == pytest.approx(film ** (-0.12 * 13.22))
    assert after.seal == before.seal


@given(usages, st.floats(1.0, 500.0))
def test_a_day_of_driving_is_a_days_share_of_the_distance_and_of_the_year(usage: Usage, yearly: float) -> None:
    rate = damage_rate(FLOATS, BUILD, usage, WEAR)
    daily = per_day(rate, yearly / 365.0)

    assert [one * 365.0 for one in daily] == pytest.approx([*(one * yearly for one in rate[:3]), rate.seal])


@given(st.tuples(*[positive] * 4), st.tuples(*[positive] * 4))
def test_a_unit_fails_when_its_first_damage_reaches_its_strength(
    rate: tuple[float, ...], strength: tuple[float, ...]
) -> None:
    days, failed = days_to_failure((0.0,) * 4, rate, strength)

    spent = [growth * days for growth in rate]

    assert spent[failed] == pytest.approx(strength[failed])
    assert all(one <= limit * (1.0 + 1e-12) for one, limit in zip(spent, strength, strict=True))


@given(st.tuples(*[positive] * 4), st.tuples(*[positive] * 4), st.floats(0.0, 1.0))
def test_a_life_that_is_interrupted_ends_where_it_would_have(
    rate: tuple[float, ...], strength: tuple[float, ...], share: float
) -> None:
    whole, _ = days_to_failure((0.0,) * 4, rate, strength)
    spent = tuple(growth * whole * share for growth in rate)

    rest, _ = days_to_failure(spent, rate, strength)

    assert whole * share + rest == pytest.approx(whole)


def test_a_part_worn_beyond_its_strength_fails_at_once() -> None:
    assert days_to_failure((0.2, 0.9, 0.1, 0.1), (1.0,) * 4, (1.0, 0.5, 1.0, 1.0)) == (0.0, MECHANISMS.index("bearing"))

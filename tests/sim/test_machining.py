"""Turning: the shop formulas by hand, and energy records that obey them whatever is drawn."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import correlation, mean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws import Constant
from sim.machining import (
    KJ_PER_KWH,
    Cut,
    Energy,
    Machine,
    Resistance,
    cutting_force,
    cutting_minutes,
    energy,
    metered,
    removal_rate,
    revolutions,
)
from sim.parties.agreed import Costs
from sim.parties.machine_plan import MachiningPlan, Turning
from sim.parties.turning import Machining
from sim.streams import Streams
from tests.sim.chains import CHAIN, ran, table

CUT = Cut(diameter_mm=50.0, length_mm=100.0, feed_mm_rev=0.2, depth_mm=1.5, cutting_speed=150.0, passes=2)
STEEL = Resistance(specific_force=2000.0, exponent=0.25)


# --- by hand ---


def test_a_cut_worked_out_by_hand() -> None:
    """n = 150,000 / (50 pi) = 954.9 a minute; two passes of 100 mm at 0.2 mm: 1.0472 minutes; 45,000 mm3 a minute."""
    assert revolutions(CUT) == pytest.approx(954.929658551372)
    assert cutting_minutes(CUT) == pytest.approx(1.0471975511966)
    assert removal_rate(CUT) == pytest.approx(45_000.0)


def test_the_force_follows_kienzle() -> None:
    """2000 N/mm2 at 1 mm; a chip of 0.2 mm resists 0.2^-0.25 times as much: 2000 x 1.4953 x 1.5 x 0.2 = 897.2 N."""
    assert cutting_force(CUT, STEEL, lead_angle=90.0) == pytest.approx(2000.0 * 0.2**-0.25 * 0.3)
    assert cutting_force(CUT._replace(feed_mm_rev=1.0, depth_mm=1.0), STEEL, lead_angle=90.0) == pytest.approx(2000.0)


def test_the_energy_of_a_job_is_power_times_time() -> None:
    spent = energy(CUT, STEEL, Machine(idle_kw=1.6, air_kw=1.2, efficiency=0.8), setup_minutes=10.0, air_minutes=3.0)

    assert spent.idle_kj == pytest.approx(1.6 * 60.0 * 11.0471975511966)
    assert spent.air_kj == pytest.approx(1.2 * 60.0 * 3.0)
    watts = cutting_force(CUT, STEEL) * 150.0 / 60.0 / 0.8
    assert spent.cutting_kj == pytest.approx(watts / 1000.0 * 60.0 * 1.0471975511966)


def test_the_energy_of_cutting_depends_on_the_chip_and_not_on_the_speed() -> None:
    """The work to turn a volume into chips of one thickness is force over area times volume, at any speed."""
    machine = Machine(idle_kw=1.0, air_kw=1.0, efficiency=1.0)
    slow, fast = (
        energy(CUT._replace(cutting_speed=speed), STEEL, machine, setup_minutes=1.0, air_minutes=1.0)
        for speed in (80.0, 240.0)
    )

    assert slow.cutting_kj == pytest.approx(fast.cutting_kj)
    assert slow.idle_kj > fast.idle_kj


@given(st.floats(0.3, 3.0), st.floats(0.0, 1.0))
def test_a_meter_never_shows_less_than_idle_and_air(tool: float, meter: float) -> None:
    spent = Energy(idle_kj=900.0, air_kj=150.0, cutting_kj=300.0)

    assert metered(spent, tool=tool, meter=meter) > 1050.0
    assert metered(spent, tool=1.0, meter=0.0) == 1350.0


# --- jobs drawn from a plan ---


def jobs(plan: MachiningPlan, part: str = "gearset", units: int = 400) -> list[Any]:
    machining = Machining(plan, "works.machining", Streams(3, 0, {"works": 0}))
    return [machining.job(part, unit, 1) for unit in range(units)]


def test_a_job_is_a_function_of_the_unit_its_life_and_the_part() -> None:
    assert jobs(MachiningPlan()) == jobs(MachiningPlan())
    assert len(set(jobs(MachiningPlan()))) == 400


def test_another_mix_of_materials_leaves_every_other_draw_as_it_is() -> None:
    plan = MachiningPlan()
    shaft = plan.turnings["gearset"]
    other = replace(plan, turnings={**plan.turnings, "gearset": replace(shaft, metals={"alloy_6061": 1.0})})
    drawn = ("diameter_mm", "feed_mm_rev", "depth_mm", "cutting_speed", "idle_kj", "air_kj")

    for before, after in zip(jobs(plan), jobs(other), strict=True):
        assert [getattr(before, name) for name in drawn] == [getattr(after, name) for name in drawn]
        assert after.material == "alloy_6061"
        assert after.energy_kj < before.energy_kj, "aluminium resists less than any steel"


def test_each_material_has_its_share() -> None:
    found = [job.material for job in jobs(MachiningPlan(), units=2000)]

    assert set(found) == {"steel_42crmo4", "steel_c45"}
    assert abs(found.count("steel_42crmo4") / 2000 - 0.8) < 4.0 * math.sqrt(0.8 * 0.2 / 2000)


def test_no_cut_is_deeper_than_a_quarter_of_the_diameter() -> None:
    thin = Turning(metals={"steel_c45": 1.0}, diameter_mm=Constant(value=4.0), length_mm=20.0)
    found = jobs(MachiningPlan(turnings={"gearset": thin}))

    assert max(job.depth_mm for job in found) == 1.0
    assert min(job.depth_mm for job in found) < 1.0


def test_a_part_without_a_job_is_not_turned() -> None:
    assert jobs(MachiningPlan(turnings={}), units=3) == [None, None, None]


def test_shares_of_materials_and_their_names_are_checked() -> None:
    shaft = MachiningPlan().turnings["gearset"]
    with pytest.raises(ValueError, match=r"metals must sum to 1, these sum to 0\.5"):
        replace(shaft, metals={"steel_c45": 0.5})
    with pytest.raises(ValueError, match=r"turnings\.gearset names bronze, which metals does not hold"):
        MachiningPlan(turnings={"gearset": replace(shaft, metals={"bronze": 1.0})})


# --- in a chain ---


def test_every_reworked_part_of_a_rebuilt_core_leaves_one_record_and_its_energy_is_paid() -> None:
    world = ran(replace(CHAIN, costs=Costs(energy_per_kwh=0.5)), warm_up=0.0)
    records = table(world, "energy")
    reworked = {
        (row["unit"], part)
        for row in table(world, "teardown")
        for part in ("gearset", "clutch")
        if row["finding"] == "rebuild" and row[part] == "rework"
    }
    paid = math.fsum(row["amount"] for row in table(world, "payments") if row["purpose"] == "energy")

    assert len(records) > 100
    assert {(row["unit"], row["part"]) for row in records} <= reworked
    assert paid == pytest.approx(0.5 * math.fsum(row["energy_kj"] for row in records) / KJ_PER_KWH, rel=1e-12)
    kwh = world.chain.counted["kwh_remanco.machining"]  # type: ignore[union-attr]
    assert kwh == pytest.approx(paid / 0.5, rel=1e-12)
    assert all(row["energy_kj"] > row["idle_kj"] + row["air_kj"] > 0.0 for row in records)
    assert all(0.0 < row["depth_mm"] <= 0.25 * row["diameter_mm"] for row in records)
    assert {row["station"] for row in records} == {"remanco.machining"}


def test_records_look_like_a_shop_floor() -> None:
    """Ranges of the published case: some hundred to some thousand kJ a part, most of it without any cutting."""
    found = [job for part in ("gearset", "bearings", "clutch", "seals") for job in jobs(MachiningPlan(), part)]
    cutting = mean((job.energy_kj - job.idle_kj - job.air_kj) / job.energy_kj for job in found)

    assert 600.0 < mean(job.energy_kj for job in found) < 4000.0
    assert 0.02 < cutting < 0.5
    assert correlation([job.idle_kj for job in found], [job.energy_kj for job in found]) > 0.6

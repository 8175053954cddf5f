"""What comes back of what is removed: by core charge and route, kept and exported, and the deposits behind it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ageing import REASONS
from sim.parties.agreed import Response
from sim.parties.expand import expand
from sim.world import World
from tests.sim.chains import ran, table, tables, values
from tests.sim.forward import FORWARD, ONE_WAY, by_unit, counted, purposes, with_returns

FLEETS = ("cabs", "hire")


@pytest.fixture(scope="module")
def world() -> World:
    """The chain at the end of its run, counted from day 0; nobody changes it."""
    return ran(FORWARD, warm_up=0.0)


def test_units_of_retired_vehicles_take_a_way_of_their_own(world: World) -> None:
    ways: dict[str, set[str]] = {reason: set() for reason in REASONS}
    for rows in by_unit(world).values():
        for (reason, removed), onward in zip(pairwise(rows), rows[2:], strict=False):
            if removed["event"] == "removed" and removed["block"] == "cabs.vehicles":
                ways[reason["event"]].add(onward["block"])

    assert ways["retired"] == {"cabs_wrecks", "cabs.kept", "cabs.exported"}
    assert ways["failed"] == ways["degraded"] == {"cabs_cores", "cabs.kept", "cabs.exported"}


def test_where_no_lane_was_written_retired_units_take_a_slow_one_to_whom_the_others_go() -> None:
    network = expand(replace(FORWARD, lanes={}))
    slow, fast = network["cabs_north_retired"], network["cabs_north"]

    assert slow.to == fast.to == "north.grading"  # type: ignore[union-attr]
    assert slow.days.expectation() > 10 * fast.days.expectation()  # type: ignore[union-attr]
    assert "hire_north_retired" not in network


def test_what_is_removed_is_returned_kept_or_exported(world: World) -> None:
    sent = len(returned(world))
    kept, exported = counted(world, "kept"), counted(world, "exported")

    assert counted(world, "removed") == sent + kept + exported
    assert kept > exported > 0
    assert counted(world, "kg_kept") == pytest.approx(85.0 * kept)


def returned(world: World) -> set[tuple[int, float]]:
    """Return each unit that set out to a dismantler, with the day."""
    gates = ("cabs_wrecks", "cabs_cores", "hire.collection")
    return {
        (row["unit"], row["day"]) for row in table(world, "events") if row["event"] == "sent" and row["block"] in gates
    }


@pytest.mark.parametrize(
    "ladder",
    [
        [{"probability": p} for p in (0.0, 0.45, 0.7, 1.0)],
        [{"core_charge": euros} for euros in (0.0, 50.0, 400.0, 5000.0)],
        [{"retired_probability": p} for p in (0.0, 0.2, 0.9, 1.0)],
    ],
    ids=["probability", "core charge", "retired"],
)
def test_with_more_returns_no_core_is_lost(ladder: list[dict[str, float]]) -> None:
    """A theorem where returns do not feed back: each removal carries a uniform mark of its own."""
    found = [returned(ran(with_returns(ONE_WAY, **changes), warm_up=0.0, days=300.0)) for changes in ladder]

    for fewer, more in pairwise(found):
        assert fewer < more


def test_the_core_charge_itself_moves_no_unit_but_by_the_response() -> None:
    indifferent = with_returns(ONE_WAY, response=None)
    free, dear = (ran(with_returns(indifferent, core_charge=c), days=200.0) for c in (0.0, 900.0))

    assert tables(free)["events"] == tables(dear)["events"]


def test_without_returns_nothing_is_remanufactured() -> None:
    world = ran(with_returns(FORWARD, probability=0.0, retired_probability=0.0))

    figures = values(world)
    assert figures["cores"] == figures["remanufactured"] == figures["reman_share"] == 0.0
    assert figures["remanco.wash.throughput_per_day"] == 0.0


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.1, 1e4))
def test_more_core_charge_never_means_fewer_returns(
    low: float, high: float, least: float, most: float, half: float
) -> None:
    response = Response(without_charge=least, half_at=half)
    fewer, more = (response.reached(charge, most) for charge in sorted((low, high)))

    assert min(least, most) <= fewer <= more + 1e-15
    assert more <= most + 1e-15
    assert response.reached(half, most) == pytest.approx((min(least, most) + most) / 2)


# --- deposits ---


def test_every_core_charge_is_with_the_remanufacturer_until_its_core_is_received(world: World) -> None:
    """Paid less paid back: what is open for cores on their way, what was forfeited, and what is not owed yet."""
    assert world.chain is not None
    paid, back = (sum(row["amount"] for row in purposes(world)[name]) for name in ("core charge", "core charge back"))
    owed = counted(world, "removed") - counted(world, "retired")
    sold = len(purposes(world)["core charge"])
    open_now = sum(world.chain.deposits.values())

    assert {row["payer"] for row in purposes(world)["core charge"]} == set(FLEETS)
    assert paid == 300.0 * sold
    assert paid - back == pytest.approx(open_now + 300.0 * counted(world, "forfeited") + 300.0 * (sold - owed))
    assert counted(world, "forfeited") > counted(world, "kept") * 0.5
    assert 0 < back < paid


def test_a_deposit_goes_back_once_to_who_paid_it_and_never_for_a_case_seen_broken(world: World) -> None:
    backs = purposes(world)["core charge back"]
    broken = {(row["unit"], row["day"]) for row in table(world, "visual") if row["crack_seen"]}
    fleets = {(row["unit"], row["day"]): row["payee"] for row in purposes(world)["core"]}

    assert len({(row["unit"], row["day"]) for row in backs}) == len(backs) > 50
    assert all(row["payee"] == fleets[row["unit"], row["day"]] for row in backs)
    assert not broken & {(row["unit"], row["day"]) for row in backs}

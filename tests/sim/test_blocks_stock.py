"""Stocks, populations and customers unit by unit."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sim.config import Lane, Population, Sink, Source, Station, Stock
from sim.laws import Constant, Exponential, Uniform
from sim.world import World
from tests.sim.networks import Network, rows
from tests.sim.stories import arriving, story, times

DAY = Constant(value=1.0)
NEVER = Constant(value=1e6)
PLANT: Network = {"plant": Source(to="road"), "road": Lane(days=Constant(value=3.0), to="parts")}


def customers(every: float = 1.0, **more: object) -> Network:
    """Return customers who ask for parts."""
    return {"customers": Sink(from_="parts", interarrival_days=Constant(value=every), **more)}  # type: ignore[arg-type]


def world_after(network: Network, until: float) -> World:
    """Return a world that has run."""
    world = World(network, seed=1)
    world.run_until(until)
    return world


def figures(world: World, block: str) -> dict[str, float]:
    """Return the figures of one block."""
    return {
        name.removeprefix(f"{block}."): value
        for name, (value, _) in world.kpis().items()
        if name.startswith(f"{block}.")
    }


# --- stocks ---


def test_each_demand_orders_one() -> None:
    """Level 2 and three days of lead: demands on days 1, 2, 3 order what comes on days 4, 5, 6."""
    network = {**PLANT, "parts": Stock(level=2, supply="plant"), **customers()}
    left = [day for day, _, block, event in story(network, 7.5) if (block, event) == ("customers", "left")]

    assert left == [1.0, 2.0, 4.0, 5.0, 6.0, 7.0]


def test_figures_of_backorders_are_those_on_paper() -> None:
    """The customers of days 1 and 2 are served at once, those of days 3 to 7 a day later; the last one waits still."""
    world = world_after({**PLANT, "parts": Stock(level=2, supply="plant"), **customers()}, 8.0)
    found = figures(world, "parts")

    assert found["fill_rate"] == pytest.approx(2 / 7)
    assert found["backorders_mean"] == pytest.approx(5 / 8)
    assert found["on_hand_mean"] == pytest.approx((2 * 1.0 + 1.0) / 8)
    assert found["wait_mean_days"] == pytest.approx(4 / 6)


def test_who_finds_nothing_may_leave() -> None:
    network = {**PLANT, "parts": Stock(level=2, supply="plant"), **customers(unmet="lose")}
    world = world_after(network, 8.5)

    assert figures(world, "parts")["fill_rate"] == pytest.approx(6 / 8)
    assert figures(world, "parts")["backorders_mean"] == 0.0
    assert world.blocks["customers"].unmet == 2


def test_backorders_are_served_in_the_order_of_asking() -> None:
    network: Network = {
        "parts": Stock(rule="none", initial=0),
        **arriving("parts", u=5.0, v=6.0),
        "first": Sink(from_="parts", interarrival_days=Constant(value=1.5)),
        "second": Sink(from_="parts", interarrival_days=Constant(value=2.0)),
    }

    assert times(network, "left", "first", 7.0) == {"u": 5.0}
    assert times(network, "left", "second", 7.0) == {"v": 6.0}


def test_a_stock_that_starts_below_its_level_orders_the_rest() -> None:
    network = {**PLANT, "parts": Stock(level=5, initial=2, supply="plant"), **customers(100.0)}

    assert world_after(network, 2.0).blocks["parts"].on_order == 3
    assert len(world_after(network, 3.5).blocks["parts"].shelf) == 5


@pytest.mark.parametrize(("shop", "warehouse"), [("a", "b"), ("b", "a")])
def test_what_two_stocks_do_at_the_start_does_not_depend_on_their_names(shop: str, warehouse: str) -> None:
    network: Network = {
        "plant": Source(to="road"),
        "road": Lane(days=DAY, to=warehouse),
        warehouse: Stock(level=2, supply="plant"),
        shop: Stock(level=2, initial=0, supply=warehouse),
        "buyers": Sink(from_=shop, interarrival_days=Constant(value=100.0)),
    }
    world = world_after(network, 0.5)

    assert len(world.blocks[shop].shelf) == 2
    assert world.blocks[warehouse].filled == 2
    assert world.blocks[warehouse].on_order == 2


def test_a_unit_that_is_lost_on_its_way_is_ordered_again() -> None:
    network: Network = {
        "plant": Source(to="inspection"),
        "inspection": Lane(days=DAY, to={"parts": 0.5, "scrap": 0.5}),
        "parts": Stock(level=3, initial=0, supply="plant"),
        "scrap": Sink(),
        "buyers": Sink(from_="parts", interarrival_days=NEVER),
    }
    world = world_after(network, 100.0)

    assert len(world.blocks["parts"].shelf) == 3
    assert world.blocks["parts"].on_order == 0
    assert world.blocks["plant"].left == 3 + world.blocks["scrap"].left


def test_what_comes_back_takes_the_place_of_an_order() -> None:
    network: Network = {
        "plant": Source(to="road"),
        "road": Lane(days=Constant(value=3.0), to="parts"),
        "parts": Stock(level=2, supply="plant"),
        **arriving("parts", back=0.5),
        **customers(),
    }

    assert len(times(network, "created", "plant", 1.5)) == 0
    assert len(times(network, "created", "plant", 2.5)) == 1


# --- populations ---


def test_a_unit_that_comes_back_fills_its_place_again() -> None:
    network: Network = {
        "fleet": Population(size=1, life_days=Constant(value=10.0), to="repair"),
        "repair": Station(service_days=Constant(value=2.0), to="fleet"),
    }
    world = world_after(network, 30.0)

    assert [day for day, _, _, event in story(network, 30.0) if event == "installed"] == [0.0, 12.0, 24.0]
    assert figures(world, "fleet")["utilisation"] == pytest.approx(26 / 30)
    assert figures(world, "fleet")["backorders_mean"] == pytest.approx(4 / 30)


def test_a_spare_takes_over_at_once_and_what_is_repaired_becomes_a_spare() -> None:
    network: Network = {
        "fleet": Population(size=1, spares=1, life_days=Constant(value=10.0), to="repair"),
        "repair": Station(service_days=Constant(value=2.0), to="fleet"),
    }
    world = world_after(network, 30.0)

    assert figures(world, "fleet")["utilisation"] == pytest.approx(1.0)
    # the spare of the start is there until day 10, the repaired ones from 12 to 20 and from 22 on
    assert figures(world, "fleet")["on_hand_mean"] == pytest.approx((10 + 8 + 8) / 30)


def test_a_new_unit_takes_the_place_of_an_old_one() -> None:
    network: Network = {
        "fleet": Population(size=2, life_days=Constant(value=10.0), replacement="new", to="scrap"),
        "scrap": Sink(),
    }
    world = world_after(network, 25.0)

    assert world.created == 6
    assert world.blocks["scrap"].left == 4
    assert figures(world, "fleet")["utilisation"] == 1.0


def test_a_place_that_asks_a_stock_waits_for_it() -> None:
    network: Network = {
        **PLANT,
        "fleet": Population(size=1, life_days=Constant(value=10.0), replacement="stock", from_="parts", to="scrap"),
        "parts": Stock(level=0, supply="plant"),
        "scrap": Sink(),
    }

    assert [day for day, _, _, event in story(network, 30.0) if event == "installed"] == [0.0, 13.0, 26.0]


def test_lives_are_counted_and_each_has_luck_of_its_own() -> None:
    network: Network = {"fleet": Population(size=1, life_days=Uniform(low=1.0, high=2.0), to="fleet")}
    world = world_after(network, 20.0)
    installed = [day for day, _, _, event in story(network, 20.0) if event == "installed"]
    lives = {round(later - earlier, 5) for earlier, later in pairwise(installed)}
    (unit,) = world.residents()

    assert unit.lives == len(installed) - 1
    assert len(lives) == len(installed) - 1


def test_units_of_mixed_age_have_a_share_of_their_own_first_life_left() -> None:
    """The life of each is the same draw as that of a new unit, and the share another."""

    def first_ends(initial_age: str) -> dict[int, float]:
        network: Network = {
            "fleet": Population(size=50, life_days=Exponential(mean=5.0), initial_age=initial_age, to="gone"),  # type: ignore[arg-type]
            "gone": Sink(),
        }
        world = world_after(network, 1000.0)
        return {unit: day for day, unit, _, event in rows(world) if event == "removed"}

    new, mixed = first_ends("new"), first_ends("mixed")
    shares = [mixed[unit] / life for unit, life in new.items()]

    assert all(0.0 < share < 1.0 for share in shares)
    assert sum(shares) / 50 == pytest.approx(0.5, abs=0.2)


def test_a_removed_unit_that_finds_no_room_waits_beside_its_empty_place() -> None:
    network: Network = {
        "fleet": Population(size=2, spares=1, life_days=Constant(value=10.0), to="repair"),
        "repair": Station(capacity=1, service_days=Constant(value=4.0), to="fleet"),
    }
    world = world_after(network, 12.0)

    assert world.blocks["fleet"].vacant.value == 1
    assert len(world.blocks["fleet"].held) == 1
    assert world.blocks["fleet"].number == 2
    assert times(network, "started", "repair", 12.0) | times(network, "blocked", "fleet", 12.0) == {"fleet": 10.0}


# --- customers ---


def test_a_customer_may_want_several() -> None:
    network = {
        **PLANT,
        "parts": Stock(level=4, supply="plant"),
        **customers(10.0, batch=Constant(value=3.0)),
    }

    assert figures(world_after(network, 35.0), "customers")["throughput_per_day"] == pytest.approx(9 / 35)


def test_the_time_at_a_sink_is_from_making_to_leaving() -> None:
    network: Network = {
        **arriving("bench", a=1.0, b=1.5),
        "bench": Station(service_days=DAY, to="done"),
        "done": Sink(),
    }

    assert figures(world_after(network, 10.0), "done")["time_mean_days"] == pytest.approx((1.0 + 1.5) / 2)

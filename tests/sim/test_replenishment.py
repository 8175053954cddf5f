"""Rules of stocks, unit by unit: when they order and how much, what they release, and what they dispose of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.blocks.replenishment import in_batches, up_to
from sim.config import Lane, Sink, Source, Stock
from sim.laws import Constant
from sim.stocks import Prefer, Push
from sim.world import World
from tests.sim.networks import Network
from tests.sim.stories import arriving, story, times

ROAD: Network = {"plant": Source(to="road"), "road": Lane(days=Constant(value=2.0), to="shelf")}
NEVER: Network = {"customers": Sink(from_="shelf", interarrival_days=Constant(value=1e6))}


def customers(every: float = 1.0, several: float = 1.0) -> Network:
    """Return customers who ask the shelf."""
    batch = Constant(value=several)
    return {"customers": Sink(from_="shelf", interarrival_days=Constant(value=every), batch=batch)}


def after(network: Network, until: float) -> World:
    """Return a world that has run."""
    world = World(network, seed=1)
    world.run_until(until)
    return world


def made(network: Network, until: float) -> list[float]:
    """Return the days on which the plant made something, one for each unit."""
    return [day for day, origin, _, event in story(network, until, "created") if origin == "plant"]


def figure(world: World, name: str) -> float:
    """Return one figure of a world."""
    return world.kpis()[name][0]


# --- when and how much ---


@given(st.integers(-50, 50), st.integers(1, 30), st.integers(-200, 100))
def test_a_batch_rule_lifts_the_position_above_the_reorder_point_with_as_few_batches_as_do(
    reorder_point: int, quantity: int, position: int
) -> None:
    ordered = in_batches(reorder_point, quantity, position)

    assert ordered % quantity == 0
    assert (ordered > 0) == (position <= reorder_point)
    assert position + ordered > reorder_point
    assert ordered == 0 or position + ordered - quantity <= reorder_point


@given(st.integers(-50, 50), st.integers(1, 30), st.integers(-200, 100))
def test_a_rule_with_a_target_reaches_it_or_leaves_the_position_alone(
    reorder_point: int, more: int, position: int
) -> None:
    ordered = up_to(reorder_point, reorder_point + more, position)

    assert position + ordered == (reorder_point + more if position <= reorder_point else position)


def test_an_order_up_to_a_target_waits_for_the_reorder_point() -> None:
    shelf = Stock(rule="s_S", reorder_point=2, order_up_to=5, supply="plant")
    network = {**ROAD, "shelf": shelf, **customers()}

    assert made(network, 7.5) == [3.0] * 3 + [6.0] * 3


def test_an_order_of_a_quantity_is_of_that_quantity_or_several_times_that() -> None:
    shelf = Stock(rule="r_Q", reorder_point=3, quantity=2, supply="plant")
    one, seven = ({**ROAD, "shelf": shelf, **customers(1.0, several)} for several in (1.0, 7.0))

    assert shelf.at_start == 5
    assert made(one, 4.5) == [2.0] * 2 + [4.0] * 2
    # each of the seven looks at the position: at 3, 1, and so on down to -1
    assert made(seven, 1.5) == [1.0] * 6


def test_a_stock_that_starts_at_or_below_its_reorder_point_orders_at_once() -> None:
    shelf = Stock(rule="r_Q", reorder_point=3, quantity=2, initial=1, supply="plant")

    assert made({**ROAD, "shelf": shelf, **NEVER}, 1.0) == [0.0] * 4


def test_between_reviews_a_stock_orders_nothing() -> None:
    shelf = Stock(rule="s_S", reorder_point=4, order_up_to=5, review_days=2.5, supply="plant")

    assert made({**ROAD, "shelf": shelf, **customers()}, 7.0) == [2.5] * 2 + [5.0] * 3


def test_a_demand_at_the_instant_of_a_review_is_seen_by_it() -> None:
    shelf = Stock(level=5, review_days=2.0, supply="plant")

    assert made({**ROAD, "shelf": shelf, **customers()}, 4.5) == [2.0] * 2 + [4.0] * 2


def test_orders_are_counted_once_for_all_their_units() -> None:
    shelf = Stock(rule="r_Q", reorder_point=0, quantity=4, supply="plant")
    world = after({**ROAD, "shelf": shelf, **customers()}, 20.5)

    assert figure(world, "shelf.orders_per_day") == pytest.approx(5 / 20.5)
    assert len(made({**ROAD, "shelf": shelf, **customers()}, 20.5)) == 20


def test_a_lost_unit_counts_as_missing_and_a_batch_is_ordered_only_at_the_reorder_point() -> None:
    shelf = Stock(rule="r_Q", reorder_point=1, quantity=3, initial=1, supply="plant")
    lossy: Network = {
        "plant": Source(to="road"),
        "road": Lane(days=Constant(value=2.0), to={"shelf": 0.5, "scrap": 0.5}),
        "scrap": Sink(),
    }
    world = after({**lossy, "shelf": shelf, **NEVER}, 200.0)

    assert world.blocks["shelf"].on_order == 0
    assert 2 <= len(world.blocks["shelf"].shelf) <= 4
    assert world.blocks["plant"].left == world.blocks["scrap"].left + len(world.blocks["shelf"].shelf) - 1
    assert world.blocks["plant"].left % 3 == 0


# --- push ---

PUSHED: Network = {
    "cores": Stock(rule="none", push=Push(to="shelf", via="rebuild", quantity=2)),
    "rebuild": Lane(days=Constant(value=3.0), to="shelf"),
    **ROAD,
}


def test_cores_are_pushed_as_soon_as_a_batch_is_there() -> None:
    network = {**PUSHED, **arriving("cores", a=1.0, b=4.0, c=5.0), "shelf": Stock(level=0, supply="plant"), **NEVER}

    assert times(network, "sent", "rebuild") == {"a": 4.0, "b": 4.0}
    assert figure(after(network, 10.0), "cores.releases_per_day") == pytest.approx(1 / 10)


def test_what_is_pushed_is_on_order_from_then_on() -> None:
    network = {**PUSHED, **arriving("cores", a=1.0, b=1.0), "shelf": Stock(level=2, supply="plant"), **customers(1.5)}

    # the two of the start are sold on days 1.5 and 3, and two are in the rebuild since day 1
    assert made(network, 4.0) == []
    assert made(network, 5.0) == [4.5]


def test_what_is_lost_in_the_rebuild_is_ordered_anew() -> None:
    network = {
        **PUSHED,
        "rebuild": Lane(days=Constant(value=3.0), to="scrap"),
        "scrap": Sink(),
        **arriving("cores", a=1.0, b=1.0),
        "shelf": Stock(level=2, initial=0, supply="plant"),
        **NEVER,
    }
    world = after(network, 10.0)

    assert made(network, 10.0) == [0.0, 0.0]
    assert world.blocks["shelf"].on_order == 0

    early = {**network, "shelf": Stock(level=3, initial=1, supply="plant"), **customers(2.5)}
    # on day 2.5 two are on order and two in the rebuild; on day 4 the rebuild loses both
    assert made(early, 4.5) == [0.0, 0.0, 4.0]


def test_cores_that_are_there_at_the_start_are_pushed_at_the_start() -> None:
    cores = Stock(rule="none", initial=5, push=Push(to="shelf", quantity=2))
    world = after({"cores": cores, **ROAD, "shelf": Stock(level=0, supply="plant"), **NEVER}, 1.0)

    assert (len(world.blocks["cores"].shelf), len(world.blocks["shelf"].shelf)) == (1, 4)


# --- pull ---


def pulled(**rule: int) -> Network:
    """Return cores on a shelf of their own, and a shelf that pulls from it up to 4 when it has fallen to 1."""
    prefer = Prefer(supply="cores", via="rebuild", reorder_point=1, order_up_to=4)
    return {
        "rebuild": Lane(days=Constant(value=3.0), to="shelf"),
        "cores": Stock(rule="none", initial=rule.pop("cores")),
        **ROAD,
        "shelf": Stock(rule="r_Q", supply="plant", prefer=prefer, **rule),  # type: ignore[arg-type]
    }


def test_a_pull_takes_the_whole_batch_when_the_position_has_fallen() -> None:
    network = {**pulled(cores=7, reorder_point=-5, quantity=1, initial=3), **customers()}
    sent = [day for day, _, block, event in story(network, 10.5) if (block, event) == ("rebuild", "sent")]

    assert sent == [2.0] * 3 + [5.0] * 3


def test_a_pull_waits_until_all_of_the_batch_is_there() -> None:
    network = {**pulled(cores=1, reorder_point=-9, quantity=1, initial=1), **arriving("cores", a=5.0, b=6.0), **NEVER}

    assert sorted(times(network, "sent", "rebuild").values()) == [6.0, 6.0, 6.0]


def test_new_units_are_ordered_only_where_the_pull_leaves_the_position_too_low() -> None:
    plenty, few = ({**pulled(cores=cores, reorder_point=1, quantity=2, initial=3), **customers()} for cores in (99, 2))

    assert made(plenty, 12.0) == []
    assert made(few, 2.5) == [2.0, 2.0]


def test_rebuilt_units_come_first_and_new_ones_fill_up() -> None:
    network: Network = {
        **ROAD,
        "cores": Stock(rule="none", initial=2),
        "shelf": Stock(level=5, initial=0, supply="plant", prefer=Prefer(supply="cores")),
        **NEVER,
    }
    world = after(network, 1.0)

    assert len(world.blocks["shelf"].shelf) == 2
    assert len(made(network, 1.0)) == 3
    assert figure(world, "cores.releases_per_day") == 1.0


def test_a_supplier_that_buys_cores_itself_replaces_what_was_taken() -> None:
    cores: dict[str, Any] = {"cores": Stock(level=3, supply="yard"), "yard": Source(to="cores")}
    shelf = Stock(level=1, supply="plant", prefer=Prefer(supply="cores"))
    network: Network = {**ROAD, **cores, "shelf": shelf, **customers()}

    assert made(network, 5.5) == []
    assert after(network, 5.5).blocks["yard"].left == 5


# --- disposal ---


def test_what_nobody_ordered_is_disposed_of_above_the_level() -> None:
    network = {
        **arriving("shelf", a=1.0, b=2.0, c=3.0, d=4.0),
        "shelf": Stock(rule="none", dispose_above=2, dispose_to="scrap"),
        "scrap": Sink(),
        **customers(3.5),
    }

    assert times(network, "left", "scrap", 5.0) == {"c": 3.0}
    assert times(network, "left", "customers", 5.0) == {"a": 3.5}


def test_what_was_ordered_is_kept_and_counts_against_what_was_not() -> None:
    network = {
        **ROAD,
        **arriving("shelf", a=1.0, b=3.0),
        "shelf": Stock(level=2, initial=0, supply="plant", dispose_above=2, dispose_to="scrap"),
        "scrap": Sink(),
        **NEVER,
    }
    world = after(network, 5.0)

    assert len(world.blocks["shelf"].shelf) == 2
    assert world.blocks["scrap"].left == 2


def test_a_unit_that_somebody_waits_for_is_never_disposed_of() -> None:
    network = {
        **arriving("shelf", a=2.5),
        "shelf": Stock(rule="none", dispose_above=0, dispose_to="scrap"),
        "scrap": Sink(),
        **customers(2.0),
    }

    assert times(network, "left", "customers", 3.0) == {"a": 2.5}


# --- refusals ---


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"rule": "s_S", "reorder_point": 3, "supply": "x"}, "`rule: s_S` needs `order_up_to`"),
        ({"rule": "s_S", "reorder_point": 3, "order_up_to": 3, "supply": "x"}, "must lie above reorder_point 3"),
        ({"rule": "r_Q", "reorder_point": 3, "supply": "x"}, "`rule: r_Q` needs `quantity`"),
        ({"rule": "r_Q", "reorder_point": 3, "quantity": 2}, "`rule: r_Q` needs `supply`"),
        ({"rule": "r_Q", "reorder_point": 3, "quantity": 2, "level": 4, "supply": "x"}, "has no `level`"),
        ({"level": 3, "quantity": 2, "supply": "x"}, "`rule: base_stock` has no `quantity`"),
        ({"rule": "none", "supply": "x"}, "`rule: none` has no `supply`"),
        ({"rule": "none", "review_days": 2.0}, "never orders"),
        ({"rule": "none", "prefer": Prefer(supply="x")}, "`prefer` needs `reorder_point` and `order_up_to`"),
        ({"level": 3, "supply": "x", "push": Push(to="y")}, "`push` is for `rule: none`"),
        ({"rule": "none", "dispose_above": 3}, "`dispose_above` and `dispose_to` go together"),
        ({"rule": "none", "initial": 4, "dispose_above": 3, "dispose_to": "x"}, "starts with 4 units"),
    ],
)
def test_rules_that_make_no_sense_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Stock(**keys)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"reorder_point": 3}, "needs both"),
        ({"reorder_point": 3, "order_up_to": 2}, "order_up_to 2 must lie above reorder_point 3"),
    ],
)
def test_pulls_that_make_no_sense_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Prefer(supply="x", **keys)

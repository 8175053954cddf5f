"""What must not get worse when something gets better, for stocks and returns: theorems on every path, asserted.

All runs share their luck: the n-th customer comes at the same time, the n-th order has the same lead time, a removed
unit has the same chance of coming back. What only mostly holds is told in docs/what-ifs.md, not asserted.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config import Lane, Population, Sink, Source, Stock
from sim.laws import Constant, Exponential, Geometric, Law, Lognormal
from sim.stocks import Prefer
from sim.world import World
from tests.sim.generated import EXAMPLES, laws
from tests.sim.networks import Network, rows, run

Path = dict[float, tuple[int, int]]
"""Units at hand and backorders from each day on."""


def supplied(shelf: Stock, lead: Law, demand: Law, several: Law | None) -> Network:
    """Return customers, a stock and a plant that makes whatever is ordered."""
    return {
        "plant": Source(to="road"),
        "road": Lane(days=lead, to="shelf"),
        "shelf": shelf,
        "customers": Sink(from_="shelf", interarrival_days=demand, batch=several),
    }


def path(network: Network, days: float = 40.0, seed: int = 3) -> Path:
    """Return what is at hand and owed after each instant at which the stock moves."""
    held, owed, found = 0, 0, Path()
    for day, _, block, event in rows(run(network, days, seed=seed)):
        if block == "shelf":
            held += {"stocked": 1, "issued": -1}.get(event, 0)
            owed += {"demanded": 1, "issued": -1}.get(event, 0)
            found[day] = (held, owed)
    return found


def at_every_instant(one: Path, other: Path) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return both states from the first instant on that both have seen."""
    found, before, after = [], None, None
    for day in sorted({*one, *other}):
        before, after = one.get(day, before), other.get(day, after)
        if before is not None and after is not None:
            found.append((before, after))
    return found


def demands() -> st.SearchStrategy[Law]:
    return st.sampled_from([Exponential(mean=1.0), Constant(value=0.75), Lognormal(mean=1.0, cv=2.0)])


def sizes() -> st.SearchStrategy[Law | None]:
    return st.sampled_from([None, Constant(value=2.0), Geometric(mean=2.0)])


@EXAMPLES
@given(st.integers(1, 9), st.sampled_from(laws(3.0)), demands(), sizes())
def test_a_base_stock_of_one_more_holds_one_more_or_owes_one_less_at_every_instant(
    level: int, lead: Law, demand: Law, several: Law | None
) -> None:
    less, more = (path(supplied(Stock(level=n, supply="plant"), lead, demand, several)) for n in (level, level + 1))

    for (held, owed), (held_more, owed_less) in at_every_instant(less, more):
        assert held_more - owed_less == held - owed + 1
        assert held_more >= held
        assert owed_less <= owed


@EXAMPLES
@given(st.integers(0, 6), st.integers(1, 6), st.sampled_from(laws(3.0)), demands(), sizes())
def test_a_reorder_point_of_one_more_holds_one_more_or_owes_one_less_at_every_instant(
    reorder_point: int, quantity: int, lead: Law, demand: Law, several: Law | None
) -> None:
    """Both stocks start full, one more on the shelf of the one with the higher reorder point: they order together."""
    less, more = (
        path(supplied(Stock(rule="r_Q", reorder_point=point, quantity=quantity, supply="plant"), lead, demand, several))
        for point in (reorder_point, reorder_point + 1)
    )

    for (held, owed), (held_more, owed_less) in at_every_instant(less, more):
        assert held_more - owed_less == held - owed + 1
        assert held_more >= held
        assert owed_less <= owed


@EXAMPLES
@given(st.integers(1, 9), st.floats(0.5, 6.0), st.floats(0.0, 4.0), demands(), sizes())
def test_a_longer_constant_lead_time_never_owes_less_with_a_base_stock(
    level: int, lead: float, longer: float, demand: Law, several: Law | None
) -> None:
    short, long = (
        path(supplied(Stock(level=level, supply="plant"), Constant(value=days), demand, several))
        for days in (lead, lead + longer)
    )

    for (held, owed), (held_late, owed_late) in at_every_instant(short, long):
        assert owed_late >= owed
        assert held_late <= held


@pytest.mark.parametrize("names", [("back", "kept"), ("zurück", "kept")])
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_higher_return_probability_brings_every_core_that_a_lower_one_brings(
    names: tuple[str, str], one: float, other: float
) -> None:
    """Each removal has a mark of its own, and what comes back does not feed the fleet."""
    back, kept = names

    def received(probability: float) -> set[tuple[float, int]]:
        network: Network = {
            "fleet": Population(
                size=20,
                life_days=Exponential(mean=5.0),
                replacement="new",
                to={back: probability, kept: 1.0 - probability},
            ),
            back: Lane(days=Lognormal(mean=1.0, cv=1.0), to="yard"),
            "yard": Sink(),
            kept: Sink(),
        }
        table = rows(run(network, 15.0))
        return {(day, unit) for day, unit, block, event in table if (block, event) == ("yard", "left")}

    few, many = received(min(one, other)), received(max(one, other))

    assert few <= many


FEES = [0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]
LEVELS = range(12)


def kept_returns(level: int) -> World:
    """Return a world that keeps returns up to a level, with the same luck for every level."""
    network: Network = {
        "returns": Source(interarrival_days=Exponential(rate=0.9), to="returned"),
        "returned": Stock(rule="none", dispose_above=level, dispose_to="disposal"),
        "disposal": Sink(),
        "shelf": Stock(level=0, supply="plant", prefer=Prefer(supply="returned")),
        "plant": Source(to="shelf"),
        "customers": Sink(from_="shelf", interarrival_days=Exponential(rate=1.0)),
    }
    world = World(network, seed=4)
    world.run_until(2000.0)
    return world


def test_a_higher_disposal_fee_raises_the_least_cost_ever_more_slowly_and_never_disposes_of_more() -> None:
    """The least of costs that are linear in the fee; under a fixed level the fee changes nothing that happens."""
    figures = [world.kpis() for world in map(kept_returns, LEVELS)]

    def cost(level: int, fee: float) -> float:
        def figure(name: str) -> float:
            return figures[level][name][0]

        made = 10.0 * figure("plant.throughput_per_day") + 4.0 * figure("returned.releases_per_day")
        return made + 1.5 * figure("returned.on_hand_mean") + fee * figure("disposal.throughput_per_day")

    best = [min(LEVELS, key=lambda level: cost(level, fee)) for fee in FEES]
    least = [cost(level, fee) for level, fee in zip(best, FEES, strict=True)]
    disposed = [figures[level]["disposal.throughput_per_day"][0] for level in best]
    points = pairwise(zip(FEES, least, strict=True))
    slopes = [(after - before) / (dear - cheap) for (cheap, before), (dear, after) in points]

    assert len(set(best)) > 2
    assert all(before <= after for before, after in pairwise(least))
    assert all(before >= after - 1e-12 for before, after in pairwise(slopes))
    assert all(before >= after for before, after in pairwise(disposed))

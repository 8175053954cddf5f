"""Money moves between accounts and is never made or lost; profit is linear in every price, whatever the currency."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import pytest

from sim.log import Log
from sim.parties.accounts import OUTSIDE, Accounts
from sim.parties.config import Fleet
from sim.parties.expand import Sections
from sim.world import World
from tests.sim.chains import (
    CHAIN,
    HORIZON,
    WARM_UP,
    at,
    changed,
    in_euros,
    made,
    ran,
    table,
    tables,
    values,
    with_party,
)

DAYS = 200.0

AMOUNTS = [".".join(path) for path in in_euros(CHAIN)]
"""Every amount in EUR of the chain's sections, by its documentation."""


UNPAID = {
    "parties.remanco.value_reman",
    "parties.remanco.outcome_noise",
    "parties.rig.appraisal_noise",
    *(f"product.wear.{name}.rework_cost" for name in ("bearing", "seal")),
}
"""Amounts that nobody pays: they enter margins and appraisals only, or bearings and seals, which are not reworked."""


@pytest.fixture(scope="module")
def world() -> World:
    """The chain at the end of its run; nobody changes it."""
    return ran()


@pytest.fixture(scope="module")
def short() -> World:
    """The chain after a shorter run."""
    return ran(days=DAYS)


def profits(world: World) -> dict[str, float]:
    """Return the profit of each party and of the chain."""
    return {name: value for name, value in values(world).items() if name.rpartition(".")[2] == "profit"}


def turnover(world: World) -> float:
    """Return the sum of all payments, by which differences are judged."""
    return math.fsum(abs(row["amount"]) for row in table(world, "payments"))


def balances(rows: list[dict[str, float]]) -> Iterator[tuple[str, float]]:
    for account in sorted({str(row[end]) for row in rows for end in ("payer", "payee")}):
        gained = math.fsum(row["amount"] * ((row["payee"] == account) - (row["payer"] == account)) for row in rows)
        yield account, gained


# --- conservation ---


def test_every_payment_leaves_one_account_for_another(world: World) -> None:
    known = {OUTSIDE, *CHAIN.parties}

    assert all(
        row["payer"] != row["payee"] and {row["payer"], row["payee"]} <= known for row in table(world, "payments")
    )


def test_all_accounts_together_hold_nothing(world: World) -> None:
    accounts = [*CHAIN.parties, OUTSIDE]

    assert abs(math.fsum(world.chain.accounts.balance(name) for name in accounts)) < 1e-9  # type: ignore[union-attr]


def test_a_partys_profit_is_the_sum_over_its_payments_in_the_window(world: World) -> None:
    rows = [row for row in table(world, "payments") if row["day"] >= WARM_UP]
    counted = dict(balances(rows))
    figures = profits(world)

    assert len(rows) < len(table(world, "payments"))
    for name in CHAIN.parties:
        assert figures[f"{name}.profit"] == pytest.approx(counted.get(name, 0.0), abs=1e-9)
        assert figures[f"{name}.profit"] != 0.0


def test_the_chains_profit_is_that_of_all_parties_but_its_customers(world: World) -> None:
    figures = values(world)
    sellers = [name for name, party in CHAIN.parties.items() if not isinstance(party, Fleet)]

    assert figures["profit"] == pytest.approx(math.fsum(figures[f"{name}.profit"] for name in sellers), abs=1e-9)
    everybody = math.fsum(figures[f"{name}.profit"] for name in CHAIN.parties)
    assert figures["profit_with_fleets"] == pytest.approx(everybody, abs=1e-6)


def test_counters_alone_give_the_same_profits() -> None:
    world = made(log=Log(events=False))
    world.run_until(WARM_UP)
    world.count_from_now()
    world.run_until(HORIZON)
    world.close_books()

    assert profits(world) == profits(ran())


def test_every_purpose_is_paid_as_often_as_what_it_is_for_happened(world: World) -> None:
    paid = Counter(row["purpose"] for row in table(world, "payments"))
    torn = table(world, "teardown")
    rebuilt = [row for row in torn if row["finding"] == "rebuild"]
    counted = Counter((row["from"], row["to"]) for row in table(world, "parts"))
    left = Counter(row["block"] for row in table(world, "events") if row["event"] == "left")

    assert paid["core"] == len(table(world, "visual"))
    assert paid["bench test"] == len(table(world, "bench"))
    assert 2 * paid["destructive test"] == len(table(world, "lab"))
    assert paid["core for remanufacturing"] == paid["remanufacturing"] == len(torn)
    assert paid["rework"] <= sum(row["parts_reworked"] > 0.0 for row in rebuilt)
    assert 0 < paid["parts"] <= sum(row["parts_replaced"] > 0.0 for row in rebuilt)
    assert paid["harvested part"] == counted["shelf", "unit"]
    assert paid["energy"] == len({(row["unit"], row["day"]) for row in table(world, "energy")})
    metered = [f"remanco.{name}" for name in ("teardown", "wash", "inspect", "assembly", "end_of_line")]
    done = Counter(row["block"] for row in table(world, "events") if row["event"] == "finished")
    assert paid["electricity"] == sum(done[name] for name in (*metered, "rig.bench", "rig.lab"))
    assert paid["new unit"] == paid["making"]
    assert paid["core for material"] == left["metals.shred"]
    assert paid["material"] == paid["waste"] == len(table(world, "material"))
    assert paid["landfill"] == left["north.landfill"] + left["south.landfill"]
    assert paid["core as it is"] == left["north.resale"] + left["south.resale"]
    assert paid["holding"] == paid["backorders"] == 1


def test_electricity_is_what_stations_metered_at_its_price(world: World) -> None:
    """Each party pays for its own stations; machining is metered job by job and paid apart."""
    paid = Counter[str]()
    for row in table(world, "payments"):
        if row["purpose"] == "electricity" and row["day"] >= WARM_UP:
            paid[row["payer"]] += row["amount"]
    counted = world.chain.counted  # type: ignore[union-attr]
    metered = {name.removeprefix("kwh_"): kwh for name, kwh in counted.items() if name.startswith("kwh_")}
    metered.pop("remanco.machining")

    assert metered.keys() == {
        *(f"remanco.{name}" for name in ("teardown", "wash", "inspect", "assembly", "end_of_line")),
        "rig.bench",
        "rig.lab",
    }
    for party in ("remanco", "rig"):
        kwh = math.fsum(amount for name, amount in metered.items() if name.startswith(f"{party}."))
        assert paid.pop(party) == pytest.approx(kwh * CHAIN.costs.energy_per_kwh, rel=1e-9)
    assert not paid


def test_books_are_closed_once() -> None:
    world = ran(days=100.0)
    before = profits(world)
    world.close_books()

    assert profits(world) == before


def test_an_amount_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="payment of nan from north to outside for cores"):
        Accounts(Log()).pay(0.0, "north", OUTSIDE, math.nan, "cores")


# --- prices ---


def test_the_documentation_names_every_amount() -> None:
    assert len(AMOUNTS) == 41
    assert {"parties.remanco.price", "costs.holding_per_day", "product.wear.gear.replace_cost"} <= set(AMOUNTS)


@pytest.mark.parametrize("name", AMOUNTS)
def test_profit_is_exactly_linear_in_every_amount(name: str, short: World) -> None:
    """Nobody reacts to a price here, so three runs lie on one line."""
    path = tuple(name.split("."))
    base = at(CHAIN, path)
    halved, trebled = (ran(changed(CHAIN, path, base * factor), days=DAYS) for factor in (0.5, 3.0))
    worlds = [halved, short, trebled]
    events = [tables(world)["events"] for world in worlds]
    low, middle, high = (profits(world) for world in worlds)

    assert events[0] == events[1] == events[2]
    for party in low:
        expected = low[party] + (high[party] - low[party]) * 0.2
        assert abs(middle[party] - expected) <= 1e-9 * turnover(worlds[2]), party
    moved = any(high[party] != low[party] for party in low)
    assert moved == (base > 0.0 and name not in UNPAID)


def test_the_slope_of_profit_in_a_price_is_the_number_of_units_sold(short: World) -> None:
    path = ("parties", "remanco", "price")
    base = short
    dearer = ran(changed(CHAIN, path, at(CHAIN, path) + 1.0), days=DAYS)
    sold = [row for row in table(base, "payments") if row["purpose"] == "serviceable unit" and row["day"] >= WARM_UP]

    assert profits(dearer)["remanco.profit"] - profits(base)["remanco.profit"] == pytest.approx(len(sold), abs=1e-6)
    by_cabs = sum(row["payer"] == "cabs" for row in sold)
    assert profits(base)["cabs.profit"] - profits(dearer)["cabs.profit"] == pytest.approx(by_cabs, abs=1e-6)
    with_fleets, by_workshops = "profit_with_fleets", sum(row["payer"] == OUTSIDE for row in sold)
    assert values(dearer)[with_fleets] - values(base)[with_fleets] == pytest.approx(by_workshops, abs=1e-6)


@pytest.mark.parametrize("factor", [2.0, 7.3])
def test_another_currency_changes_the_figures_in_money_and_no_decision(factor: float, short: World) -> None:
    sections: Sections = CHAIN
    for path in in_euros(CHAIN):
        sections = changed(sections, path, at(CHAIN, path) * factor)
    base, other = short, ran(sections, days=DAYS)
    scale = turnover(other)

    assert tables(other)["decisions"] == tables(base)["decisions"]
    assert tables(other)["events"] == tables(base)["events"]
    for name, value in profits(base).items():
        assert abs(profits(other)[name] - factor * value) <= 1e-9 * scale
    labels = [[(row["unit"], row["party"], row["profitable"]) for row in table(w, "outcome")] for w in (base, other)]
    assert labels[0] == labels[1]


def test_what_is_free_is_no_payment() -> None:
    world = ran(with_party(CHAIN, "rig", price=0.0), days=DAYS)

    assert table(world, "bench")
    assert not [row for row in table(world, "payments") if row["purpose"] == "bench test"]

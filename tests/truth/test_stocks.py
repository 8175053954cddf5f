"""Stocks that order one for one: backorders, lost customers, batches, and one stock behind another."""

from __future__ import annotations

from typing import Any

from tests.truth import known, theory
from tests.truth.conftest import Truth


def test_only_the_mean_lead_time_counts_when_leads_do_not_wait_for_one_another(truth: Truth) -> None:
    values = known.base_stock_poisson_service_parts()
    names = {
        "EBO": "backorders_mean",
        "on_hand": "on_hand_mean",
        "fill_rate": "fill_rate",
        "mean_wait": "wait_mean_days",
    }
    lanes = {f"{lane}.number_mean": values["pipeline"] for lane in ("transport", "other_transport")}

    truth("base_stock_poisson_service_parts").settles_at(
        lanes | {f"{stock}.{name}": values[key] for stock in ("parts", "other_parts") for key, name in names.items()}
    )


def test_customers_who_leave_are_lost_calls(truth: Truth) -> None:
    loss = theory.erlang_b(1.4 * 5, 8)
    pipeline = 7 * (1 - loss)

    truth("base_stock_lost_sales").settles_at(
        {
            "parts.fill_rate": 1 - loss,
            "parts.on_hand_mean": 8 - pipeline,
            "transport.number_mean": pipeline,
            "customers.throughput_per_day": 1.4 * (1 - loss),
        }
    )


def test_customers_who_want_several_make_a_compound_poisson_demand(truth: Truth) -> None:
    sizes = [0.0, 0.5, 0.3, 0.0, 0.2]
    rate = 0.6 * sum(size * chance for size, chance in enumerate(sizes))
    backorders = theory.overshoot(theory.compound_poisson(0.6 * 4, sizes), 9)

    truth("base_stock_batches").settles_at(
        {
            "parts.backorders_mean": backorders,
            "parts.on_hand_mean": 9 - rate * 4 + backorders,
            "parts.wait_mean_days": backorders / rate,
            "transport.number_mean": rate * 4,
        }
    )


def test_bases_behind_a_depot_owe_what_is_exact_and_not_what_metric_says(truth: Truth) -> None:
    values: Any = known.metric_depot_3_bases()
    bases = ("north", "east", "south")
    case = truth("metric_depot_3_bases")

    case.settles_at(
        {"depot.backorders_mean": values["depot_EBO"], "depot.wait_mean_days": values["depot_delay"]}
        | {f"{base}.backorders_mean": owed for base, owed in zip(bases, values["base_EBO_exact"], strict=True)}
    )
    south = case.steady()["south.backorders_mean"].mean()
    assert abs(south - values["base_EBO_exact"][2]) < abs(south - values["base_EBO_metric_approx"][2])


def test_a_shop_waits_for_what_its_warehouse_owes_it(truth: Truth) -> None:
    making = theory.poisson(1.2 * 4)
    owed = theory.share_of_backorders(making, 5, 1.0)
    shop = theory.overshoot(theory.summed(owed, theory.poisson(1.2 * 1.5)), 3)

    truth("two_echelons_in_a_row").settles_at(
        {
            "warehouse.backorders_mean": theory.overshoot(making, 5),
            "warehouse.fill_rate": sum(making[:5]),
            "shop.backorders_mean": shop,
            "shop.wait_mean_days": shop / 1.2,
            "delivery.number_mean": 1.2 * 1.5,
        }
    )

"""Key figures of a chain with parties: money, service, yield, CO2e, circularity. Formulas are in `docs/kpis.md`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.blocks.block import Kpi
from sim.circularity import circularity
from sim.parties.config import Fleet

if TYPE_CHECKING:
    from sim.parties.chain import Chain


def chain_kpis(chain: Chain, day: float) -> dict[str, Kpi]:
    """Return the chain's figures since counting began."""
    count = chain.counted.get
    parties = chain.sections.parties
    stock = chain.world.blocks[chain.stock].kpis(day)
    profits = {name: chain.accounts.balance(name) for name in sorted(parties)}
    # fleets are the customers of the chain: what they pay is its revenue
    chain_profit = math.fsum(profit for name, profit in profits.items() if not isinstance(parties[name], Fleet))
    return {
        "profit": (chain_profit, "EUR"),
        "fill_rate": stock["fill_rate"],
        "backorders_mean": stock["backorders_mean"],
        "core_return_rate": (_share(count("cores", 0), count("removed", 0)), "1"),
        "reman_yield": (_share(count("remanufactured", 0), count("torn_down", 0)), "1"),
        "reman_share": (_share(count("sold_reman", 0), count("sold_reman", 0) + count("sold_new", 0)), "1"),
        "co2e_saved_kg": (_co2e_saved(chain), "kg"),
        "mci": (_mci(chain), "1"),
        "cores": (count("cores", 0.0), "units"),
        "remanufactured": (count("remanufactured", 0.0), "units"),
        "recycled": (count("recycled", 0.0), "units"),
        "new_units": (count("new_units", 0.0), "units"),
        **{f"{name}.profit": (profit, "EUR") for name, profit in profits.items()},
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _co2e_saved(chain: Chain) -> float:
    """CO2e of the new units that remanufactured ones stood in for, less that of remanufacturing; displacement 1."""
    product = chain.sections.product
    assert product is not None
    return chain.counted.get("sold_reman", 0) * (product.co2e_new_kg - product.co2e_reman_kg)


def _mci(chain: Chain) -> float:
    """Indicator of the mean unit sold: its feedstock, and what becomes of removed units."""
    product, count = chain.sections.product, chain.counted.get
    assert product is not None
    sold, removed = count("sold_reman", 0) + count("sold_new", 0), count("removed", 0)
    if not sold or not removed:
        return math.nan
    reused_in = product.reused_share * count("sold_reman", 0) / sold
    reused_out = product.reused_share * min(1.0, count("remanufactured", 0) / removed)
    recycled_out = min(1.0 - reused_out, (count("recycled", 0) + count("remanufactured", 0)) / removed - reused_out)
    return circularity(
        product.mass_kg,
        recycled_in=product.recycled_feedstock * (1.0 - reused_in),
        reused_in=reused_in,
        recycled_out=max(0.0, recycled_out),
        reused_out=reused_out,
        efficiency_out=product.recycling_efficiency,
        efficiency_in=product.recycling_efficiency,
    ).mci

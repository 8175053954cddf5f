"""Circularity: the Material Circularity Indicator from masses that were measured, and core indicators of flow.

The indicators named `flow_...` follow the core indicators of ISO 59020:2024 as secondary sources describe them; neither
names nor boundaries were checked against the standard's own text, so no conformity is claimed.
"""

from __future__ import annotations

from sim.circularity import circularity
from sim.figure import Figure, Quantity, quantity
from sim.parties.figures.material import Flows, flows
from sim.parties.figures.measured import Measured
from sim.parties.figures.money import payments


def figures(measured: Measured) -> dict[str, Figure]:
    """Return `mci`, what it is made of, and the indicators of flow.

    mci = max(0, 1 - LFI 0.9 / X), 1, with LFI = (V + W) / (2 M + (W_F - W_C) / 2): M the mass of what was made and
    remanufactured, V its virgin feedstock, W = W0 + (W_F + W_C) / 2 the waste, with W0 what is neither reused nor
    recycled, W_C lost in recycling it and W_F lost in recycling the feedstock. All are weighed, which sums them over
    components and materials. What left use is scaled to M, so that stocks that grow or shrink do not count as waste.
    X = mean life / mean first life, both as measured.
    """
    found = flows(measured)
    life = _life_extension(measured)
    return {"mci": _indicator(measured, found, life), **_flow_indicators(measured, found, life)}


def _life_extension(measured: Measured) -> Quantity:
    passage = measured.chain.passage
    lives = quantity("life_days", passage.life_days, "days") / quantity("lives", passage.lives, "lives")
    first = quantity("first_life_days", passage.first_life_days, "days")
    return lives / (first / quantity("first_lives", passage.first_lives, "lives"))


def _indicator(measured: Measured, found: Flows, life: Quantity) -> Figure:
    mass, out = found.made + found.reused, found.out
    if not (mass.value > 0.0 and out.value > 0.0 and life.value > 0.0):
        return (Quantity(0.0, "0") / (mass * out * life)).figure("1")
    reused_in = found.reused.value / mass.value
    reused_out = found.reused.value + found.resold.value
    collected = found.recovered.value + found.residue.value
    return circularity(
        mass.value,
        recycled_in=measured.product.recycled_feedstock * (1.0 - reused_in),
        reused_in=reused_in,
        recycled_out=collected / out.value,
        reused_out=reused_out / out.value,
        efficiency_out=found.recovered.value / collected if collected else 1.0,
        efficiency_in=measured.product.recycling_efficiency,
        life=life.value,
    ).figure()


def _flow_indicators(measured: Measured, found: Flows, life: Quantity) -> dict[str, Figure]:
    """Return the core indicators for which a run has data.

    flow_reused_content, flow_recycled_content: shares of the mass that went into products, 1. flow_lifetime_ratio: mean
    life / mean first life, 1. flow_reused_out, flow_recycled_out: shares of the mass that left use, 1.
    flow_material_productivity = what customers paid for units / virgin mass that went in, EUR/kg.
    """
    into = found.made + found.reused
    feedstock = quantity("recycled_feedstock", measured.product.recycled_feedstock, "1")
    return {
        "flow_reused_content": (found.reused / into).figure("1"),
        "flow_recycled_content": (feedstock * found.made / into).figure("1"),
        "flow_lifetime_ratio": life.figure("1"),
        "flow_reused_out": ((found.reused + found.resold) / found.out).figure("1"),
        "flow_recycled_out": (found.recovered / found.out).figure("1"),
        "flow_material_productivity": (_revenue(measured) / (found.made * (1.0 - feedstock))).figure("EUR/kg"),
    }


def _revenue(measured: Measured) -> Quantity:
    paid = [amount for _, payee, purpose, amount in payments(measured) if purpose == "serviceable unit"]
    return quantity("revenue", sum(paid), "EUR")

"""What factories made and the energy that it took."""

from __future__ import annotations

from sim.figure import Figure, Term, quantity, total
from sim.machining import KJ_PER_KWH
from sim.parties.config import Factory
from sim.parties.figures.measured import Counted


def metered(measured: Counted) -> dict[str, Figure]:
    """Return `energy_kwh` of an economy without a loop: what all its stations metered, kWh."""
    counted = measured.economy.counted
    return {
        "energy_kwh": total(
            (Term(name[4:], counted[name], "kWh") for name in sorted(counted) if name.startswith("kwh_")), "kWh"
        )
    }


def figures(measured: Counted) -> dict[str, Figure]:
    """Return for each factory `<party>.parts`, `<party>.energy_kwh` and `<party>.energy_per_part_kj`.

    parts = parts that left its machining stations, units. energy_kwh = sum over its stations of what they metered, kWh.
    energy_per_part_kj = that x 3600 / parts, kJ/unit.
    """
    found: dict[str, Figure] = {}
    parties = measured.economy.sections.parties
    for party in sorted(name for name, config in parties.items() if isinstance(config, Factory)):
        parts, energy = (
            total(terms(measured, party, what), unit) for what, unit in (("made", "units"), ("kwh", "kWh"))
        )
        kwh = quantity("energy_kwh", energy.value, "kWh")
        found[f"{party}.parts"] = parts
        found[f"{party}.energy_kwh"] = energy
        per_part = kwh * KJ_PER_KWH / quantity("parts", parts.value, "units")
        found[f"{party}.energy_per_part_kj"] = per_part.figure("kJ/unit")
    return found


def terms(measured: Counted, party: str, what: str) -> list[Term]:
    """Return what was counted as `<what>_<block>` at the blocks of a party, a term each."""
    counted, unit = measured.economy.counted, "kWh" if what == "kwh" else "units"
    return [
        Term(block, counted[name], unit)
        for name in sorted(counted)
        if (block := name.partition("_")[2]) and name.startswith(f"{what}_") and block.startswith(f"{party}.")
    ]

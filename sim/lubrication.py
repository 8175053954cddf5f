"""Heat and oil of a transmission: what couples the ways in which it wears. Pure, over the namespace of `sim.backends`.

Heat is a lumped steady state: losses of the mesh and of slip over the conductance of the case, as the heat capacity
levels out within an hour of driving. Oil oxidises after Arrhenius between two changes; what wears is worn under the
mean oxidation of an interval, so that damage stays linear in distance and every life has a closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.backends import Namespace
from sim.usage import Usage

GAS_CONSTANT = 8.314
"""J/(mol K)."""

ZERO_CELSIUS = 273.15
"""K."""


@dataclass(frozen=True)
class Oil:
    """Constants of heat and oil.

    mesh_loss_w: heat of the mesh at design torque. slip_loss_w: heat of slip at one shift per km. conductance: of the
    case, W/K. kelvin_per_overheat: what one overheating a year adds to the mean. activation_j: of oxidation, J/mol.
    oxidation: share per 1000 km at `reference_c`. thinning: of the logarithm of the film, per oxidation.
    """

    mesh_loss_w: float = 990.0
    slip_loss_w: float = 300.0
    conductance: float = 28.0
    kelvin_per_overheat: float = 0.6
    activation_j: float = 95.0e3
    oxidation: float = 0.03
    reference_c: float = 90.0
    thinning: float = 1.2


def arrhenius(m: Namespace, kelvin: Any, activation_j: float, reference_c: float) -> Any:
    """Return how much faster a reaction runs at a temperature than at the reference."""
    return m.exp(-activation_j / GAS_CONSTANT * (1.0 / kelvin - 1.0 / (reference_c + ZERO_CELSIUS)))


def oil_temperature(usage: Usage, oil: Oil) -> Any:
    """Return the mean temperature of the oil in degrees Celsius: ambient + losses / conductance + overheating."""
    loss = oil.mesh_loss_w * usage.torque_ratio + oil.slip_loss_w * usage.shifts_per_km
    return usage.ambient_c + loss / oil.conductance + oil.kelvin_per_overheat * usage.overheats


def oxidation_rate(m: Namespace, oil_base: Any, kelvin: Any, oil: Oil) -> Any:
    """Return the rate k per 1000 km of da/dx = k (1 - a), the oxidation of an oil."""
    return oil.oxidation * oil_base * arrhenius(m, kelvin, oil.activation_j, oil.reference_c)


def mean_oxidation(m: Namespace, rate: Any, interval: Any) -> Any:
    """Return the mean of the oxidation 1 - exp(-k x) over an interval between changes: 1 - (1 - exp(-k I)) / (k I)."""
    spent = rate * interval
    # where little is oxidised the closed form subtracts two numbers that are all but equal
    series = spent * (0.5 - spent * (1.0 / 6.0 - spent * (1.0 / 24.0 - spent / 120.0)))
    safe = m.maximum(spent, 0.02)
    return m.where(spent < 0.02, series, 1.0 - (1.0 - m.exp(-safe)) / safe)


def film_of(m: Namespace, oxidation: Any, oil: Oil) -> Any:
    """Return the relative thickness of the lubricating film, 1 with fresh oil."""
    return m.exp(-oil.thinning * oxidation)

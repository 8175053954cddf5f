"""Energy of turning a part: idle, air cutting and cutting, each from what the machine does. Pure.

Sources: O. Kienzle, "Die Bestimmung von Kraeften und Leistungen an spanenden Werkzeugen" (1952) for the force; T.
Gutowski et al., "Electrical energy requirements for manufacturing processes" (2006) and N. Diaz et al., "Energy
consumption characterization and reduction strategies for milling machine tool use" (2011) for the split of the energy.
"""

from __future__ import annotations

import math
from typing import NamedTuple

DEEPEST = 0.25
"""Largest depth of cut over the diameter."""

KJ_PER_KWH = 3600.0


class Cut(NamedTuple):
    """How a part is turned: diameter, length and depth in mm, feed in mm a revolution, speed in m a minute."""

    diameter_mm: float
    length_mm: float
    feed_mm_rev: float
    depth_mm: float
    cutting_speed: float
    passes: int = 1


class Resistance(NamedTuple):
    """How a material resists: N for a chip of 1 mm by 1 mm, and the exponent by which thin chips resist more."""

    specific_force: float
    exponent: float


class Machine(NamedTuple):
    """Powers in kW without load and in moving without cutting, and the share of its power that reaches the tool."""

    idle_kw: float
    air_kw: float
    efficiency: float


class Energy(NamedTuple):
    """kJ at standstill and while turning without load, of moving without cutting, and of cutting."""

    idle_kj: float
    air_kj: float
    cutting_kj: float


def revolutions(cut: Cut) -> float:
    """Return the spindle's revolutions a minute, n = 1000 v / (pi D)."""
    return 1000.0 * cut.cutting_speed / (math.pi * cut.diameter_mm)


def cutting_minutes(cut: Cut) -> float:
    """Return the minutes in the material, t = L / (f n) for each pass."""
    return cut.passes * cut.length_mm / (cut.feed_mm_rev * revolutions(cut))


def removal_rate(cut: Cut) -> float:
    """Return the material removed in mm3 a minute, 1000 v f a."""
    return 1000.0 * cut.cutting_speed * cut.feed_mm_rev * cut.depth_mm


def cutting_force(cut: Cut, material: Resistance, lead_angle: float = 95.0) -> float:
    """Return the cutting force in N: F = k h^-m a f with the chip's thickness h = f sin(lead angle in degrees)."""
    thickness = cut.feed_mm_rev * math.sin(math.radians(lead_angle))
    pressure: float = material.specific_force * thickness**-material.exponent
    return pressure * cut.depth_mm * cut.feed_mm_rev


def energy(cut: Cut, material: Resistance, machine: Machine, *, setup_minutes: float, air_minutes: float) -> Energy:
    """Return the energy of a job: without load as long as set-up and cutting last, in the air, and of cutting."""
    minutes = cutting_minutes(cut)
    cutting_kw = cutting_force(cut, material) * cut.cutting_speed / (60.0 * machine.efficiency) / 1000.0
    return Energy(
        idle_kj=machine.idle_kw * 60.0 * (setup_minutes + minutes),
        air_kj=machine.air_kw * 60.0 * air_minutes,
        cutting_kj=cutting_kw * 60.0 * minutes,
    )


def metered(spent: Energy, *, tool: float, meter: float) -> float:
    """Return the kJ that a meter shows, never below idle and air together.

    tool: factor of the tool's wear on the cutting part, above 0. meter: share that other consumers behind the same
    meter add, 0 or more.
    """
    return (spent.idle_kj + spent.air_kj) * (1.0 + meter) + spent.cutting_kj * tool

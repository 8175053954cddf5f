"""The exact posterior of a record's outcome in a world of first lives, by brute force: what no judge can beat.

Independent of the learned inverse: draws from the prior are weighed with the likelihood of the record in closed form.
In a first life damage is rate times distance, of the seal rate times age, and the density of the age follows from the
Weibull strengths.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sim.observe import leak_probability, visual_means
from sim.parties.product import Wear
from sim.usage import Usage
from sim.wear import Build, Damage, damage_rate, oxidation
from verify.beliefs import Beliefs

Floats = NDArray[np.float64]


class Prior:
    """Units as built and used, drawn from the beliefs; their strengths are left open."""

    def __init__(self, beliefs: Beliefs, wear: Wear, draws: int, generator: np.random.Generator) -> None:
        self.beliefs = beliefs
        self.shape = np.array([one.strength.shape for one in wear.mechanisms()])  # type: ignore[union-attr]
        duty = generator.choice(len(beliefs.duties), size=draws, p=[one.share for one in beliefs.duties])
        of = {
            name: np.array([getattr(one.duty, name) for one in beliefs.duties])[duty]
            for name in vars(beliefs.duties[0].duty)
        }
        made, use = beliefs.build, beliefs.use

        def normal(mean: float | Floats, sd: float) -> Floats:
            return generator.normal(mean, sd, draws)

        self.build = Build(
            hardness_hrc=normal(made.hardness_hrc, made.hardness_sd),
            misalignment_um=abs(normal(made.misalignment_um, made.misalignment_sd)),
            bearing_kn=normal(made.bearing_kn, made.bearing_sd),
            lining_mm=normal(made.lining_mm, made.lining_sd),
            wear_rate=made.wear_rate * np.exp(normal(0, made.wear_rate_sd)),
            oil_base=made.oil_base * np.exp(normal(0, made.oil_base_sd)),
        )
        self.per_year = of["distance_per_year"]
        self.usage = Usage(
            np.clip(normal(of["torque_ratio"], use.torque_ratio), 0.5, 1.8),
            of["shifts_per_km"] * np.exp(normal(0, use.shifts)),
            normal(of["ambient_c"], use.ambient_c),
            of["oil_interval"] * np.exp(normal(0, use.oil_interval)),
            generator.poisson(of["overheats"], draws),
        )
        self.rate = np.stack(damage_rate(np, self.build, self.usage, beliefs.wear), axis=1)
        self.oxidation = oxidation(np, self.build, self.usage, beliefs.wear)

    def probability_profitable(self, record: Floats) -> tuple[float, float]:
        """Return the probability of a profit given a record (9,), and the effective number of draws behind it."""
        beliefs, (distance, age, torque, shifts), seen = self.beliefs, record[:4], record[4:]
        damage = self.rate * np.array([distance, distance, distance, age])
        # growth per year: three wear with the distance, which the record tells, and one with time
        yearly = self.rate * np.array([distance / age, distance / age, distance / age, 1.0])
        hazard = self.shape * damage ** (self.shape - 1.0) * yearly
        weight = hazard.sum(axis=1) * np.exp(-(damage**self.shape).sum(axis=1))
        weight *= _bell(np.log(distance / age / self.per_year), beliefs.use.distance)
        weight *= _bell(torque / self.usage.torque_ratio - 1.0, beliefs.logged_torque) / self.usage.torque_ratio
        weight *= _bell(shifts / self.usage.shifts_per_km - 1.0, beliefs.logged_shifts) / self.usage.shifts_per_km
        for noted, mean in zip(seen[:3], visual_means(np, Damage(*damage.T), self.oxidation), strict=True):
            high = 1.0 if noted == 4 else ndtr((noted + 0.5 - mean) / beliefs.grader_noise)
            low = 0.0 if noted == 0 else ndtr((noted - 0.5 - mean) / beliefs.grader_noise)
            weight *= high - low
        leak = leak_probability(np, damage[:, 3])
        weight *= leak if seen[3] else 1.0 - leak
        crack = beliefs.crack_probability + beliefs.crack_per_gear_damage * np.minimum(damage[:, 0], 1.0) ** 2
        falsely, rightly = beliefs.crack_seen
        if_cracked, if_sound = (rightly, falsely) if seen[4] else (1.0 - rightly, 1.0 - falsely)
        cracked, sound = weight * crack * if_cracked, weight * (1.0 - crack) * if_sound
        limits = {name: np.array(values) for name, values in beliefs.refitting._asdict().items()}
        profit = 0.0
        for failed in range(4):
            share = hazard[:, failed] / hazard.sum(axis=1)
            replaced = (damage > limits["replace_above"]) | (np.arange(4) == failed)
            reworked = ~replaced & (damage > limits["rework_above"])
            margin = beliefs.terms.surplus - replaced @ limits["replace_cost"] - reworked @ limits["rework_cost"]
            profit += float((sound * share) @ ndtr(margin / beliefs.outcome_noise))
            loss = ndtr(-beliefs.terms.crack_loss / beliefs.outcome_noise * np.ones_like(margin))
            profit += float((cracked * share) @ loss)
        total = cracked + sound
        return profit / float(total.sum()), float(total.sum() ** 2 / (total**2).sum())


def _bell(x: Floats, sd: float) -> Floats:
    return np.exp(-0.5 * (x / sd) ** 2)

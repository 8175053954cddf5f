"""Forward model: from beliefs and luck to records of cores, in JAX.

The wear and what an eye sees are `sim.wear` and `sim.observe`, the functions that move the world. Single precision on
purpose: the noise of a record is a million times larger.

Simplified: a sound core lives again with one probability, whatever the policies make of it, up to `LIVES` lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array

from sim.observe import CLASSES, visual_means
from sim.wear import BUILD_SPREAD, DUTY_SPREAD, MECHANISMS, Build, Damage, Usage, damage_rate
from verify.beliefs import SCORES, Beliefs
from verify.economics import crack_probability, margin

LIVES = 3
"""Lives of a unit that the forward model follows."""

Key: TypeAlias = Array


class Records(NamedTuple):
    """Simulated cores and all that is true of them; arrays with one row per core.

    features: columns `verify.record.FEATURES`. damage: per mechanism at removal. failed: number of the mechanism that
    ended the life. cracked: hidden crack. margin: reported by the remanufacturer, EUR. profitable: margin above zero.
    """

    features: Array
    damage: Array
    failed: Array
    cracked: Array
    margin: Array
    profitable: Array


Luck: TypeAlias = Mapping[str, Array]
"""Random numbers of n units by what they decide, each of shape (n,); standard normal but for `UNIFORMS`."""

STRENGTHS = tuple(f"{name} strength" for name in MECHANISMS)
SEEN = ("pitting", "debris", "lining")
OF_A_UNIT = (*BUILD_SPREAD, *STRENGTHS)
OF_A_LIFE = (*DUTY_SPREAD, "logged_torque", "logged_shifts", *SEEN, "outcome", *STRENGTHS)
UNIFORMS = ("duty", "crack", "crack_seen", "again")


class _Unit(NamedTuple):
    build: Build
    damage: Array
    strength: Array
    distance: Array
    age_years: Array


@partial(jax.jit, static_argnames=("beliefs", "n"))
def sample_records(beliefs: Beliefs, n: int, *, key: Key) -> Records:
    """Return `n` cores as they would come to the dismantlers if the beliefs were true.

    Cores of all lives, in the proportions of a chain that has run for long.
    """
    builder, chooser, *lives = jax.random.split(key, LIVES + 2)
    unit = _make(beliefs, draw_unit_luck(n, key=builder))

    def live(state: tuple[_Unit, Array], key: Key) -> tuple[tuple[_Unit, Array], tuple[Records, Array]]:
        (unit, came), luck = state, draw_life_luck(n, key=key)
        unit, record = _live(beliefs, unit, luck)
        return _renew(beliefs, unit, came, record, luck), (record, came)

    _, (records, came) = jax.lax.scan(live, (unit, jnp.ones(n, dtype=bool)), jnp.stack(lives))
    # every unit comes back from its first life, so there are always enough
    order = jnp.where(came.ravel(), jax.random.uniform(chooser, (n * LIVES,), dtype=jnp.float32), 2.0)
    _, chosen = jax.lax.top_k(-order, n)
    return Records(*(column.reshape(n * LIVES, *column.shape[2:])[chosen] for column in records))


def draw_unit_luck(n: int, *, key: Key) -> Luck:
    """Return the luck of making `n` units."""
    normal = jax.random.normal(key, (len(OF_A_UNIT), n), dtype=jnp.float32)
    return dict(zip(OF_A_UNIT, normal, strict=True))


def draw_life_luck(n: int, *, key: Key) -> Luck:
    """Return the luck of `n` units in one life; drawn at once, because JAX compiles every draw anew."""
    first, second = jax.random.split(key)
    normal = jax.random.normal(first, (len(OF_A_LIFE), n), dtype=jnp.float32)
    uniform = jax.random.uniform(second, (len(UNIFORMS), n), dtype=jnp.float32)
    return dict(zip((*OF_A_LIFE, *UNIFORMS), (*normal, *uniform), strict=True))


def build_of(luck: Luck) -> Build:
    """Return how units were made, each field an array of shape (n,)."""
    at = {name: mean + sd * luck[name] for name, (mean, sd) in BUILD_SPREAD.items()}
    median, sd = BUILD_SPREAD["wear_rate"]
    at |= {"misalignment_um": jnp.abs(at["misalignment_um"]), "wear_rate": median * jnp.exp(sd * luck["wear_rate"])}
    return Build(**at)


def usage_of(beliefs: Beliefs, luck: Luck) -> tuple[Usage, Array]:
    """Return how vehicles use their units, and how many 1000 km a year they drive."""
    shares = jnp.asarray([one.share for one in beliefs.duties], dtype=jnp.float32)
    duty = jnp.searchsorted(jnp.cumsum(shares)[:-1], luck["duty"])

    def of(name: str) -> Array:
        return jnp.asarray([getattr(one.duty, name) for one in beliefs.duties], dtype=jnp.float32)[duty]

    spread = {name: sd * luck[name] for name, sd in DUTY_SPREAD.items()}
    usage = Usage(
        torque_ratio=jnp.clip(of("torque_ratio") + spread["torque_ratio"], 0.5, 1.8),
        shifts_per_km=of("shifts_per_km") * jnp.exp(spread["shifts"]),
        ambient_c=of("ambient_c") + spread["ambient_c"],
    )
    return usage, of("distance_per_year") * jnp.exp(spread["distance"])


def _make(beliefs: Beliefs, luck: Luck) -> _Unit:
    strength = _strength(beliefs, luck)
    zero = jnp.zeros_like(strength[:, 0])
    return _Unit(build_of(luck), jnp.zeros_like(strength), strength, zero, zero)


def _live(beliefs: Beliefs, unit: _Unit, luck: Luck) -> tuple[_Unit, Records]:
    """Use every unit until its first damage reaches its strength, and look at what comes back."""
    usage, per_year = usage_of(beliefs, luck)
    rate = jnp.stack(damage_rate(jnp, unit.build, usage, beliefs.wear), axis=1)
    left = jnp.maximum(unit.strength - unit.damage, 0.0) / rate
    driven, failed = left.min(axis=1), left.argmin(axis=1)
    damage = unit.damage + rate * driven[:, None]
    unit = unit._replace(damage=damage, distance=unit.distance + driven, age_years=unit.age_years + driven / per_year)
    cracked = luck["crack"] < crack_probability(jnp, beliefs, damage[:, 0])
    earned = jnp.where(cracked, -beliefs.crack_loss, margin(jnp, beliefs, damage, failed))
    earned = earned + beliefs.outcome_noise * luck["outcome"]
    features = _watch(beliefs, unit, usage, cracked, luck)
    return unit, Records(features, damage, failed, cracked, earned, earned > 0.0)


def _watch(beliefs: Beliefs, unit: _Unit, usage: Usage, cracked: Array, luck: Luck) -> Array:
    """Return the record of each core: what travelled with it, and what a grader notes."""
    passport = [
        unit.distance,
        unit.age_years,
        usage.torque_ratio * (1.0 + beliefs.logged_torque * luck["logged_torque"]),
        usage.shifts_per_km * jnp.maximum(0.1, 1.0 + beliefs.logged_shifts * luck["logged_shifts"]),
    ]
    means = dict(zip(SEEN, visual_means(jnp, Damage(*unit.damage.T)), strict=True))
    perceived = [means[name] + beliefs.grader_noise * luck[name] for name in SEEN]
    classes = [jnp.clip(jnp.round(value), 0.0, CLASSES - 1.0) for value in perceived]
    falsely, rightly = beliefs.crack_seen
    crack_seen = luck["crack_seen"] < jnp.where(cracked, rightly, falsely)
    return jnp.stack([*passport, *classes, crack_seen.astype(jnp.float32)], axis=1)


def _renew(beliefs: Beliefs, unit: _Unit, came: Array, record: Records, luck: Luck) -> tuple[_Unit, Array]:
    """Replace what is worn or has failed; also say which units live again."""
    worn = record.damage > jnp.asarray(beliefs.replace_above, dtype=jnp.float32)[None]
    worn = worn | (record.failed[:, None] == jnp.arange(len(MECHANISMS))[None])
    strength = jnp.where(worn, _strength(beliefs, luck), unit.strength)
    unit = unit._replace(damage=jnp.where(worn, 0.0, unit.damage), strength=strength)
    return unit, came & ~record.cracked & (luck["again"] < beliefs.second_life)


def _strength(beliefs: Beliefs, luck: Luck) -> Array:
    """Return the strengths (n, 3) of new parts."""
    scores = jnp.asarray(SCORES, dtype=jnp.float32)
    tables = [jnp.asarray(table, dtype=jnp.float32) for table in beliefs.strength]
    drawn = [jnp.interp(luck[name], scores, table) for name, table in zip(STRENGTHS, tables, strict=True)]
    return jnp.stack(drawn, axis=1)

"""Forward model: from beliefs and luck to records of cores, in JAX.

The wear and what an eye sees are `sim.wear` and `sim.observe`, the functions that move the world. Single precision on
purpose: the noise of a record is a million times larger.

Simplified: a sound core lives again with one probability, whatever the policies make of it, up to `LIVES` lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from types import SimpleNamespace
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array

from sim.observe import CLASSES, GRADED, leak_probability, visual_means
from sim.parties.counts import poisson_table
from sim.parties.design import AS_BUILT, PART_OF, USED, Duty, Use, as_built, used
from sim.wear import MECHANISMS, Build, Damage, damage_rate, oxidation
from sim.worth import NONE_FAILED
from verify.beliefs import SCORES, Beliefs
from verify.economics import crack_probability, margin
from verify.record import NOTHING

LIVES = 3
"""Lives of a unit that the forward model follows."""

Key: TypeAlias = Array


class Records(NamedTuple):
    """Simulated cores and all that is true of them; arrays with one row per core.

    features: columns `verify.record.FEATURES`. damage: per mechanism at removal. failed: number of the mechanism that
    ended the life, or `verify.record.NOTHING`. cracked: hidden crack. margin: reported by the remanufacturer, EUR.
    profitable: margin above zero.
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
OF_A_UNIT = (*AS_BUILT, *STRENGTHS)
OF_A_LIFE = (*USED, "logged_torque", "logged_shifts", *GRADED, "outcome", *OF_A_UNIT)
UNIFORMS = ("duty", "overheats", "retired", "leak", "crack", "crack_seen", "again")


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


def build_of(beliefs: Beliefs, luck: Luck) -> Build:
    """Return how units were made, each field an array of shape (n,)."""
    return as_built(jnp, beliefs.build, [luck[name] for name in AS_BUILT])


def use_of(beliefs: Beliefs, luck: Luck) -> tuple[Use, Array]:
    """Return how vehicles use their units, and how many of them are retired a year, per vehicle."""
    shares = jnp.asarray([one.share for one in beliefs.duties], dtype=jnp.float32)
    duty = jnp.searchsorted(jnp.cumsum(shares)[:-1], luck["duty"])

    def of(values: list[float]) -> Array:
        return jnp.asarray(values, dtype=jnp.float32)[duty]

    tables = [poisson_table(one.duty.overheats) for one in beliefs.duties]
    longest = max(map(len, tables))
    table = of([[*one, *[2.0] * (longest - len(one))] for one in tables])  # type: ignore[misc]
    overheats = (luck["overheats"][:, None] > table).sum(axis=1).astype(jnp.float32)
    each = {one.name: of([getattr(mix.duty, one.name) for mix in beliefs.duties]) for one in fields(Duty)}
    duties = SimpleNamespace(**each)
    scores = [luck[name] for name in USED]
    use = used(jnp, duties, beliefs.use, scores, duties.oil_interval, overheats)
    return use, of([one.retired for one in beliefs.duties])


def _make(beliefs: Beliefs, luck: Luck) -> _Unit:
    strength = _strength(beliefs, luck)
    zero = jnp.zeros_like(strength[:, 0])
    return _Unit(build_of(beliefs, luck), jnp.zeros_like(strength), strength, zero, zero)


def _live(beliefs: Beliefs, unit: _Unit, luck: Luck) -> tuple[_Unit, Records]:
    """Use every unit until its first damage reaches its strength or its vehicle is retired; look at what comes back."""
    (usage, per_year), retired = use_of(beliefs, luck)
    gear, bearing, clutch, seal = damage_rate(jnp, unit.build, usage, beliefs.wear)
    rate = jnp.stack([gear * per_year, bearing * per_year, clutch * per_year, seal], axis=1)
    left = jnp.maximum(unit.strength - unit.damage, 0.0) / rate
    retirement = -jnp.log(luck["retired"]) / jnp.maximum(retired, 1e-9)
    years = jnp.minimum(left.min(axis=1), retirement)
    failed = jnp.where(retirement < left.min(axis=1), NOTHING, left.argmin(axis=1))
    damage = unit.damage + rate * years[:, None]
    unit = unit._replace(damage=damage, distance=unit.distance + per_year * years, age_years=unit.age_years + years)
    cracked = luck["crack"] < crack_probability(jnp, beliefs, damage[:, 0])
    earned = jnp.where(cracked, -beliefs.terms.crack_loss, margin(jnp, beliefs, damage, failed))
    earned = earned + beliefs.outcome_noise * luck["outcome"]
    features = _watch(beliefs, unit, Use(usage, per_year), cracked, luck)
    return unit, Records(features, damage, failed, cracked, earned, earned > 0.0)


def _watch(beliefs: Beliefs, unit: _Unit, use: Use, cracked: Array, luck: Luck) -> Array:
    """Return the record of each core: what travelled with it, and what a grader notes."""
    usage, damage = use.usage, Damage(*unit.damage.T)
    passport = [
        unit.distance,
        unit.age_years,
        usage.torque_ratio * (1.0 + beliefs.logged_torque * luck["logged_torque"]),
        usage.shifts_per_km * jnp.maximum(0.1, 1.0 + beliefs.logged_shifts * luck["logged_shifts"]),
    ]
    means = visual_means(jnp, damage, oxidation(jnp, unit.build, usage, beliefs.wear))
    perceived = [mean + beliefs.grader_noise * luck[name] for name, mean in zip(GRADED, means, strict=True)]
    classes = [jnp.clip(jnp.round(value), 0.0, CLASSES - 1.0) for value in perceived]
    leak = luck["leak"] < leak_probability(jnp, damage.seal)
    falsely, rightly = beliefs.crack_seen
    crack_seen = luck["crack_seen"] < jnp.where(cracked, rightly, falsely)
    return jnp.stack([*passport, *classes, *(seen.astype(jnp.float32) for seen in (leak, crack_seen))], axis=1)


def _renew(beliefs: Beliefs, unit: _Unit, came: Array, record: Records, luck: Luck) -> tuple[_Unit, Array]:
    """Replace what is worn out or has failed, rework what is worn; also say which units live again."""

    def row(values: tuple[float, ...]) -> Array:
        return jnp.asarray(values, dtype=jnp.float32)[None]

    new = record.damage > row(beliefs.refitting.replace_above)
    new = new | (record.failed[:, None] == jnp.arange(len(MECHANISMS))[None])
    reworked = record.damage > row(beliefs.refitting.rework_above)
    damage = jnp.where(new, 0.0, jnp.where(reworked, unit.damage * row(beliefs.leaves), unit.damage))
    renewed = [
        old if part == NONE_FAILED else jnp.where(new[:, part], other, old)
        for part, old, other in zip(PART_OF, unit.build, build_of(beliefs, luck), strict=True)
    ]
    strength = jnp.where(new, _strength(beliefs, luck), unit.strength)
    unit = unit._replace(build=Build(*renewed), damage=damage, strength=strength)
    return unit, came & ~record.cracked & (luck["again"] < beliefs.second_life)


def _strength(beliefs: Beliefs, luck: Luck) -> Array:
    """Return the strengths (n, 4) of new parts."""
    scores = jnp.asarray(SCORES, dtype=jnp.float32)
    tables = [jnp.asarray(table, dtype=jnp.float32) for table in beliefs.strength]
    drawn = [jnp.interp(luck[name], scores, table) for name, table in zip(STRENGTHS, tables, strict=True)]
    return jnp.stack(drawn, axis=1)

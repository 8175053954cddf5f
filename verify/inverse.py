"""Learned inverse: from a record to the health behind it, as a mixture, trained on simulated records.

Trained once per scenario in single precision; `verify.posterior` then applies it without JAX. The same key gives the
same parameters on one machine.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax import Array

from sim.wear import MECHANISMS
from verify.forward import Key, Records
from verify.record import ENDS, FEATURES, LOG_SD_RANGE, SMALLEST, readable

COMPONENTS = 6
WIDTH = 48
BATCH = 256
EPOCHS = 20
LEARNING_RATE = 5e-3


class Mixture(NamedTuple):
    """A posterior of the standardised log damages and the failed mechanism, as a mixture; components in the first axis.

    log_weight: (components,). mean, log_sd: (components, 4), independent within a component. log_failed:
    (components, 5), logarithm of the probability of each end of the life, `verify.record.ENDS`.
    """

    log_weight: Array
    mean: Array
    log_sd: Array
    log_failed: Array


class Inverse(eqx.Module):
    """Parameters of the inverse (a PyTree): a small network, and the scales of what goes in and out."""

    net: eqx.nn.MLP
    centre: Array
    scale: Array
    target_centre: Array
    target_scale: Array

    def __call__(self, features: Array) -> Mixture:
        """Return the posterior of one record; features of shape (9,)."""
        return split(self.net((readable(jnp, features[None])[0] - self.centre) / self.scale))


@eqx.filter_jit
def train_inverse(records: Records, *, key: Key) -> Inverse:
    """Return the inverse fitted to simulated records by maximum likelihood."""
    starter, shuffler = jax.random.split(key)
    features = readable(jnp, records.features)
    targets = jnp.log(jnp.maximum(records.damage, SMALLEST))
    outputs = COMPONENTS * (1 + 2 * len(MECHANISMS) + ENDS)
    net = eqx.nn.MLP(len(FEATURES), outputs, WIDTH, 2, jax.nn.tanh, dtype=jnp.float32, key=starter)
    inverse = Inverse(
        net=net,
        centre=features.mean(axis=0),
        scale=features.std(axis=0) + 1e-3,
        target_centre=targets.mean(axis=0),
        target_scale=targets.std(axis=0),
    )
    z = (targets - inverse.target_centre[None]) / inverse.target_scale[None]
    fitted = _fit(net, (features - inverse.centre[None]) / inverse.scale[None], z, records.failed, key=shuffler)
    trained: Inverse = eqx.tree_at(lambda whole: whole.net, inverse, fitted)
    return trained


def log_density(mixture: Mixture, z: Array, failed: Array) -> Array:
    """Return the logarithm of the posterior density at standardised log damages z (4,) and an end of the life."""
    normal = -0.5 * ((z[None] - mixture.mean) / jnp.exp(mixture.log_sd)) ** 2 - mixture.log_sd
    each = mixture.log_weight + normal.sum(axis=1) + mixture.log_failed[:, failed]
    return jax.nn.logsumexp(each) - 0.5 * len(MECHANISMS) * math.log(2.0 * math.pi)


def split(output: Array) -> Mixture:
    """Return the mixture that a network's output stands for."""
    weight, rest = output[:COMPONENTS], output[COMPONENTS:].reshape(COMPONENTS, -1)
    several = len(MECHANISMS)
    return Mixture(
        log_weight=jax.nn.log_softmax(weight),
        mean=rest[:, :several],
        log_sd=jnp.clip(rest[:, several : 2 * several], *LOG_SD_RANGE),
        log_failed=jax.nn.log_softmax(rest[:, 2 * several :], axis=1),
    )


def _fit(net: eqx.nn.MLP, features: Array, z: Array, failed: Array, *, key: Key) -> eqx.nn.MLP:
    batches = len(z) // BATCH
    optimiser = optax.adam(optax.cosine_decay_schedule(LEARNING_RATE, EPOCHS * batches))
    parameters, fixed = eqx.partition(net, eqx.is_inexact_array)

    def loss(parameters: eqx.nn.MLP, rows: Array) -> Array:
        mixture = jax.vmap(lambda x: split(eqx.combine(parameters, fixed)(x)))(features[rows])
        return -jax.vmap(log_density)(mixture, z[rows], failed[rows]).mean()

    def step(state: tuple[eqx.nn.MLP, optax.OptState], rows: Array) -> tuple[tuple[eqx.nn.MLP, optax.OptState], None]:
        parameters, momentum = state
        # optax mixes number types inside; a caller who has forbidden that may still train
        with jax.numpy_dtype_promotion("standard"):
            update, momentum = optimiser.update(jax.grad(loss)(parameters, rows), momentum)
        return (optax.apply_updates(parameters, update), momentum), None

    def epoch(state: tuple[eqx.nn.MLP, optax.OptState], shuffle: Key) -> tuple[tuple[eqx.nn.MLP, optax.OptState], None]:
        order = jax.random.permutation(shuffle, len(z))[: batches * BATCH].reshape(batches, BATCH)
        return jax.lax.scan(step, state, order)

    start = parameters, optimiser.init(parameters)
    (parameters, _), _ = jax.lax.scan(epoch, start, jax.random.split(key, EPOCHS))
    fitted: eqx.nn.MLP = eqx.combine(parameters, fixed)
    return fitted

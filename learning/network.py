"""The small network in JAX and equinox: first weights out of a key, and steps of gradient descent. Pure functions.

In double precision: what a federation loses is then the rounding of its grid and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import Any, Literal, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree

from learning.arrays import FloatArray

Key: TypeAlias = Array

Loss: TypeAlias = Literal["log loss", "squared error"]

FEWEST_ROWS = 32
"""Rows are filled up to a power of two from here on, without weight, so that few sizes are ever compiled."""


def key_of(seed: int) -> Key:
    """Return the key of a seed of any size."""
    return jax.random.key(int.from_bytes(blake2b(f"mlp {seed}".encode(), digest_size=4).digest(), "little"))


def initial(key: Key, features: int, hidden: int) -> FloatArray:
    """Return equinox's first weights of the network as one row."""
    with jax.enable_x64(True):
        return np.asarray(ravel_pytree(_parameters(key, features, hidden))[0], dtype=np.float64)


def descended(
    weights: FloatArray,
    x: FloatArray,
    y: FloatArray,
    loss: Loss,
    *,
    hidden: int,
    steps: int,
    rate: float,
    decay: float,
) -> FloatArray:
    """Return the weights after some steps of gradient descent on all rows of x: Float[rows, features].

    What is lowered is the mean loss of y: Float[rows], the negative log-likelihood in nats or half of the squared
    error, plus half of `decay` times the squared weights.
    """
    rows, space = len(y), max(FEWEST_ROWS, 1 << (len(y) - 1).bit_length())
    filled = np.zeros((space, x.shape[1] + 2))
    filled[:rows, :-2], filled[:rows, -2], filled[:rows, -1] = x, y, 1.0
    with jax.enable_x64(True):
        after = _descended(
            jnp.asarray(weights), jnp.asarray(filled), rate, decay, loss=loss, hidden=hidden, steps=steps
        )
        return np.asarray(after, dtype=np.float64)


@partial(jax.jit, static_argnames=("loss", "hidden", "steps"))
def _descended(weights: Array, rows: Array, rate: float, decay: float, *, loss: Loss, hidden: int, steps: int) -> Array:
    network = _network(rows.shape[1] - 2, hidden)

    def lowered(flat: Array) -> Array:
        x, y, counted = rows[:, :-2], rows[:, -2], rows[:, -1]
        given = jax.vmap(network(flat))(x)
        losses = jnp.logaddexp(0.0, given) - y * given if loss == "log loss" else 0.5 * (given - y) ** 2
        return counted @ losses / counted.sum() + 0.5 * decay * flat @ flat

    def step(_: int, flat: Array) -> Array:
        downhill: Array = jax.grad(lowered)(flat)
        return flat - rate * downhill

    found: Array = jax.lax.fori_loop(0, steps, step, weights)
    return found


def outputs(weights: FloatArray, x: FloatArray, hidden: int) -> FloatArray:
    """Return equinox's own output for each row: the number, or the logit of the probability."""
    with jax.enable_x64(True):
        return np.asarray(
            jax.vmap(_network(x.shape[1], hidden)(jnp.asarray(weights)))(jnp.asarray(x)), dtype=np.float64
        )


def _network(features: int, hidden: int) -> Callable[[Array], Callable[[Array], Array]]:
    """Return what makes the network of a row of weights."""
    # any key will do: only the shapes are used
    model = _model(key_of(features), features, hidden)
    parameters, static = eqx.partition(model, eqx.is_array)
    unravel = ravel_pytree(parameters)[1]
    return lambda flat: eqx.combine(unravel(flat), static)


def _parameters(key: Key, features: int, hidden: int) -> Any:
    return eqx.filter(_model(key, features, hidden), eqx.is_array)


def _model(key: Key, features: int, hidden: int) -> eqx.nn.MLP:
    return eqx.nn.MLP(features, "scalar", hidden, 1, activation=jnp.tanh, key=key)

"""What inventory theory says of stocks that order in batches, at reviews, or from returns: sums and Markov chains.

Nothing here knows of `sim`. Rates are per unit of time of the arguments, costs per unit of time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from tests.truth import theory

Values = dict[str, float]


def newsvendor_normal(holding: float, penalty: float, mean: float, sd: float) -> Values:
    """The level of least cost for one normal demand, by search, not by the critical ratio."""

    def cost(level: float) -> float:
        z = (level - mean) / sd
        short = sd * (stats.norm.pdf(z) - z * stats.norm.sf(z))
        return float(holding * (level - mean + short) + penalty * short)

    found = optimize.minimize_scalar(cost, bracket=(mean, mean + sd), tol=1e-14)
    return {"S": float(found.x), "cost": float(found.fun)}


def newsvendor(holding: float, penalty: float, demand: Sequence[float]) -> Values:
    """The level of least cost for one demand with these probabilities, by trying each."""
    mean = sum(n * chance for n, chance in enumerate(demand))

    def cost(level: int) -> float:
        short = theory.overshoot(demand, level)
        return holding * (level - mean + short) + penalty * short

    best = min(range(len(demand)), key=cost)
    return {"S": best, "cost": cost(best)}


def reviewed(reorder_point: int, target: int, demand: Sequence[float]) -> Values:
    """(s, S) at reviews without lead time, from the renewal function of demand (Veinott & Wagner 1965).

    Means at the end of a period, after its demand and before the order; orders per period.
    """
    steps = target - reorder_point
    # how many periods on the mean are spent at target - j before the position falls to the reorder point
    spent = np.zeros(steps)
    spent[0] = 1.0 / (1.0 - demand[0])
    for j in range(1, steps):
        spent[j] = sum(spent[j - k] * demand[k] for k in range(1, j + 1)) / (1.0 - demand[0])
    share = spent / spent.sum()
    mean = sum(n * chance for n, chance in enumerate(demand))
    levels = [target - j for j in range(steps)]
    short = [theory.overshoot(demand, level) if level >= 0 else mean - level for level in levels]
    owed = float(share @ np.array(short))
    return {"owed": owed, "on_hand": float(share @ np.array(levels)) - mean + owed, "orders": 1.0 / float(spent.sum())}


def best_reviewed(holding: float, penalty: float, order: float, demand: Sequence[float], top: int) -> Values:
    """The (s, S) of least cost, by trying all pairs up to a level."""

    def cost(pair: tuple[int, int]) -> float:
        values = reviewed(*pair, demand)
        return holding * values["on_hand"] + penalty * values["owed"] + order * values["orders"]

    best = min(((s, level) for level in range(1, top) for s in range(-1, level)), key=cost)
    return {"s": best[0], "S": best[1], "cost_rate": cost(best)}


def batches(rate: float, lead: float, reorder_point: int, quantity: int) -> Values:
    """(r, Q) with Poisson demand and backorders: the position is uniform on r + 1 .. r + Q."""
    pipeline = theory.poisson(rate * lead)
    positions = range(reorder_point + 1, reorder_point + quantity + 1)
    owed = sum(theory.overshoot(pipeline, position) for position in positions) / quantity
    return {
        "EBO": owed,
        "on_hand": sum(positions) / quantity - rate * lead + owed,
        "fill_rate": sum(sum(pipeline[:position]) for position in positions) / quantity,
        "orders_per_time": rate / quantity,
    }


def kept_returns(returns: float, demands: float, most: int) -> Values:
    """Returns are kept up to a number, demands that find none are met anew: M/M/1/N (Heyman 1977)."""
    p = theory.birth_death(lambda n: returns, lambda n: demands, most)
    return {
        "mean_stock": sum(n * chance for n, chance in enumerate(p)),
        "disposal_rate": returns * p[-1],
        "new_rate": demands * p[0],
        "reman_rate": demands * (1.0 - p[0]),
    }


class Hybrid(NamedTuple):
    """A stock that is fed by new units and by returns, with one lead time for both (van der Laan et al. 1999)."""

    returns: float = 0.7
    demands: float = 1.0
    lead: float = 2.0
    holding: float = 1.0
    holding_returns: float = 0.5
    backorder: float = 50.0
    order_new: float = 10.0
    order_returns: float = 5.0

    def push(self, reorder_point: int, quantity: int, batch: int, top: int = 150) -> Values:
        """Rebuild as soon as a batch of returns is there; order new ones at the reorder point."""

        def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
            position, waiting = state
            fallen = position - 1
            yield (fallen + quantity if fallen <= reorder_point else fallen, waiting), self.demands
            if position < top:
                full = waiting + 1 == batch
                yield (position + batch, 0) if full else (position, waiting + 1), self.returns

        p = theory.stationary((reorder_point + 1, 0), moves)
        ordered = self.demands * theory.mean(p, lambda state: state[0] == reorder_point + 1)
        return self._priced(p, ordered, self.returns / batch)

    def pull(self, reorder_point: int, quantity: int, pull_point: int, pull_to: int, top: int = 60) -> Values:
        """Rebuild up to a position when it has fallen to the pull point and enough returns are there."""
        rates: dict[tuple[int, int], tuple[float, float]] = {}

        def settled(position: int, waiting: int) -> tuple[tuple[int, int], int, int]:
            pulled, ordered = 0, 0
            if position <= pull_point and waiting >= pull_to - position:
                position, waiting, pulled = pull_to, waiting - (pull_to - position), 1
            if position <= reorder_point:
                position, ordered = position + quantity * ((reorder_point - position) // quantity + 1), 1
            return (position, waiting), ordered, pulled

        def moves(state: tuple[int, int]) -> Iterator[tuple[tuple[int, int], float]]:
            position, waiting = state
            after, ordered, pulled = settled(position - 1, waiting)
            yield after, self.demands
            returned, _, pulled_then = settled(position, min(waiting + 1, top))
            yield returned, self.returns
            rates[state] = self.demands * ordered, self.demands * pulled + self.returns * pulled_then

        p = theory.stationary((max(pull_to, reorder_point + 1), 0), moves)
        ordered, pulled = (theory.mean(p, lambda state, which=which: rates[state][which]) for which in (0, 1))
        return self._priced(p, ordered, pulled)

    def _priced(self, p: dict[tuple[int, int], float], ordered: float, rebuilt: float) -> Values:
        # the net stock one lead time later is the position less a Poisson demand, because both leads are the same
        pipeline = theory.poisson(self.demands * self.lead, 60)
        owed = {n: theory.overshoot(pipeline, n) for n in {position for position, _ in p}}
        backorders = theory.mean(p, lambda state: owed[state[0]])
        serviceable = theory.mean(p, lambda state: state[0]) - self.demands * self.lead + backorders
        recoverable = theory.mean(p, lambda state: state[1])
        return {
            "serviceable": serviceable,
            "backorders": backorders,
            "recoverable": recoverable,
            "manuf_orders_rate": ordered,
            "reman_orders_rate": rebuilt,
            "cost_rate": self.holding * serviceable
            + self.holding_returns * recoverable
            + self.backorder * backorders
            + self.order_new * ordered
            + self.order_returns * rebuilt,
        }


def lots_with_returns(demand: float, share: float, setups: tuple[float, float], holding: tuple[float, float]) -> Values:
    """One lot of new and R equal lots of rebuilt units in each cycle, the R of least cost (Schrady 1967; Teunter 2001).

    setups and holding: of new or serviceable, and of rebuilt or recoverable units.
    """
    return min((_cycle(demand, share, setups, holding, lots) for lots in range(1, 12)), key=lambda v: v["cost_rate"])


def _cycle(demand: float, share: float, setups: tuple[float, float], holding: tuple[float, float], lots: int) -> Values:
    # a cycle of length one: lots last as long as they serve; returns come at an even rate and are gone after the last
    new, rebuilt = (1.0 - share) * demand, share * demand / lots
    serviceable = (new**2 + lots * rebuilt**2) / (2.0 * demand)
    level, recoverable = 0.0, 0.0
    for served, taken in [(rebuilt + new, rebuilt), *[(rebuilt, rebuilt)] * (lots - 1)]:
        days = served / demand
        recoverable += days * (level + share * served / 2.0)
        level += share * served - taken
    rate = holding[0] * serviceable + holding[1] * recoverable
    setup = setups[0] + lots * setups[1]
    cycle = math.sqrt(setup / rate)
    return {
        "cycle_time": cycle,
        "Qm": new * cycle,
        "Qr": rebuilt * cycle,
        "cost_rate": setup / cycle + rate * cycle,
        "mean_serviceable": serviceable * cycle,
        "mean_recoverable": recoverable * cycle,
        "best_R": lots,
    }

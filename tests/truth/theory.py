"""What queueing and renewal theory say, computed here once more: closed forms, Markov chains and sums.

Nothing here knows of `sim`. Units are those of the arguments; `L` counts units, `W` is a time, `q` means waiting only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from scipy import integrate, optimize, sparse, stats

State = TypeVar("State", bound=Hashable)
Values = dict[str, float]


def stationary(start: State, moves: Callable[[State], Iterable[tuple[State, float]]]) -> dict[State, float]:
    """Return the stationary distribution of the Markov chain that `moves` (next state, rate) spans from `start`."""
    states, rates = {start: 0}, list[tuple[int, int, float]]()
    frontier = [start]
    while frontier:
        state = frontier.pop()
        for following, rate in moves(state):
            if rate > 0:
                if following not in states:
                    states[following] = len(states)
                    frontier.append(following)
                rates.append((states[state], states[following], rate))
    here, there, flow = (np.array(column) for column in zip(*rates, strict=True))
    leaving = np.bincount(here, flow, len(states))
    balance = sparse.lil_array(
        sparse.coo_array((flow, (there, here)), (len(states), len(states))) - sparse.diags_array(leaving)
    )
    # one balance equation follows from the others: in its place, the probabilities sum to 1
    balance[0] = 1.0
    p = sparse.linalg.spsolve(sparse.csc_array(balance), np.eye(1, len(states))[0])
    return dict(zip(states, p.tolist(), strict=True))


def mean(distribution: Mapping[State, float], value: Callable[[State], float]) -> float:
    """Return the expectation of a value of the state."""
    return sum(probability * value(state) for state, probability in distribution.items())


def birth_death(births: Callable[[int], float], deaths: Callable[[int], float], top: int) -> list[float]:
    """Return the stationary distribution over 0..top."""
    weights = [1.0]
    for n in range(top):
        weights.append(weights[-1] * births(n) / deaths(n + 1))
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def erlang_b(load: float, servers: int) -> float:
    """Return the share that finds all servers busy and is lost (Erlang 1917)."""
    loss = 1.0
    for n in range(1, servers + 1):
        loss = load * loss / (n + load * loss)
    return loss


def multi_server(arrival_rate: float, service_rate: float, servers: int = 1) -> Values:
    """M/M/c."""
    load = arrival_rate / service_rate
    use = load / servers
    loss = erlang_b(load, servers)
    p_wait = loss / (1.0 - use * (1.0 - loss))
    queue = p_wait * use / (1.0 - use)
    return {
        "utilisation": use,
        "p_wait": p_wait,
        "p0": 1.0 - use if servers == 1 else math.nan,
        "Lq": queue,
        "Wq": queue / arrival_rate,
        "W": queue / arrival_rate + 1.0 / service_rate,
        "L": queue + load,
    }


def finite_places(arrival_rate: float, service_rate: float, servers: int, places: int) -> Values:
    """M/M/c/K: what finds no place is lost."""
    p = birth_death(lambda n: arrival_rate, lambda n: service_rate * min(n, servers), places)
    carried, number = arrival_rate * (1.0 - p[-1]), sum(n * chance for n, chance in enumerate(p))
    return {"p_block": p[-1], "throughput": carried, "L": number, "W": number / carried}


def single_server(arrival_rate: float, mean_service: float, cv: float) -> Values:
    """M/G/1 (Pollaczek 1930, Khinchine 1932)."""
    use = arrival_rate * mean_service
    wait = arrival_rate * mean_service**2 * (1.0 + cv * cv) / (2.0 * (1.0 - use))
    return {
        "utilisation": use,
        "Wq": wait,
        "W": wait + mean_service,
        "Lq": arrival_rate * wait,
        "L": arrival_rate * (wait + mean_service),
    }


def renewal_arrivals(transform: Callable[[float], float], arrival_rate: float, service_rate: float) -> Values:
    """G/M/1 by the root of sigma = A*(mu (1 - sigma)); transform: Laplace transform of the interarrival time."""
    sigma = optimize.brentq(lambda s: transform(service_rate * (1.0 - s)) - s, 0.0, 1.0 - 1e-9)
    wait = sigma / (service_rate * (1.0 - sigma))
    return {"p_wait": sigma, "Wq": wait, "L": arrival_rate * (wait + 1.0 / service_rate)}


def constant_service(arrival_rate: float, service: float, servers: int, top: int = 150) -> Values:
    """M/D/c: the number in system after one service time is (n - c)+ plus Poisson arrivals (Crommelin 1932)."""
    arrivals = stats.poisson.pmf(np.arange(top + 1), arrival_rate * service)
    step = np.zeros((top + 1, top + 1))
    for n in range(top + 1):
        left = max(n - servers, 0)
        step[n, left:] = arrivals[: top + 1 - left]
        step[n, top] += 1.0 - step[n].sum()
    system = step.T - np.eye(top + 1)
    system[0] = 1.0
    p = np.linalg.solve(system, np.eye(top + 1)[0])
    number = float(p @ np.arange(top + 1))
    return {"L": number, "Wq": number / arrival_rate - service}


def priorities(classes: Sequence[tuple[float, float, float]]) -> list[float]:
    """Waits of M/G/1 classes (arrival rate, mean, second moment of service), first served first (Cobham 1954)."""
    residual = sum(rate * second for rate, _, second in classes) / 2.0
    waits, above = [], 0.0
    for rate, service, _ in classes:
        below = above + rate * service
        waits.append(residual / ((1.0 - above) * (1.0 - below)))
        above = below
    return waits


def preemptive_priorities(classes: Sequence[tuple[float, float, float]]) -> list[float]:
    """Times in M/G/1 of classes when who ranks before interrupts, and the other resumes (White, Christie 1958)."""
    stays, above, residual = [], 0.0, 0.0
    for rate, service, second in classes:
        residual += rate * second / 2.0
        below = above + rate * service
        stays.append(service / (1.0 - above) + residual / ((1.0 - above) * (1.0 - below)))
        above = below
    return stays


def closed_network(jobs: int, think: float, services: Sequence[float]) -> tuple[float, list[float]]:
    """Throughput and numbers at single servers that `jobs` visit in turn after thinking (Reiser, Lavenberg 1980)."""
    numbers, throughput = [0.0] * len(services), 0.0
    for n in range(1, jobs + 1):
        stays = [service * (1.0 + number) for service, number in zip(services, numbers, strict=True)]
        throughput = n / (think + sum(stays))
        numbers = [throughput * stay for stay in stays]
    return throughput, numbers


def open_network(external: Sequence[float], routing: Sequence[Sequence[float]]) -> list[float]:
    """Arrival rates of the stations of an open network: the traffic equations (Jackson 1957)."""
    rates = np.linalg.solve(np.eye(len(external)) - np.array(routing).T, np.array(external))
    return [float(rate) for rate in rates]


def weibull_mean(shape: float, scale: float) -> float:
    """Mean of a Weibull life."""
    return scale * math.gamma(1.0 + 1.0 / shape)


def ended(distribution: Callable[[float], float], start: float, end: float) -> float:
    """Integral of a distribution function: expected ends in a time, per unit that starts in a unit of time since 0."""
    return float(integrate.quad(distribution, start, end, epsabs=1e-11)[0])


def overshoot(pmf: Sequence[float], level: int) -> float:
    """E (X - level)+ of a count X, its probabilities listed from 0."""
    return sum(max(n - level, 0) * chance for n, chance in enumerate(pmf))


def poisson(mean: float, top: int = 200) -> list[float]:
    """Probabilities of a Poisson count, from 0 to `top`."""
    return [float(chance) for chance in stats.poisson.pmf(np.arange(top + 1), mean)]


def compound_poisson(rate: float, sizes: Sequence[float], top: int = 400) -> list[float]:
    """Probabilities of a Poisson number of batches, sizes listed from 0 (Panjer 1981)."""
    chances = [math.exp(-rate * (1.0 - sizes[0]))]
    for n in range(1, top + 1):
        terms = (j * sizes[j] * chances[n - j] for j in range(1, min(n, len(sizes) - 1) + 1))
        chances.append(rate / n * sum(terms))
    return chances


def share_of_backorders(pmf: Sequence[float], level: int, share: float, top: int = 120) -> list[float]:
    """Of the (X - level)+ backorders of a depot, how many wait for a base that places this share of the orders."""
    waiting = [0.0] * top
    for n, chance in enumerate(pmf[: level + top]):
        waiting[max(n - level, 0)] += chance
    splits = np.array([stats.binom.pmf(np.arange(top), n, share) for n in range(top)])
    return [float(chance) for chance in np.array(waiting) @ splits]


def summed(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Probabilities of the sum of two independent counts."""
    return [float(chance) for chance in np.convolve(one, other)]


def replacement_cost(shape: float, scale: float, age: float, *, failure: float, preventive: float) -> float:
    """Return the cost per time of replacing Weibull lives at an age or at failure (Barlow & Proschan 1965)."""
    survives = math.exp(-((age / scale) ** shape))
    cycle = integrate.quad(lambda t: math.exp(-((t / scale) ** shape)), 0.0, age, epsabs=0.0, epsrel=1e-12)[0]
    return float((preventive * survives + failure * (1.0 - survives)) / cycle)


def cheapest_age(shape: float, scale: float, *, failure: float, preventive: float) -> float:
    """Return the age at which h(T) times the mean cycle less F(T) is preventive / (failure - preventive)."""

    def balance(age: float) -> float:
        hazard = shape / scale * (age / scale) ** (shape - 1.0)
        cycle = integrate.quad(lambda t: math.exp(-((t / scale) ** shape)), 0.0, age, epsabs=0.0, epsrel=1e-12)[0]
        return float(hazard * cycle + math.expm1(-((age / scale) ** shape)) - preventive / (failure - preventive))

    return float(optimize.brentq(balance, 1e-6 * scale, 10.0 * scale, xtol=1e-9))


def failure_rate(shape: float, scale: float, age: float) -> float:
    """Return the failures per time of Weibull lives that are replaced at an age."""
    return replacement_cost(shape, scale, age, failure=1.0, preventive=0.0)

"""A core on its way from the fleet to where it is rebuilt or ends."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from sim.parties.config import Tester
from tests.engines.places import OUTSIDE, Part, Story
from tests.engines.roads import serve, travel

if TYPE_CHECKING:
    from tests.engines.idiomatic import Chain

_normal = NormalDist().inv_cdf


def core(chain: Chain, part: Part, way: str) -> Story:
    """From the fleet to the dismantler and wherever that sends it."""
    yield from travel(chain, part, way)
    grading = str(chain.network[way].to)  # type: ignore[union-attr]
    yield from serve(chain, part, grading)
    answers = chain.network[grading].to.answers  # type: ignore[union-attr]
    answer = disposition(chain, part, chain.owners[grading])
    if answer == "test":
        yield from travel(chain, part, answers[answer])
        bench = str(chain.network[answers[answer]].to)  # type: ignore[union-attr]
        yield from serve(chain, part, bench)
        answers = chain.network[bench].to.answers  # type: ignore[union-attr]
        answer = verdict(chain, part, chain.owners[bench])
    yield from travel(chain, part, answers[answer])
    if answer in ("recycle", "fail"):
        shred(chain, part, str(chain.network[answers[answer]].to))  # type: ignore[union-attr]
    else:
        chain.event(part, f"{chain.remanco}.wash", "arrived")
        chain.to_wash.put(part)


def disposition(chain: Chain, part: Part, party: str) -> str:
    """Buy the core, look at it, decide."""
    config: Any = chain.sections.parties[party]
    chain.pay(party, part.body.holder, config.core_price, "core", part)
    part.body.holder = party
    chain.inspections.visual(chain.env.now, part, party, config)  # type: ignore[arg-type]
    rule = chain.sections.policies.disposition
    assert part.marks is not None
    answer, by = str(getattr(rule, part.marks["grade"])), "rule"
    if chain.streams.open(f"{party}.explore")(part.key, part.lives) < rule.explore:
        answer, by = "reman", "explore"
    chain.decided(part, party, "dismantler.disposition", answer, by)
    return answer


def verdict(chain: Chain, part: Part, party: str) -> str:
    """Put the core on the bench."""
    config = chain.sections.parties[party]
    assert isinstance(config, Tester)
    chain.pay(part.body.holder, party, config.price, "bench test", part)
    chain.inspections.bench(chain.env.now, part, party, config)  # type: ignore[arg-type]
    assert part.marks is not None
    answer = "pass" if part.marks["bench_score"] < chain.sections.policies.bench_limit else "fail"
    chain.decided(part, party, "tester.verdict", answer, "rule")
    return answer


def shred(chain: Chain, part: Part, name: str) -> None:
    party = chain.owners[name]
    config: Any = chain.sections.parties[party]
    chain.event(part, name, "left")
    chain.pay(party, part.body.holder, config.core_payment, "core for material", part)
    chain.pay(OUTSIDE, party, config.revenue_per_core, "material", part)

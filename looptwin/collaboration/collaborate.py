"""The join: what the parties saw so far becomes models, and verified predictions decide about the next core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from looptwin.collaboration.judge import judge_of
from looptwin.collaboration.policy import LearnedDisposition
from looptwin.collaboration.sites import FEATURES
from looptwin.collaboration.subjects import CORES
from looptwin.errors import RunFailed
from sim.parties.config import Tester
from sim.views import seen
from sim.world import World

if TYPE_CHECKING:
    from learning.config import Collaboration
    from learning.features import SiteData
    from learning.learned import Learned
    from scenarios.schema import Content
    from verify.verifier import Verifier


@dataclass(frozen=True, eq=False)
class Collaborated:
    """What came of one training: the models, the judge (None where nothing is verified), and who decides since when."""

    learned: Learned
    verifier: Verifier | None
    policy: LearnedDisposition
    day: float


def judge_seed(seed: int, replication: int) -> int:
    """Return the number that the judge of a replication is made from."""
    return seed * 1_000_003 + replication


def collaborate(world: World, scenario: Content, seed: int) -> Collaborated | None:
    """Train on what is known today and let the result decide from now on; None where nobody learns.

    seed: of `judge_seed`. With `mode: oracle` nothing is learned: the control that looks at the truth decides from now
    on. Raises RunFailed when the training or the judge is refused.
    """
    assert world.chain is not None
    if scenario.collaboration.mode == "oracle":
        world.chain.let_oracle_decide()
        return None
    if scenario.collaboration.mode == "none":
        return None
    from learning.faults import ProtectionError
    from learning.rounds import train

    try:
        learned = train(sites_of(world, scenario.collaboration.learner), scenario.collaboration, world.now, seed=seed)
        collaborated = judged(learned, scenario, seed)
    except (ProtectionError, ValueError) as refused:
        raise RunFailed(f"collaboration on day {world.now:g}: {refused}{way_out(scenario.collaboration)}") from refused
    world.chain.decisions.install("dismantler.disposition", collaborated.policy)
    return collaborated


def way_out(config: Collaboration) -> str:
    """Return what a scenario may say so that a training with sites that go missing is not stopped; else nothing."""
    stops = config.when_gone == "stop" and any(one.before == "sealing" for one in config.absences.values())
    return "; `collaboration.when_gone: go_on` lets the others go on without a site" if stops else ""


def judged(learned: Learned, scenario: Content, seed: int) -> Collaborated:
    """Return the models with a judge that was calibrated on their predictions for simulated honest cores.

    The judge knows probabilities; who predicts a number has none. Raises CalibrationError when the scenario asks for a
    false-alarm rate that these are too few for.
    """
    weights = {party: found for party in learned.alone if (found := learned.weights_for(party)) is not None}
    can_judge = scenario.verification.enabled and learned.learner.predicts == "probability"
    verifier = judge_of(learned, weights, scenario, seed) if can_judge else None
    can_test = any(isinstance(party, Tester) for party in scenario.parties.values())
    policy = LearnedDisposition(
        weights, learned.learner, learned.target, scenario.policies.disposition, verifier, can_test
    )
    return Collaborated(learned, verifier, policy, learned.day)


def sites_of(world: World, learner: str) -> list[SiteData]:
    """Return each site's labelled cores as known today, from its own view, on the public scales."""
    assert world.chain is not None
    from learning.features import standardise

    found = []
    for name, config in sorted(world.chain.sections.parties.items()):
        if CORES.is_site(config):
            reports = {kind: seen(world, name, kind) for kind in CORES.kinds}
            found.append(CORES.read(name, reports, config.reports_every_days, CORES.target(learner)))
    return [standardise(one, FEATURES) for one in found]

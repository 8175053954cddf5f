"""A federation held in processes: the starter hands out rows, hears the model, and sees nothing between.

`in_processes` stands where `learning.rounds.in_one_process` stands and gives the same model to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from learning.arrays import FloatArray
from learning.config import Collaboration
from learning.crossings import COORDINATOR
from learning.crypto.secret import random_bytes
from learning.faults import ProtectionError, RoundError, SenderError
from learning.features import SiteData
from learning.learner import Learner
from learning.learners import learner_of
from learning.loopback.crossed import crossings
from learning.loopback.keys import Keystores
from learning.loopback.messages import Message, numbers_of, of_numbers, part_of
from learning.loopback.processes import Processes, processes
from learning.loopback.role import DONE, IDENTITY, KEYSTORE, PASSPHRASE, ROSTER, START_SECONDS, TASK
from learning.protected import UNAUDITED
from learning.releases import Released
from learning.rounds import Federated
from learning.sessions.identity import PublicHybridIdentity
from learning.threshold.federation import quorum_size, statement

CUSTODY = "a process for each party and for the coordinator, all of one user on one machine, who handed out the rows"
"""Where the secrets lie: said beside the statement of a federation in processes."""
PATIENCE_SECONDS = 120.0
"""How long the coordinator waits for a party in one step of a round."""
MAXIMUM_PROCESSES = 64
"""Parties that one machine is asked to hold: each imports its own libraries, some 150 MB."""


def in_processes(
    learner: Learner,
    sites: Sequence[SiteData],
    collaboration: Collaboration,
    day: float,
    seed: int | None,
    *,
    keys: Keystores | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
    programs: Mapping[str, str] | None = None,
) -> Federated:
    """Hold the federation with a process for each site and one for the coordinator, under `protection: threshold`.

    keys: where parties keep their identities; default fresh ones. patience_seconds: how long a silent process is waited
    for in a step. programs: other modules for some processes, by name; for tests of those that fail. Raises
    ProtectionError naming the party whose process ended, hung or answered wrongly; all processes have ended then, and
    no model is returned.
    """
    parties = tuple(site.party for site in sites)
    needed = _needed(parties, collaboration, learner)
    features = len(sites[0].names)
    common = {
        "collaboration": asdict(collaboration),
        "predicts": learner.predicts,
        "features": features,
        "values": learner.numbers(features),
        "rounds": learner.rounds,
        "needed": needed,
        "seed": seed,
        "patience": patience_seconds,
    }
    with processes(parties, patience_seconds, programs) as running:
        for site in sites:
            running.tell(site.party, _task(site, common, keys))
        running.tell(COORDINATOR, Message(TASK, common))
        publics = _introduced(running)
        last = running.hear(DONE, _longest(learner.rounds, patience_seconds))
    weights = _common({party: _weights(last[party], party) for party in parties})
    return Federated(
        weights,
        crossings(publics, last[COORDINATOR].fields.get("rows"), learner.content, day),
        tuple(_release(learner, parties, number, features, day) for number in range(1, learner.rounds + 1)),
        f"{statement(needed, len(parties))} ({UNAUDITED}); {CUSTODY}",
    )


def _needed(parties: Sequence[str], collaboration: Collaboration, learner: Learner) -> int:
    if collaboration.protection != "threshold":
        raise ProtectionError(f"processes hold a federation under threshold, not under {collaboration.protection}")
    if len(parties) > MAXIMUM_PROCESSES:
        raise ProtectionError(f"{len(parties)} parties; one machine holds at most {MAXIMUM_PROCESSES} processes")
    if learner != learner_of(collaboration, learner.predicts):
        raise ProtectionError(f"the learner {learner.word!r} is not the one that the collaboration names")
    if collaboration.when_gone == "go_on" and (leaving := collaboration.missing(parties, learner.rounds, "sealing")):
        raise ProtectionError(
            f"between processes nobody goes on without a site that is gone: {', '.join(leaving)}; in one they do",
            leaving,
        )
    return quorum_size(parties, collaboration.threshold)


def _task(site: SiteData, common: Mapping[str, Any], keys: Keystores | None) -> Message:
    rows = {"x": of_numbers(site.x), "y": of_numbers(site.y)}
    if keys is None:
        return Message(TASK, common, rows)
    return Message(TASK, {**common, KEYSTORE: str(keys.of(site.party))}, {**rows, PASSPHRASE: keys.passphrase})


def _introduced(running: Processes) -> dict[str, PublicHybridIdentity]:
    """Hear everybody's public identity and tell all of them to all: the starter vouches for who is who."""
    said = running.hear(IDENTITY, START_SECONDS)
    publics = {name: _public(message, name) for name, message in said.items()}
    if len(set(publics.values())) < len(publics):
        raise ProtectionError("two processes show one identity", publics)
    roster = Message(
        ROSTER, {"undertaking": random_bytes(16).hex()}, {name: public.raw for name, public in publics.items()}
    )
    for name in publics:
        running.tell(name, roster)
    return publics


def _public(message: Message, name: str) -> PublicHybridIdentity:
    try:
        return PublicHybridIdentity(part_of(message, "public", name))
    except ValueError as fault:
        raise SenderError(name, str(fault)) from None


def _weights(message: Message, party: str) -> FloatArray:
    try:
        return numbers_of(part_of(message, "weights", party))
    except ValueError:
        raise SenderError(party, "its model is no row of numbers") from None


def _longest(rounds: int, patience: float) -> float:
    # the coordinator waits `patience` in a step and parties four times as long for it: whoever hangs is told of before
    return patience * (3 * rounds + 20)


def _common(weights: Mapping[str, FloatArray]) -> FloatArray:
    first, *others = weights.values()
    if any(not np.array_equal(first, other) for other in others):
        raise RoundError("parties ended with different models", weights)
    return first


def _release(learner: Learner, parties: tuple[str, ...], number: int, features: int, day: float) -> Released:
    return Released(
        day=day,
        what=learner.released,
        parties=parties,
        known_to=parties,
        round=number,
        numbers=learner.numbers(features),
    )

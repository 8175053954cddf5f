"""A federation whose ends play in threads of the test, so that one of them can cheat; and what real processes leave."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from socket import socketpair

import numpy as np

from learning.arrays import FloatArray
from learning.config import Collaboration
from learning.crossings import COORDINATOR
from learning.features import SiteData
from learning.learners import learner_of
from learning.loopback.carrier import carry
from learning.loopback.messages import Message, numbers_of, of_numbers
from learning.loopback.party import take_part
from learning.loopback.role import Known
from learning.sessions.identity import HybridIdentity

PARTIES = ("east", "north", "south")
AGREED = Collaboration(mode="federated", rounds=2, threshold=2)
FEATURES = 3
MARK = "LOOPTWIN_TEST_MARK"


def sites(parties: Sequence[str] = PARTIES) -> list[SiteData]:
    """Sites of unlike size with labels that anybody may draw."""
    generator = np.random.default_rng(5)
    found = []
    for place, party in enumerate(parties):
        cores = 40 + 10 * place
        found.append(
            SiteData(
                party=party,
                names=tuple(f"feature_{column}" for column in range(FEATURES)),
                x=generator.normal(size=(cores, FEATURES)),
                y=(generator.random(cores) < 0.4).astype(float),
                known_at_day=np.zeros(cores),
                unit_ids=tuple(range(cores)),
            )
        )
    return found


class Played:
    """What came of a federation in threads: the model or the fault of each end."""

    def __init__(self, ends: dict[str, Future[Message]]) -> None:
        self.faults = {name: fault for name, end in ends.items() if (fault := end.exception()) is not None}
        self.last = {name: end.result() for name, end in ends.items() if name not in self.faults}

    @property
    def weights(self) -> list[FloatArray]:
        """The model of each party that ended well."""
        return [numbers_of(message.parts["weights"]) for name, message in self.last.items() if name != COORDINATOR]


def played(collaboration: Collaboration = AGREED, parties: Sequence[str] = PARTIES, patience: float = 5.0) -> Played:
    """Play one federation in threads, every end by the functions that its process runs."""
    learner = learner_of(collaboration)
    own = {name: HybridIdentity() for name in (*parties, COORDINATOR)}
    publics = {name: identity.public() for name, identity in own.items()}
    common = {
        "collaboration": asdict(collaboration),
        "predicts": learner.predicts,
        "features": FEATURES,
        "values": learner.numbers(FEATURES),
        "rounds": learner.rounds,
        "needed": collaboration.threshold,
        "seed": 0,
        "patience": patience,
    }

    def known(name: str) -> Known:
        return Known(name, own[name], publics, "a test")

    wires = {party: socketpair() for party in parties}
    with ThreadPoolExecutor(len(parties) + 1) as pool:
        links = {party: far.detach() for party, (_, far) in wires.items()}
        ends = {COORDINATOR: pool.submit(carry, links, Message("task", common), lambda: known(COORDINATOR))}
        for site in sites(parties):
            task = Message("task", common, {"x": of_numbers(site.x), "y": of_numbers(site.y)})
            link = wires[site.party][0].detach()
            ends[site.party] = pool.submit(take_part, site.party, link, task, lambda name=site.party: known(name))  # type: ignore[misc]
    return Played(ends)


def marked(mark: str) -> list[int]:
    """Processes other than this one whose environment carries a mark, as those do that were started under it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment, state = (entry / "environ").read_bytes(), (entry / "stat").read_text().rpartition(")")[2]
        except OSError:
            continue
        if f"{MARK}={mark}".encode() in environment and int(entry.name) != os.getpid() and state.split()[0] != "Z":
            found.append(int(entry.name))
    return found

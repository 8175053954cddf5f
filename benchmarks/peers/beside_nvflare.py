"""NVFlare's own classes on 100,000 numbers of five clients: measured in this run where an interpreter has them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from benchmarks.peers.interpreter import PeerAbsentError, answer

JOB = {"values": 100_000, "parties": 5, "rounds": 5}
TRAINING_MS = 1000.0


class NVFlare(NamedTuple):
    """What it costs; every client holds the one secret key."""

    bytes: float
    """Upload, for each number."""
    client_ms: float
    """Encryption at one client."""
    share: float
    """Client, server and opening beside a second of training, in percent of the round."""
    note: str
    """Where it was measured."""


@cache
def nvflare() -> NVFlare:
    """Return its figures of this run, and where it is absent those of another machine, which `note` says."""
    try:
        found = answer("nvflare_encryption.py", "nvflare", JOB)
    except PeerAbsentError as absent:
        return NVFlare(58.8, 45.4, 11.0, f"NVFlare was measured elsewhere: {absent}")
    spent = found["client_ms"] + found["server_ms"] + found["open_ms"]
    version = f"NVFlare {found['versions']['nvflare']} of this run"
    return NVFlare(found["up_bytes"] / JOB["values"], found["client_ms"], 100 * spent / (TRAINING_MS + spent), version)

"""Refusals of a session or of a record in it. No message shows a secret."""

from __future__ import annotations

from learning.faults import ProtectionError


class SessionError(ProtectionError):
    """What came was not made by `peer` for this session: changed, replayed, out of order, or meant for another.

    `parties` holds the peer alone: on a way that somebody else carries, that carrier cannot be told from it.
    """

    def __init__(self, peer: str, fault: str) -> None:
        super().__init__(f"session with {peer!r} refused: {fault}", (peer,))
        self.peer, self.fault = peer, fault

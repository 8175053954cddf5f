"""What crossed borders between processes, by what the coordinator counted on the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from learning.crossings import COORDINATOR, Crossing, Form
from learning.faults import SenderError
from learning.loopback.founding import KEY, KEY_COMMITMENT, KEY_SHARE, PUBLIC_KEY_SHARE
from learning.loopback.post import ANSWER, HELLO, LAST, SESSION
from learning.sessions.identity import PublicHybridIdentity

Told: TypeAlias = tuple[str, str, str, int]
"""Purpose, sender, receiver and bytes."""
_CONTENTS: Mapping[str, tuple[Form, str]] = {
    SESSION: ("clear", "public keys for one session, signed"),
    KEY_COMMITMENT: ("cipher", "signed hash of a public half of the key"),
    PUBLIC_KEY_SHARE: ("cipher", "public half of the key, opens nothing"),
    KEY_SHARE: ("cipher", "a share of the sender's part of the key, and its part of the keys between parties"),
    KEY: ("cipher", "hash of the public key that was founded"),
    "commitment": ("cipher", "signed hash of a sealed update"),
    "update": ("cipher", "{content} of one party"),
    "partial": ("cipher", "a share of the opening of the sum, hidden in noise"),
    "opened sum": ("cipher", "{content}, summed, or the hash of it"),
}


def crossings(
    publics: Mapping[str, PublicHybridIdentity], rows: object, content: str, day: float
) -> tuple[Crossing, ...]:
    """Return one crossing for each of the coordinator's rows; messages of one handshake between two are one.

    publics: identities of all parties and the coordinator. rows: lists of purpose, sender, receiver and bytes, as the
    coordinator tells them. content: what an update holds. Raises SenderError naming the coordinator for what are no
    such rows.
    """
    parties = sorted(set(publics) - {COORDINATOR})
    everybody = (*parties, COORDINATOR)
    met = [(party, COORDINATOR) for party in parties] + [(COORDINATOR, party) for party in parties]
    identities = [
        _crossing(day, one, other, "identity", publics[one].size, "out_of_band", everybody, _identity(publics[one]))
        for one, other in met
    ]
    return (*identities, *(_row(row, everybody, content, day) for row in _joined(_checked(rows, everybody))))


def _identity(public: PublicHybridIdentity) -> str:
    return f"public half of its identity, {public.fingerprint()}; who started the processes vouches for it"


def _checked(rows: object, everybody: Sequence[str]) -> list[Told]:
    if not isinstance(rows, list) or not all(_is_row(row, everybody) for row in rows):
        raise SenderError(COORDINATOR, "its account of what crossed cannot be read")
    return [(purpose, sender, receiver, size) for purpose, sender, receiver, size in rows]


def _is_row(row: object, everybody: Sequence[str]) -> bool:
    if not isinstance(row, list | tuple) or len(row) != 4:
        return False
    purpose, sender, receiver, size = row
    known = purpose in (HELLO, ANSWER, LAST) or _kind(str(purpose)) in _CONTENTS
    return known and sender in everybody and receiver in everybody and type(size) is int


def _kind(purpose: str) -> str:
    return purpose if purpose in _CONTENTS else purpose.removesuffix("s")


def _joined(rows: Iterable[Told]) -> list[Told]:
    handshakes: Counter[tuple[str, str]] = Counter()
    others = []
    for purpose, sender, receiver, size in rows:
        if purpose in (HELLO, ANSWER, LAST):
            handshakes[sender, receiver] += size
        else:
            others.append((purpose, sender, receiver, size))
    return [*((SESSION, sender, receiver, size) for (sender, receiver), size in handshakes.items()), *others]


def _row(row: Told, everybody: Sequence[str], content: str, day: float) -> Crossing:
    purpose, sender, receiver, size = row
    kind = _kind(purpose)
    form, what = _CONTENTS[kind]
    parties = everybody[:-1]
    readers = {"update": (), "partial": parties, "opened sum": parties, KEY_SHARE: (receiver,)}.get(kind, everybody)
    passed_on = "of every other party: " if sender == COORDINATOR and kind != SESSION else ""
    return _crossing(day, sender, receiver, purpose, size, form, readers, passed_on + what.format(content=content))


def _crossing(
    day: float, sender: str, receiver: str, purpose: str, size: int, form: Form, readers: Sequence[str], content: str
) -> Crossing:
    return Crossing(
        day=day,
        sender=sender,
        receiver=receiver,
        purpose=purpose,
        clear_or_cipher=form,
        bytes=size,
        readable_by=tuple(reader for reader in readers if reader != sender),
        content=content,
    )

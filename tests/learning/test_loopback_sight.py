"""What passes the coordinator and what passes the wire: planted rows and shares are hunted for in every byte."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from learning.crossings import COORDINATOR
from learning.loopback import carrier, founding, wire
from learning.loopback.carrier import Carrier
from learning.loopback.messages import of_numbers
from learning.threshold.founding import Dealt
from tests.learning.loopback_by_hand import PARTIES, played, sites

LONG = 24
"""Bytes of a hunted piece: three numbers."""


class Seen:
    """All that the coordinator's process took in, all that any process sent, and what parties dealt to each other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.carried: list[bytes] = []
        self.sent: list[bytes] = []
        self.dealt: list[bytes] = []
        seen = self

        class Watching(Carrier):
            def _taken_from(self, *arguments: object, **options: object) -> dict[str, bytes]:
                parts: dict[str, bytes] = super()._taken_from(*arguments, **options)  # type: ignore[arg-type]
                seen.carried += parts.values()
                return parts

        send = wire.Wire.send_bytes

        def noted(one: wire.Wire, raw: bytes) -> None:
            seen.sent.append(raw)
            send(one, raw)

        written: Callable[[Dealt], bytes] = founding.written

        def dealt(one: Dealt) -> bytes:
            found = written(one)
            seen.dealt.append(found)
            return found

        monkeypatch.setattr(carrier, "Carrier", Watching)
        monkeypatch.setattr(wire.Wire, "send_bytes", noted)
        monkeypatch.setattr(founding, "written", dealt)


def pieces(secret: bytes) -> list[bytes]:
    """Short pieces of a secret from all over it."""
    return [secret[at : at + LONG] for at in range(0, len(secret) - LONG + 1, max(LONG, len(secret) // 50))]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """A federation that went well, with every byte kept."""
    found = Seen(monkeypatch)
    assert not played().faults
    return found


def test_the_hunt_finds_what_is_there(seen: Seen) -> None:
    """Commitments reach the coordinator in clear and stand on no wire: they travel in sessions."""
    commitments = [one for one in seen.carried if b'"commitment"' in one]

    assert len(commitments) == 2 * len(PARTIES)
    assert not any(piece in one for piece in pieces(commitments[0]) for one in seen.sent)
    assert len(seen.dealt) == 2 * (len(PARTIES) - 1)
    assert sum(map(len, seen.sent)) > sum(map(len, seen.carried))


def test_neither_coordinator_nor_wire_sees_what_parties_deal_to_each_other(seen: Seen) -> None:
    for secret in seen.dealt:
        for piece in pieces(secret):
            assert not any(piece in one for one in seen.carried)
            assert not any(piece in one for one in seen.sent)


def test_neither_coordinator_nor_wire_sees_a_row_or_the_model(seen: Seen) -> None:
    weights = of_numbers(played().weights[0])
    secrets = [weights, *(of_numbers(site.x) for site in sites())]
    for secret in secrets:
        for piece in pieces(secret):
            assert not any(piece in one for one in seen.carried)
            assert not any(piece in one for one in seen.sent)


def test_the_coordinator_ends_with_an_account_of_traffic_and_nothing_else() -> None:
    last = played().last[COORDINATOR]

    assert last.fields.keys() == {"rows"}
    assert not last.parts

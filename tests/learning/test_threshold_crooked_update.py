"""What a party that signs a crooked ciphertext reads: nothing ties an update to an honest encryption.

Half of a ciphertext is a mask that its maker alone could explain. A party that moves it by a known step has the sum
move by that step times the key, in the open, behind a flood that is made to hide noise and not this. It stands in
docs/threat-model.md. A sum that fails its checks is the last of its key, so out of short updates such a party reads a
part of a key, three coefficients or more for one of the sum; out of long ones it reads all.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from learning.arrays import FloatArray, IntArray
from learning.crypto.envelope import LENGTH_BYTES, MAGIC
from learning.crypto.identity import PublicIdentity
from learning.crypto.threshold.ring import DATA_PRIMES, DEGREE, HIGH, PRIMES, Ring, add, high, modulo, multiply
from learning.crypto.threshold.seal import seal
from learning.crypto.threshold.sealing import Sealed, message
from learning.ends import unframe
from learning.faults import RoundError
from learning.threshold import member as member_module
from learning.threshold.federation import Threshold
from learning.threshold.member import Member
from learning.threshold.packing import Packing
from tests.learning.threshold_by_hand import federation

PARTIES = ("east", "north", "west")
TRAITOR = "west"
VALUES, THIRD = 9000, 2050
STEP = PRIMES[HIGH] // 8
"""Of the key of two dealers, whose coefficients are from -2 to 2, this many lie apart in an opened high word."""
LOUD = {0: STEP}
DIGITS = 5
ROOM = 1 << 51
"""In high words no sum of three lanes reaches half of it."""


def _updates(values: int = VALUES) -> dict[str, IntArray]:
    return {party: np.arange(values) * place for place, party in enumerate(PARTIES, 1)}


def _crooked(
    traitor: Member, update: IntArray, number: int, moved_by: Mapping[int, int], monkeypatch: pytest.MonkeyPatch
) -> bytes:
    """Commit to an update with a polynomial, given by its powers, more in the mask of every ciphertext."""
    moved, honest = np.zeros((DATA_PRIMES, DEGREE), dtype=np.uint64), Sealed.holding
    for power, amount in moved_by.items():
        moved[:, power] = [amount * PRIMES[0] % prime for prime in PRIMES[:DATA_PRIMES]]

    def holding(nought: Sealed, numbers: IntArray, shift: int) -> Sealed:
        found = honest(nought, numbers, shift)
        return Sealed(found.top, add(found.c1, moved))

    with monkeypatch.context() as crooked:
        crooked.setattr(Sealed, "holding", holding)
        return traitor.commit(update, number)


def _seen_by_the_traitor(
    one: Threshold, number: int, monkeypatch: pytest.MonkeyPatch, moved_by: Mapping[int, int] = LOUD
) -> tuple[FloatArray, dict[str, bytes]]:
    """Whole round: the first opened polynomial as the traitor works it out, and the updates as they were posted."""
    members = one.clients
    seen: list[FloatArray] = []
    updates = _updates(one.layout.values)
    commits = {party: members[party].commit(updates[party], number) for party in PARTIES if party != TRAITOR}
    commits[TRAITOR] = _crooked(members[TRAITOR], updates[TRAITOR], number, moved_by, monkeypatch)
    commitments = one.coordinator.commitments(commits, number)
    posted = {party: members[party].reveal(commitments, number) for party in PARTIES}
    posted = dict(one.coordinator.updates(posted, number))
    quorum = ("north", TRAITOR)
    for party in quorum:
        members[party].receive(posted, number)
    answers = {party: members[party].answer(quorum, number) for party in quorum}
    partials = one.coordinator.partials(answers, quorum, number)

    def looked_at(top: Ring, shift: int) -> FloatArray:
        seen.append(message(top, shift))
        return seen[-1]

    with monkeypatch.context() as watching:
        watching.setattr(member_module, "message", looked_at)
        if max(moved_by.values()) >= ROOM:
            with pytest.raises(RoundError):
                members[TRAITOR].open(partials, number)
        else:
            total = [sum(numbers) for numbers in zip(*(one.tolist() for one in updates.values()), strict=True)]
            assert all(members[party].open(partials, number).tolist() == total for party in quorum)
    return seen[0], posted


def _posted(wire: bytes, used: list[int]) -> list[Sealed]:
    start = len(MAGIC) + LENGTH_BYTES
    head = int.from_bytes(wire[len(MAGIC) : start], "big")
    chunks = unframe(wire[start + head : -PublicIdentity.tag_bytes], "anybody", len(used))
    return [Sealed.read(chunk, size) for chunk, size in zip(chunks, used, strict=True)]


def test_one_traitor_with_the_coordinator_reads_the_key_in_one_refused_round_and_every_update_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = federation(PARTIES, 2, VALUES)
    packing = one.clients[TRAITOR].packing
    opened, posted = _seen_by_the_traitor(one, 1, monkeypatch)
    _reads_all(one, np.rint(opened * 2.0**packing.shift / STEP).astype(np.int64), posted)


def test_a_third_of_the_numbers_show_the_whole_key_too_three_coefficients_to_one_of_the_sum(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = federation(PARTIES, 2, THIRD)
    packing = one.clients[TRAITOR].packing
    (used,) = packing.used()
    each = -(-DEGREE // used)
    # the key's coefficient i + k * used becomes digit k of coefficient i of the sum: X**-j is -X**(DEGREE - j)
    turned = {DEGREE - k * used: -ROOM * DIGITS**k for k in range(1, each)}
    opened, posted = _seen_by_the_traitor(one, 1, monkeypatch, {0: ROOM} | turned)
    rest = [round(one * 2**packing.shift / ROOM) for one in opened.tolist()]
    key = []
    for _ in range(each):
        digits = [(one + 2) % DIGITS - 2 for one in rest]
        rest = [(one - digit) // DIGITS for one, digit in zip(rest, digits, strict=True)]
        key += digits
    _reads_all(one, np.array(key[:DEGREE]), posted)


def _reads_all(one: Threshold, found: IntArray, posted: dict[str, bytes]) -> None:
    """Take the key in hand, and every posted update with it."""
    packing, key = one.clients[TRAITOR].packing, seal().transform(modulo(found))
    updates = _updates(one.layout.values)
    assert "while all encrypt as agreed" in one.trust
    for party in ("east", "north"):
        update = _posted(posted[party], packing.used())
        products = [high(seal().coefficients(multiply(seal().transform(half.c1), key))) for half in update]
        read = [
            np.rint(message(add(half.top, product[:, : half.top.shape[1]], HIGH), packing.shift))
            for half, product in zip(update, products, strict=True)
        ]
        assert [part.tolist() for part in read] == [part.tolist() for part in packing.pack(updates[party], party)]


def test_steps_too_small_to_be_refused_show_the_key_behind_the_flood_after_some_rounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, step = federation(PARTIES, 2, 200), 4
    packing = one.clients[TRAITOR].packing
    errors = []
    for number in range(1, 41):
        opened, _ = _seen_by_the_traitor(one, number, monkeypatch, {0: step})
        errors.append((opened - np.rint(opened)) * 2.0**packing.shift / step)
    opened, _ = _seen_by_the_traitor(one, 41, monkeypatch)
    key = np.rint(opened * 2.0**packing.shift / STEP)

    assert np.corrcoef(np.mean(errors, axis=0), key)[0, 1] > 0.9


def test_a_sum_that_fails_its_checks_is_the_last_of_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    one = federation(PARTIES, 2, 4)
    used = one.clients[TRAITOR].packing.used()[0]
    opened, _ = _seen_by_the_traitor(one, 1, monkeypatch)

    assert len(opened) == used < DEGREE // 100
    assert one.clients[TRAITOR].left == 0
    numbers = one.total({party: np.arange(4) for party in PARTIES}, number=2, day=0.0).numbers
    assert numbers.tolist() == [0, 3, 6, 9]
    assert one.coordinator.roster.epoch == 2


def test_a_failed_opening_among_several_quorums_ends_the_key_once_all_have_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = federation(PARTIES, 2, 4)
    gather, failing = type(one.clients["east"].packing).gather, iter([True])

    def once(packing: Packing, opened: list[FloatArray]) -> IntArray:
        if next(failing, False):
            raise RoundError("spoilt", PARTIES)
        return gather(packing, opened)

    monkeypatch.setattr(Packing, "gather", once)
    with pytest.raises(RoundError):
        one.confirmed({party: np.arange(4) for party in PARTIES}, number=1, day=0.0)

    assert min(member.left for member in one.clients.values()) == 0

"""Ciphertexts that a party signs and that are none: read, added and opened in a process that a crash would end.

`python -m tests.learning.malformed WORD COUNT [SEED]` prints how many were refused, by how; its exit status tells a
crash. TenSEAL and SEAL are C++: what they read past shows nowhere else.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from learning.arrays import IntArray
from learning.crossings import COORDINATOR
from learning.crypto.compact.bfv import Scheme, SealingKey, scheme
from learning.crypto.compact.check import CheckKey
from learning.crypto.compact.packing import Packing as Digits
from learning.crypto.compact.packing import dense
from learning.crypto.compact.parameters import DEGREE, plain_modulus
from learning.crypto.memory import written
from learning.crypto.plain import PlainAdder, PlainCipher
from learning.crypto.shared_key import CiphertextAdder, SharedKey
from learning.crypto.slots import Layout
from learning.crypto.threshold.context import _fields, _varint
from learning.crypto.threshold.ring import HIGH, high
from learning.crypto.threshold.seal import body, framed, seal
from learning.crypto.threshold.sealing import Sealed, message, sum_of
from learning.faults import RoundError, SenderError
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import own
from learning.threshold.packing import Packing, packed
from tests.learning.by_hand import EXTREME, LAYOUT, PARTIES
from tests.learning.threshold_by_hand import keys, total

ROOT = Path(__file__).resolve().parents[2]
LIAR = "north"
WORDS = (0, 1, 2, 3, 4, 8, 1 << 13, 1 << 14, 1 << 20, 1 << 31, 1 << 32, 1 << 62, (1 << 64) - 1)
SCALES = (0.0, -1.0, float("nan"), float("inf"), 2.0**20, 2.0**26, 2.0**78, 2.0**200)
SCALE = 57
"""Place of the scale in a ciphertext, eight bytes."""
METADATA = 97
"""Bytes of a ciphertext before its words: digest of parameters, form, sizes, scale, header of the words."""


@dataclass(frozen=True)
class Opening:
    """How a mode adds and opens what its parties sent."""

    layout: Layout
    sound: dict[str, bytes]
    open: Callable[[dict[str, bytes]], IntArray]


def plain() -> Opening:
    cipher, slots = PlainCipher(), LAYOUT.slot_counts()[0]
    sound = {party: cipher.seal(LAYOUT.spread(EXTREME[party], party)[0]) for party in PARTIES}
    return Opening(LAYOUT, sound, lambda sent: LAYOUT.gather([cipher.open(PlainAdder().add(sent, slots), slots)]))


def shared_key() -> Opening:
    key, slots = SharedKey.generate(), LAYOUT.slot_counts()[0]
    adder = CiphertextAdder(key.parameters())
    sound = {party: key.seal(LAYOUT.spread(EXTREME[party], party)[0]) for party in PARTIES}
    return Opening(LAYOUT, sound, lambda sent: LAYOUT.gather([key.open(adder.add(sent, slots), slots)]))


def threshold() -> Opening:
    needed, quorum = 2, (1, 2)
    layout = packed(Layout(PARTIES, LAYOUT.values), needed)
    packing, held = Packing(layout, needed), keys(len(PARTIES), needed)
    spread = {party: packing.pack(EXTREME[party], party)[0] for party in PARTIES}
    sound = {party: held.sealer.seal(one, packing.shift).raw() for party, one in spread.items()}

    def opened(sent: dict[str, bytes]) -> IntArray:
        summed = sum_of([_read(party, one, packing.used()[0]) for party, one in sent.items()])
        c1 = seal().transform(summed.c1)
        parts = [high(seal().coefficients(held.alone(place, quorum, c1))) for place in quorum]
        used = summed.top.shape[1]
        return packing.gather([message(total([summed.top, *(part[:, :used] for part in parts)], HIGH), packing.shift)])

    return Opening(layout, sound, opened)


def _read(party: str, sent: bytes, used: int) -> Sealed:
    try:
        return Sealed.read(sent, used)
    except ValueError as fault:
        raise SenderError(party, str(fault)) from None


def compact() -> Opening:
    layout = dense(Layout(PARTIES, LAYOUT.values))
    packing = Digits(layout, plain_modulus(len(PARTIES)))
    key, check, used = (
        SealingKey.generate(packing.modulus),
        CheckKey(bytes(32), packing.modulus),
        scheme(packing.modulus),
    )
    sound = {}
    for party in PARTIES:
        packed = packing.pack(EXTREME[party], party)
        sound[party] = key.seal(np.column_stack([packed, check.checksums(packed, 1, [party])]))[0]

    def opened(sent: dict[str, bytes]) -> IntArray:
        read = [_ciphertext(party, content, used) for party, content in sent.items()]
        shown = key.open([used.subtract(used.add(read), np.zeros(DEGREE, dtype=np.uint64))])
        packed, checksums = shown[:, :-1], shown[:, -1]
        try:
            if not np.array_equal(checksums, check.checksums(packed, 1, PARTIES)):
                raise RoundError("the checksum of the sum is wrong", (*PARTIES, COORDINATOR))
            return packing.unpack(packed, len(PARTIES))
        except ValueError as fault:
            raise RoundError(str(fault), (*PARTIES, COORDINATOR)) from None

    return Opening(layout, sound, opened)


def _ciphertext(party: str, content: bytes, used: Scheme) -> Any:
    try:
        return used.ciphertext(content)
    except ValueError as fault:
        raise SenderError(party, str(fault)) from None


def stored() -> Opening:
    """Rows that a cloud keeps: read by their sealed form alone, opened nowhere here."""
    used = lattice(own(500))
    secret = used.module.KeyGenerator(used.context).secret_key()
    plain = used.plain(np.zeros(used.sizes.degree), used.sizes.scale_bits)
    content = written(used.module.Encryptor(used.context, secret).encrypt_symmetric(plain))

    def opened(sent: dict[str, bytes]) -> IntArray:
        for party, one in sent.items():
            try:
                used.read(one, 2, used.sizes.scale_bits)
            except ValueError as fault:
                raise SenderError(party, str(fault)) from None
        return 3 * EXTREME[LIAR]

    return Opening(LAYOUT, {LIAR: content}, opened)


OPENINGS: dict[str, Callable[[], Opening]] = {
    "compact": compact,
    "plain": plain,
    "shared_key": shared_key,
    "threshold": threshold,
}


STORED = "stored"
"""Rows under encryption, which no protection sums."""


def anywhere(sound: bytes, draw: np.random.Generator) -> bytes:
    """Bytes changed, cut out, put in or repeated, most of them near the ends, where lengths and sizes stand."""
    size = len(sound)
    start, end = sorted(int(at) for at in draw.integers(0, min(size, 200), 2))
    at = int(draw.integers(size))
    changed = bytearray(sound)
    for place in draw.integers(0, min(size, 140), draw.integers(1, 4)):
        changed[place] = int(draw.integers(256))
    flipped = bytearray(sound)
    flipped[at] ^= 1 << int(draw.integers(8))
    last = bytearray(sound)
    last[-int(draw.integers(1, 20))] = int(draw.integers(256))
    ways = (
        bytes(changed), bytes(flipped), bytes(last), sound[:at], sound[:start] + sound[end:], b"",
        sound[:start] + draw.bytes(end - start) + sound[start:], sound[:end] + sound[start:], sound + draw.bytes(40),
    )  # fmt: skip
    return ways[draw.integers(len(ways))]


def inside(sound: bytes, draw: np.random.Generator) -> bytes:
    """A TenSEAL vector around a ciphertext whose form, sizes, scale or words are changed, not packed."""
    (_, slots, _), (_, ciphertext, _), (_, scale, _) = _fields(sound)
    if draw.integers(6) == 0:
        slots = (b"", b"\0", slots + slots, b"\xff\xff\x03", b"\xff" * 9 + b"\x01")[draw.integers(5)]
    content = within(ciphertext, draw)
    fields = ((1, slots), (2, content), (3, content[16 + SCALE : 16 + SCALE + 8] if draw.integers(2) else scale))
    return b"".join(_varint(number << 3 | 2) + _varint(len(content)) + content for number, content in fields)


def within(sound: bytes, draw: np.random.Generator) -> bytes:
    """A ciphertext of SEAL whose form, sizes, scale, seed or words are changed, not packed."""
    content = bytearray(body(sound))
    way = draw.integers(8)
    if way == 0:
        content[draw.integers(METADATA)] = int(draw.integers(256))
    elif way == 1:
        at = int(draw.choice([33, 41, 49, SCALE, 65, 73, 81, 89]))
        content[at : at + 8] = struct.pack("<Q", WORDS[draw.integers(len(WORDS))])
    elif way == 2:
        content[32] = int(draw.integers(3))
    elif way == 3:
        content = content[: draw.integers(len(content))]
    elif way == 4:
        content += draw.bytes(int(draw.integers(1, 5000)))
    elif way == 5:
        content[SCALE : SCALE + 8] = struct.pack("<d", SCALES[draw.integers(len(SCALES))])
    elif way == 6:
        half = (len(content) - METADATA) // 2
        content[METADATA + half :] = bytes(half)
    else:
        # a seed and what generator it is for stand at the end, where there is one
        content[len(content) - int(draw.integers(1, 120))] = int(draw.integers(256))
    packed = framed(bytes(content))
    if draw.integers(6) == 0:
        head = bytearray(packed[:16])
        head[draw.integers(16)] = int(draw.integers(256))
        packed = bytes(head) + packed[16:]
    return packed


WAYS = {"compact": [anywhere, within], "stored": [anywhere, within], "shared_key": [anywhere, inside]}


def outcomes(word: str, count: int, seed: int = 0) -> Counter[str]:
    """Return what became of `count` rounds in which one party sent what is no ciphertext, or another one.

    Raises AssertionError for a wrong sum, and for blame of anybody else.
    """
    opening, found = (OPENINGS | {STORED: stored})[word](), Counter[str]()
    draw = np.random.default_rng((seed, len(word)))
    right = [3 * int(number) for number in EXTREME[LIAR]]
    ways = WAYS.get(word, [anywhere])
    for turn in range(count):
        sent = ways[turn % len(ways)](opening.sound[LIAR], draw)
        found[_outcome(opening, {**opening.sound, LIAR: sent}, right)] += 1
    return found


def _outcome(opening: Opening, sent: dict[str, bytes], right: list[int]) -> str:
    try:
        opened = opening.open(sent)
    except SenderError as fault:
        blamed, expected, outcome = fault.parties, {LIAR}, "refused, its sender named"
    except RoundError as fault:
        blamed, expected, outcome = fault.parties, {*PARTIES, COORDINATOR}, "refused, all listed"
    else:
        assert opened.tolist() == right
        return "the same ciphertext in other bytes"
    assert set(blamed) == expected, blamed
    return outcome


def in_a_process(word: str, count: int, seed: int = 0) -> Counter[str]:
    """Return `outcomes` of a process of its own. Raises CalledProcessError where it ended in any other way."""
    arguments = [sys.executable, "-m", "tests.learning.malformed", word, str(count), str(seed)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    return Counter(json.loads(done.stdout))


if __name__ == "__main__":
    word, *numbers = sys.argv[1:]
    sys.stdout.write(json.dumps(outcomes(word, *map(int, numbers))))

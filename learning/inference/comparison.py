"""Whether a difference that is shared between two sides is at least zero, told to one of them alone.

One side holds a mask, the other the masked difference; `masked - mask = D`. Both add `2**43` to D and look at bit 43
of the difference of their numbers modulo `2**44`: it is the sum of their own bits 43 and of the borrow out of the 43
bits below, which a garbled comparison finds. The garbler's own bit 43 turns what its circuit tells and is never shown:
it alone would halve what the evaluator holds possible.
"""

from __future__ import annotations

from collections.abc import Sequence

from learning.ends import frame, unframe
from learning.inference.choosing import Chooser, answered
from learning.inference.garbling import Garbled, bytes_of, evaluate, garble, labels_read, labels_written
from learning.inference.scale import DIFFERENCE_BITS

_LOW_BITS = DIFFERENCE_BITS - 1
_LOW = (1 << _LOW_BITS) - 1


def share_of_masked(masked: int) -> int:
    """Return the share of who holds the masked difference."""
    return (masked + (1 << _LOW_BITS)) % (1 << DIFFERENCE_BITS)


def share_of_mask(mask: int) -> int:
    """Return the share of who holds the mask."""
    return mask % (1 << DIFFERENCE_BITS)


def asked(shares: Sequence[int], chooser: Chooser) -> bytes:
    """Return the sealed bits of the evaluator's shares."""
    return chooser.ask([share >> at & 1 for share in shares for at in range(_LOW_BITS)])


def garbled(choice: bytes, shares: Sequence[int], sender: str, *, masked: bool) -> bytes:
    """Return the circuits of the garbler's shares, which are of masked differences if `masked`, else of masks.

    Raises ValueError or SenderError naming `sender` for what is no choice for so many shares.
    """
    answer, masks = answered(choice, len(shares) * _LOW_BITS, sender)
    circuits = []
    for number, share in enumerate(shares):
        circuit, choices = garble(share & _LOW, _LOW_BITS, own_is_first=masked, turned=share >> _LOW_BITS)
        mine = masks[number * _LOW_BITS : (number + 1) * _LOW_BITS]
        hidden = [
            label ^ mask
            for pair, both in zip(choices, mine, strict=True)
            for label, mask in zip(pair, both, strict=True)
        ]
        circuits.append(circuit.written() + labels_written(hidden))
    return frame([answer, *circuits])


def decided(answer: bytes, shares: Sequence[int], chooser: Chooser, sender: str, *, masked: bool) -> list[bool]:
    """Return whether each difference is at least zero; the evaluator's shares are of masked ones if `masked`.

    Raises ValueError or SenderError naming `sender` for what does not belong to these shares.
    """
    keys, *circuits = unframe(answer, sender, 1 + len(shares))
    masks = chooser.masks(keys, len(shares) * _LOW_BITS, sender)
    return [
        _decided(circuit, share, masks[number * _LOW_BITS : (number + 1) * _LOW_BITS], masked=masked)
        for number, (circuit, share) in enumerate(zip(circuits, shares, strict=True))
    ]


def _decided(content: bytes, share: int, masks: Sequence[int], *, masked: bool) -> bool:
    end = bytes_of(_LOW_BITS)
    circuit, hidden = Garbled.read(content[:end], _LOW_BITS), labels_read(content[end:])
    if len(hidden) != 2 * _LOW_BITS:
        raise ValueError(f"it holds {len(hidden)} labels, not {2 * _LOW_BITS}")
    bits = [share >> at & 1 for at in range(_LOW_BITS)]
    chosen = [hidden[2 * at + bit] ^ mask for at, (bit, mask) in enumerate(zip(bits, masks, strict=True))]
    turned = evaluate(circuit, chosen, own_is_first=masked)
    return bool((share >> _LOW_BITS) ^ turned)

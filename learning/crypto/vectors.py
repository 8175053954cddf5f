"""Reading and adding TenSEAL vectors that came from somebody else, who signed them and may mean no good.

SEAL checks lengths, sizes and words of what it reads. What it lets through and this layer does not: a ciphertext at
another level, of another form or scale, one that hides nothing, one that claims another number of slots. Each of them
would make the sum fail at everybody's place without a word of whose fault it is, or make TenSEAL read past its memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning.crypto.memory import UNREADABLE
from learning.faults import RoundError, SenderError

_SPARE_BYTES = 1000
"""Room for what SEAL and TenSEAL write beside the words of a ciphertext."""


def read_fresh(context: Any, ciphertext: bytes, slots: int, scale_bits: int) -> Any:
    """Return the vector in these bytes, never multiplied or rescaled. Raises ValueError for anything else."""
    import tenseal as ts

    try:
        vector = ts.ckks_vector_from(context, ciphertext) if len(ciphertext) <= longest(context) else None
    except UNREADABLE:
        vector = None
    if vector is None or vector.size() != slots or not _is_fresh(context, vector, scale_bits):
        raise ValueError(f"it holds no ciphertext of {slots} slots at scale 2**{scale_bits}")
    return vector


def longest(context: Any) -> int:
    """Return the most bytes that a fresh ciphertext of a context may take."""
    first = context.seal_context().data.first_context_data()
    return 2 * 8 * int(first.parms().poly_modulus_degree()) * (int(first.chain_index()) + 1) + _SPARE_BYTES


def _is_fresh(context: Any, vector: Any, scale_bits: int) -> bool:
    parts = vector.ciphertext()
    if len(parts) != 1:
        return False
    found, level = parts[0], context.seal_context().data.first_parms_id()
    at_level: bool = found.size() == 2 and found.is_ntt_form() and found.parms_id() == level
    return at_level and found.scale == 2.0**scale_bits and not found.is_transparent()


def summed(context: Any, ciphertexts: Mapping[str, bytes], slots: int, scale_bits: int) -> Any:
    """Return the sum of one vector of each party.

    Raises SenderError naming the party whose bytes are no such vector, RoundError listing those whose vectors cancel:
    each of two that are one another's minus is sound by itself.
    """
    total, seen = None, []
    for party, ciphertext in ciphertexts.items():
        seen.append(party)
        try:
            vector = read_fresh(context, ciphertext, slots, scale_bits)
        except ValueError as fault:
            raise SenderError(party, str(fault)) from None
        try:
            total = vector if total is None else total + vector
        except UNREADABLE:
            raise RoundError("their ciphertexts cancel", seen) from None
    return total

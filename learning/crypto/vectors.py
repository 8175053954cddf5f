"""Reading a TenSEAL vector that came from somebody else."""

from __future__ import annotations

from typing import Any


def read_fresh(context: Any, ciphertext: bytes, slots: int, scale_bits: int) -> Any:
    """Return the vector in these bytes, never multiplied or rescaled. Raises ValueError for anything else."""
    import tenseal as ts

    try:
        vector = ts.ckks_vector_from(context, ciphertext)
    except (ValueError, RuntimeError):
        vector = None
    # TenSEAL trusts the number of slots written in the bytes and reads past its memory where that number is wrong.
    if vector is None or vector.size() != slots or not _is_fresh(vector, scale_bits):
        raise ValueError(f"it holds no ciphertext of {slots} slots at scale 2**{scale_bits}")
    return vector


def _is_fresh(vector: Any, scale_bits: int) -> bool:
    parts = vector.ciphertext()
    return len(parts) == 1 and parts[0].size() == 2 and parts[0].scale == 2.0**scale_bits

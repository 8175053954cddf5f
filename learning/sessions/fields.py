"""Byte fields one behind the other, each behind its length: no two lists of fields give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

LENGTH_BYTES = 4


def join(fields: Sequence[bytes]) -> bytes:
    """Return fields as one text of bytes."""
    return b"".join(len(field).to_bytes(LENGTH_BYTES, "big") + field for field in fields)


def part(message: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Return the fields of a message. Raises ValueError unless they have these sizes and nothing follows them."""
    if len(message) != sum(sizes) + LENGTH_BYTES * len(sizes):
        raise ValueError("it has another length")
    fields, at = [], 0
    for size in sizes:
        start = at + LENGTH_BYTES
        if int.from_bytes(message[at:start], "big") != size:
            raise ValueError("it has fields of other lengths")
        fields.append(message[start : start + size])
        at = start + size
    return fields

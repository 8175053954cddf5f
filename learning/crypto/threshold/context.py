"""An ordinary TenSEAL context that holds the collective public key and no secret: vectors encrypt and add as always.

TenSEAL reads and writes contexts as protobuf messages. The public key is field 1 of field 2; it is put in place of the
one that a template came with.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from learning.crypto.threshold.parameters import PRIME_BITS, SCALE_BITS
from learning.crypto.threshold.ring import DEGREE

_PUBLIC_CONTEXT, _PUBLIC_KEY = 2, 1
_BYTES = 2
"""Wire type of a field that carries its length."""


def context_of(public_key: bytes) -> Any:
    """Return the context of a collective public key in SEAL's form. Raises ValueError for what is no public key."""
    import tenseal as ts

    template = _template()
    inner = _replaced(_field(template, _PUBLIC_CONTEXT), _PUBLIC_KEY, public_key)
    context = ts.context_from(_replaced(template, _PUBLIC_CONTEXT, inner), n_threads=1)
    assert context.has_public_key()
    assert not context.has_secret_key()
    return context


@cache
def _template() -> bytes:
    import tenseal as ts

    context = ts.context(ts.SCHEME_TYPE.CKKS, DEGREE, coeff_mod_bit_sizes=list(PRIME_BITS), n_threads=1)
    context.global_scale = 2.0**SCALE_BITS
    written: bytes = context.serialize(
        save_public_key=True, save_secret_key=False, save_galois_keys=False, save_relin_keys=False
    )
    return written


def _field(message: bytes, number: int) -> bytes:
    return next(content for found, content, _ in _fields(message) if found == number)


def _replaced(message: bytes, number: int, content: bytes) -> bytes:
    """Return a message with the content of one field replaced."""
    written = b""
    for found, _, raw in _fields(message):
        written += _varint(found << 3 | _BYTES) + _varint(len(content)) + content if found == number else raw
    return written


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield number, content and raw bytes of each field of a protobuf message."""
    at = 0
    while at < len(message):
        start = at
        tag, at = _read_varint(message, at)
        if tag & 7 == _BYTES:
            size, at = _read_varint(message, at)
        elif tag & 7 == 0:
            _, end = _read_varint(message, at)
            size = end - at
        else:
            size = {1: 8, 5: 4}[tag & 7]
        yield tag >> 3, message[at : at + size], message[start : at + size]
        at += size


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])

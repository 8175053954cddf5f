"""How ciphertexts and public keys of these sizes look where they carry no words: SEAL is given nothing else to read.

SEAL trusts lengths in what it reads and ends the process where a file breaks off (`learning.crypto.compact.shapes`).
Samples are made under a key that is then forgotten.
"""

from __future__ import annotations

from typing import Any

from learning.crypto.compact.shapes import Shape, shape_of
from learning.crypto.memory import UNREADABLE, read_into, written
from learning.crypto.threshold.seal import body, framed

SEED_BYTES = 64
"""What SEAL expands the second half of a fresh ciphertext from."""


def read_shaped(value: Any, context: Any, content: bytes, shapes: tuple[Shape, ...], what: str) -> Any:
    """Return `value` read from bytes that somebody else wrote. Raises ValueError for anything of no shape of these."""
    plain = next((found for shape in shapes if (found := shape.body_of(content)) is not None), None)
    if plain is None:
        raise ValueError(f"it holds no {what}")
    try:
        return read_into(value, context, framed(plain))
    except UNREADABLE:
        raise ValueError(f"it holds no {what}: a word reaches its prime") from None


def ciphertext_shapes(module: Any, context: Any, plaintext: Any, parts: int, words: int) -> tuple[Shape, ...]:
    """Return the shapes of a ciphertext of so many parts of `words` words each, as fresh ones of `plaintext` look.

    Of two parts: with a seed in place of the second, and whole. Of three: whole, the product of two such.
    """
    secret, evaluator = module.KeyGenerator(context).secret_key(), module.Evaluator(context)
    encryptor, whole = module.Encryptor(context, secret), module.Ciphertext(context)
    encryptor.encrypt_symmetric(plaintext, whole)
    if parts > 2:
        product = module.Ciphertext(context)
        evaluator.multiply(whole, whole, product)
        whole = product
    sample = written(whole)
    start = len(body(sample)) - 8 * parts * words
    shapes = (shape_of(sample, (start, start + 8 * parts * words)),)
    if parts > 2:
        return shapes
    seeded = written(encryptor.encrypt_symmetric(plaintext))
    size = len(body(seeded))
    return (shape_of(seeded, (start, start + 8 * words), (size - SEED_BYTES, size)), *shapes)


def public_key_shape(module: Any, context: Any, words: int) -> Shape:
    """Return the shape of a public key of twice so many words."""
    public = module.PublicKey()
    module.KeyGenerator(context).create_public_key(public)
    sample = written(public)
    size = len(body(sample))
    return shape_of(sample, (size - 16 * words, size))

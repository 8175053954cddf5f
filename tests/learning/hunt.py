"""Notes every secret that a federation draws, and looks for it wherever it must not be."""

from __future__ import annotations

import base64
import gc
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import numpy as np
import pytest

from learning.crypto.envelope import ChannelKey
from learning.crypto.identity import Identity
from learning.crypto.shared_key import SharedKey
from learning.crypto.threshold.seal import KeyPair, Seal

SHORTEST = 16
"""Bytes: what is shorter is a nonce, which travels in clear."""
SHOWN = 24
"""Bytes of a secret that are looked for."""


class Planted:
    """Every secret drawn since, and forms in which a text or a file might show it."""

    def __init__(self) -> None:
        self.raw: set[bytes] = set()

    def add(self, secret: bytes) -> bytes:
        if len(secret) >= SHORTEST:
            self.raw.add(secret[:SHOWN])
        return secret

    def in_bytes(self, content: bytes) -> bool:
        return any(
            form in content
            for secret in self.raw
            for form in (secret, secret.hex().encode(), base64.b64encode(secret)[:20])
        )

    def in_text(self, text: str) -> bool:
        """Whether a text shows one as bytes, in hexadecimal or base 64, or as whole numbers of an array."""
        return any(form in text for secret in self.raw for form in self._forms(secret))

    def _forms(self, secret: bytes) -> tuple[str, ...]:
        word = str(int.from_bytes(secret[:8], "little"))
        return (repr(secret[:SHORTEST])[2:-1], secret.hex(), base64.b64encode(secret)[:20].decode(), word)

    def is_one(self, value: object) -> bool:
        if isinstance(value, bytes | bytearray):
            return bytes(value[:SHOWN]) in self.raw
        return isinstance(value, np.ndarray) and value.size > 1 and value.tobytes()[:SHOWN] in self.raw


@contextmanager
def planted() -> Iterator[Planted]:
    """Note all randomness that is drawn, the keys that SEAL and the signatures draw, and what is made of them."""
    found = Planted()
    urandom, token_bytes, key_pair = os.urandom, secrets.token_bytes, Seal.key_pair
    identity, generate = Identity.__init__, SharedKey.generate.__func__  # type: ignore[attr-defined]

    def pair(seal: Seal) -> KeyPair:
        drawn = key_pair(seal)
        found.add(drawn.secret.tobytes())
        return drawn

    def signing(one: Identity) -> None:
        identity(one)
        found.add(one._key.private_bytes_raw())  # noqa: SLF001

    def shared(kind: type[SharedKey]) -> SharedKey:
        key: SharedKey = generate(kind)
        handed = key.hand_over()
        # behind the public parameters, which everybody may see
        found.raw |= {handed[at : at + SHOWN] for at in (len(handed) // 2, len(handed) - 1000)}
        return key

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", lambda size: found.add(urandom(size)))
        patch.setattr(secrets, "token_bytes", lambda size: found.add(token_bytes(size)))
        patch.setattr(Seal, "key_pair", pair)
        patch.setattr(Identity, "__init__", signing)
        patch.setattr(SharedKey, "generate", classmethod(shared))
        yield found


def ours(one: object) -> bool:
    """Whether the learning room defines the class of an object."""
    return str(type(one).__module__).split(".")[0] == "learning"


@contextmanager
def watched(found: Planted) -> Iterator[dict[type, object]]:
    """Keep one object of every class of the learning room that lives when something is signed.

    One that holds a planted secret by itself goes before one that does not.
    """
    kept: dict[type, object] = {}
    tags = {kind: kind.tag for kind in (Identity, ChannelKey)}

    def noted(kind: type[Any]) -> Callable[[Any, bytes], bytes]:
        def tag(key: Any, message: bytes) -> bytes:
            for one in gc.get_objects():
                if ours(one) and (type(one) not in kept or holds(one, found)):
                    kept[type(one)] = one
            made: bytes = tags[kind](key, message)
            return made

        return tag

    with pytest.MonkeyPatch.context() as patch:
        for kind in tags:
            patch.setattr(kind, "tag", noted(kind))
        yield kept


def holds(one: object, found: Planted) -> bool:
    """Whether an object holds a planted secret by itself, in a list or mapping of its own."""
    return any(found.is_one(value) for value in fields(one))


def fields(one: object) -> list[object]:
    """What an object holds by itself, lists and mappings looked into."""
    if isinstance(one, tuple):
        return list(one)
    slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
    held = [*getattr(one, "__dict__", {}).values(), *(getattr(one, name) for name in slots if hasattr(one, name))]
    return [*held, *(inner for value in held for inner in _inside(value))]


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else []


def texts(fault: BaseException) -> Iterator[tuple[str, str]]:
    """What an exception shows: itself, what led to it, and the variables of the product's frames it went through."""
    waiting: list[BaseException | None] = [fault]
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        yield "exception", f"{one!s} {one!r} {one.args!r} {vars(one)!r} {getattr(one, '__notes__', '')}"
        yield from _variables(one.__traceback__)
        waiting += [one.__cause__, one.__context__]


def _variables(trace: TracebackType | None) -> Iterator[tuple[str, str]]:
    while trace is not None:
        frame: Any = trace.tb_frame
        if str(frame.f_globals.get("__name__", "")).startswith("learning."):
            for name, value in frame.f_locals.items():
                yield f"{frame.f_code.co_qualname}: {name}", repr(value)
        trace = trace.tb_next

"""Notes every secret that a federation draws, and looks for it wherever it must not be."""

from __future__ import annotations

import base64
import gc
import importlib
import os
import pkgutil
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import numpy as np
import pytest

import learning
from learning.crypto.envelope import ChannelKey
from learning.crypto.identity import Identity
from learning.crypto.secret import Secret
from learning.crypto.shared_key import SharedKey
from learning.crypto.threshold.seal import KeyPair, Seal

SHORTEST = 16
"""Bytes: what is shorter is a nonce, which travels in clear."""
PUBLIC = ("public", "_public", "_hello", "_said", "name")
"""Fields of keys that everybody may see: public halves, and what was said in clear."""
SHOWN = 24
"""Bytes of a secret that are looked for."""


class Planted:
    """Every secret drawn since, and forms in which a text or a file might show it."""

    def __init__(self) -> None:
        self.raw: set[bytes] = set()
        self.numbers: set[int] = set()

    def add(self, secret: bytes) -> bytes:
        if len(secret) >= SHORTEST:
            self.raw.add(secret[:SHOWN])
        return secret

    def in_bytes(self, content: bytes) -> bool:
        return any(
            form in content
            for secret in self.raw
            for form in (secret, secret.hex().encode(), base64.b64encode(secret)[:20])
        ) or any(number.to_bytes(32, order) in content for number in self.numbers for order in ("big", "little"))

    def in_text(self, text: str) -> bool:
        """Whether a text shows one as bytes, in hexadecimal or base 64, or as whole numbers of an array."""
        numbers = any(form in text for number in self.numbers for form in (str(number), f"{number:x}"))
        return numbers or any(form in text for secret in self.raw for form in self._forms(secret))

    def _forms(self, secret: bytes) -> tuple[str, ...]:
        word = str(int.from_bytes(secret[:8], "little"))
        return (repr(secret[:SHORTEST])[2:-1], secret.hex(), base64.b64encode(secret)[:20].decode(), word)

    def is_one(self, value: object) -> bool:
        if isinstance(value, bytes | bytearray):
            return bytes(value[:SHOWN]) in self.raw
        if isinstance(value, int):
            return value in self.numbers
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


class Watched:
    """One object of every class of the learning room that lives when something is signed, and every kind of key.

    One that holds a planted secret by itself goes before one that does not.
    """

    def __init__(self, found: Planted) -> None:
        self.found = found
        self.kept: dict[type, object] = {}
        self.keys: list[Secret] = []

    def look(self, at: Iterable[object]) -> None:
        for one in at:
            if ours(one) and (type(one) not in self.kept or holds(one, self.found)):
                self.kept[type(one)] = one

    def begun(self, begin: Callable[..., None]) -> Callable[..., None]:
        """A key's own beginning, after which it is noted."""

        def made(one: Secret, *given: object, **named: object) -> None:
            begin(one, *given, **named)
            self.keys.append(one)

        return made

    def signed(self, tag: Callable[[Any, bytes], bytes]) -> Callable[[Any, bytes], bytes]:
        """A key's own signature, before which all that lives is looked at."""

        def looked(key: Any, message: bytes) -> bytes:
            self.look(gc.get_objects())
            return tag(key, message)

        return looked


@contextmanager
def watched(found: Planted) -> Iterator[dict[type, object]]:
    """Keep what `Watched` says of all that happens within."""
    watch = Watched(found)
    modules()
    with pytest.MonkeyPatch.context() as patch:
        for kind in _kinds(Secret):
            if "__init__" in vars(kind):
                patch.setattr(kind, "__init__", watch.begun(kind.__init__))
        for signer in (Identity, ChannelKey):
            patch.setattr(signer, "tag", watch.signed(signer.tag))
        yield watch.kept
    for one in watch.keys:
        _plant_fields(one, found)
    watch.look(watch.keys)


def modules() -> list[Any]:
    """Every module of the learning room, imported."""
    return [importlib.import_module(one.name) for one in pkgutil.walk_packages(learning.__path__, "learning.")]


def _kinds(kind: type) -> list[Any]:
    return [kind, *(inner for sub in kind.__subclasses__() for inner in _kinds(sub))]


def _plant_fields(one: Secret, found: Planted) -> None:
    """Note what a key holds that was worked out of what was drawn."""
    for name, value in named_fields(one):
        for inner in (value, *_inside(value)):
            if name.startswith(PUBLIC):
                continue
            if isinstance(inner, bytes | np.ndarray):
                found.add(inner if isinstance(inner, bytes) else inner.tobytes())
            elif isinstance(inner, int) and inner.bit_length() > 8 * SHORTEST:
                found.numbers.add(inner)


def holds(one: object, found: Planted) -> bool:
    """Whether an object holds a planted secret by itself, in a list or mapping of its own."""
    return any(found.is_one(value) for value in fields(one))


def fields(one: object) -> list[object]:
    """What an object holds by itself, lists and mappings looked into."""
    held = list(one) if isinstance(one, tuple) else [value for _, value in named_fields(one)]
    return [*held, *(inner for value in held for inner in _inside(value))]


def named_fields(one: object) -> list[tuple[str, object]]:
    """The attributes that an object has of its own."""
    slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
    return [
        *getattr(one, "__dict__", {}).items(),
        *((name, getattr(one, name)) for name in slots if hasattr(one, name)),
    ]


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

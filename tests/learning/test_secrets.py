"""Plant and hunt: every secret that is drawn is noted, and stands in no text, pickle, copy, exception, log or file."""

from __future__ import annotations

import copy
import logging
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from learning.crypto.secret import Secret
from learning.faults import ProtectionError
from learning.protect import PROTECTIONS, protection
from learning.sessions.faults import SessionError
from learning.sessions.handshake import Responder
from learning.sessions.keystore import Keystore, KeystoreError
from tests.learning import sessions_by_hand
from tests.learning.by_hand import EXTREME, PARTIES, VALUES
from tests.learning.hunt import Planted, holds, modules, planted, texts, watched

HOLDERS = {
    "compact": {"RoundSecrets", "Piece", "CheckKey"},
    "plain": {"ChannelKey"},
    "shared_key": {"ChannelKey"},
    "threshold": {"KeyPair", "KeyShare", "PairKeys", "Dealt", "Founder"},
}

HOLDERS = {
    "compact": {"RoundSecrets", "Piece", "CheckKey"},
    "plain": {"ChannelKey"},
    "shared_key": {"ChannelKey"},
    "threshold": {"KeyPair", "KeyShare", "PairKeys", "Dealt", "Founder"},
}
"""Whose secrets the hunt must find, or it looks in the wrong place."""


class Caught:
    """A federation that was watched from its founding through rounds, refused ones among them."""

    def __init__(self, word: str) -> None:
        with planted() as self.found, watched(self.found) as self.kept:
            self.federation = protection(word, PARTIES, VALUES)
            for number in (1, 2):
                self.federation.total(EXTREME, number=number, day=0.0)
            self.faults = list(self.refused())

    def refused(self) -> Iterator[BaseException]:
        """What a round refuses, each with its way through the product."""
        wrong: list[Any] = [np.zeros(1), None, np.full(VALUES, 2**62), np.full(VALUES, np.nan)]
        for number, update in enumerate(wrong, 3):
            try:
                self.federation.total(EXTREME | {"north": update}, number=number, day=0.0)
            except ProtectionError as fault:
                yield fault
        for number in (1, 2):
            try:
                self.federation.total(EXTREME, number=number, day=0.0)
            except ProtectionError as fault:
                yield fault
        for number, chunk in enumerate((b"", bytes(100), b"rubbish"), 10):
            try:
                self.spoilt_round(number, chunk)
            except ProtectionError as fault:
                yield fault

    def spoilt_round(self, number: int, payload: bytes) -> None:
        """A round in which a party seals what is no update, and one in which its answer is none."""
        import sys

        with pytest.MonkeyPatch.context() as patch:
            for name, module in list(sys.modules.items()):
                if name.startswith("learning.") and getattr(module, "frame", None) is not None:
                    patch.setattr(module, "frame", lambda chunks: payload)
            self.federation.total(EXTREME, number=number, day=0.0)


@pytest.fixture(scope="module", params=sorted(PROTECTIONS))
def caught(request: pytest.FixtureRequest) -> Caught:
    """One watched federation of each protection."""
    return Caught(request.param)


def test_secrets_were_planted_and_the_hunt_finds_them_where_they_are_held(caught: Caught) -> None:
    holders = {kind.__name__ for kind, one in caught.kept.items() if holds(one, caught.found)}

    assert len(caught.found.raw) >= len(PARTIES)
    assert holders >= HOLDERS[caught.federation.word]


def test_every_class_that_names_a_secret_among_its_fields_is_one_that_cannot_be_carried_away() -> None:
    words = ("secret", "private", "share", "row", "mask_key", "passphrase")
    bare = [
        f"{kind.__module__}.{kind.__name__}: {name}"
        for kind in {kind for module in modules() for kind in vars(module).values() if isinstance(kind, type)}
        if kind.__module__.startswith("learning.") and kind.__reduce__ is object.__reduce__
        for name in (*vars(kind).get("__annotations__", {}), *vars(kind).get("__slots__", ()))
        if name.strip("_") in words
    ]

    assert bare == []


def test_no_object_shows_a_secret(caught: Caught) -> None:
    for kind, one in caught.kept.items():
        for text in (repr(one), str(one), f"{one}", repr([one]), repr({"key": one})):
            assert not caught.found.in_text(text), kind


def test_whoever_holds_a_secret_cannot_be_pickled_or_copied(caught: Caught) -> None:
    for kind, one in caught.kept.items():
        if isinstance(one, Secret) or holds(one, caught.found):
            for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError, match=kind.__name__):
                    attempt(one)


def test_no_pickle_of_anything_else_carries_a_secret_away(caught: Caught) -> None:
    for kind, one in caught.kept.items():
        try:
            content = pickle.dumps(one)
        except (TypeError, AttributeError, pickle.PicklingError):
            continue
        assert not caught.found.in_bytes(content), kind


def test_no_refusal_shows_a_secret_in_its_words_its_cause_or_the_variables_on_its_way(caught: Caught) -> None:
    assert len(caught.faults) >= 6
    for fault in caught.faults:
        for place, text in texts(fault):
            assert not caught.found.in_text(text), f"{fault}: {place}"


def test_the_hunt_finds_a_secret_in_each_form_that_it_looks_for() -> None:
    secret = bytes(range(100, 132))
    found = Planted()
    found.add(secret)
    array = np.frombuffer(secret, dtype="<u8")

    for text in (repr(secret), secret.hex(), repr(array), str(array.tolist()), f"key: {secret!r}"):
        assert found.in_text(text)
    assert found.in_bytes(pickle.dumps(secret))
    assert found.in_bytes(pickle.dumps(array))
    assert not found.in_text(repr(bytes(32)))


@pytest.mark.parametrize("word", sorted(PROTECTIONS))
def test_no_log_and_no_output_shows_a_secret(
    word: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with planted() as found, caplog.at_level(logging.DEBUG):
        protection(word, PARTIES, VALUES).total(EXTREME, number=1, day=0.0)

    out, err = capfd.readouterr()
    assert found.raw
    assert not found.in_text(out + err + caplog.text)


def test_identities_keystores_handshakes_and_sessions_show_nothing_and_cannot_be_carried_away(tmp_path: Path) -> None:
    # nonces and salts are in clear: what is looked for is what the identities and the sessions hold
    found = Planted()
    with watched(found) as kept:
        heard = sessions_by_hand.agreed()
        store = Keystore(tmp_path / "keys")
        identity = store.create("one passphrase", cost_bits=14)
        for seed in (identity.seeds(), sessions_by_hand.NORTH.seeds()):
            found.add(seed[:32])
            found.add(seed[32:])
        heard.south.open(heard.north.seal(b"content"))
        faults = list(_session_faults(heard, store))
    kinds = {kind.__name__ for kind in kept}

    assert {"HybridIdentity", "Initiator", "Responder", "Agreed", "Session", "Chain"} <= kinds
    for kind, one in kept.items():
        assert not found.in_text(f"{one!r} {one!s} {[one]!r}"), kind
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=kind.__name__):
                attempt(one)
    assert len(faults) == 4
    for fault in faults:
        for place, text in texts(fault):
            assert not found.in_text(text), f"{fault}: {place}"
    assert not any(found.in_bytes(file.read_bytes()) for file in tmp_path.rglob("*") if file.is_file())


def _session_faults(heard: sessions_by_hand.Heard, store: Keystore) -> Iterator[Exception]:
    tries: list[Callable[[], object]] = [
        lambda: store.open("another passphrase"),
        lambda: heard.south.open(heard.north.seal(b"content")[:-1] + b"x"),
        lambda: Responder(sessions_by_hand.PACT, sessions_by_hand.SOUTH).answer(heard.hello[:-1]),
        lambda: Responder(sessions_by_hand.PACT, sessions_by_hand.SOUTH).accept(heard.last),
    ]
    for attempt in tries:
        try:
            attempt()
        except (ProtectionError, KeystoreError, SessionError) as fault:
            yield fault

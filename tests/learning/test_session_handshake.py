"""Agreement on keys: both ends alike, nobody between them, nobody in another's name, nothing from yesterday."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning.sessions.faults import SessionError
from learning.sessions.fields import join, part
from learning.sessions.handshake import HELLO, KEYS, PROOF, Initiator, Responder
from learning.sessions.identity import ED25519_BYTES, SEED_BYTES, HybridIdentity, PublicHybridIdentity
from learning.sessions.pact import LABEL, Pact, roster_digest
from tests.learning.sessions_by_hand import (
    IDENTITIES,
    MALLORY,
    NORTH,
    PACT,
    SOUTH,
    agreed,
    fields_of_hello,
    join_sizes,
    sessions_of,
    with_identity,
)


def carried(souths: Pact, passed: Callable[[str, bytes], bytes]) -> None:
    """A handshake whose messages go through somebody's hands."""
    first, second = Initiator(PACT, NORTH), Responder(souths, SOUTH)
    last, _ = first.finish(passed("answer", second.answer(passed("hello", first.hello()))))
    second.accept(passed("last", last))


def test_both_ends_agree_and_read_each_other() -> None:
    heard = agreed()

    assert heard.north.name == heard.south.name
    assert heard.south.open(heard.north.seal(b"to the south")).content == b"to the south"
    assert heard.north.open(heard.south.seal(b"to the north")).content == b"to the north"


def test_two_sessions_of_the_same_pair_share_nothing() -> None:
    one, other = agreed(), agreed()

    assert one.north.name != other.north.name
    with pytest.raises(SessionError, match="of another session"):
        other.south.open(one.north.seal(b"meant for the first"))


@pytest.mark.parametrize("message", ["hello", "answer", "last"])
def test_a_flipped_bit_in_any_field_of_any_message_leaves_no_session(message: str) -> None:
    """Every field, its length included: first and last byte of each."""
    sizes = {"hello": HELLO, "answer": (*KEYS, *PROOF), "last": PROOF}[message]
    places = []
    for index, size in enumerate(sizes):
        start = join_sizes(sizes[:index])
        places += [start, start + 3, start + 4, start + 4 + size // 2, start + 3 + size]
    for place in places:

        def passed(name: str, wire: bytes, place: int = place) -> bytes:
            return wire[:place] + bytes([wire[place] ^ 1]) + wire[place + 1 :] if name == message else wire

        with pytest.raises(SessionError):
            carried(PACT, passed)


@settings(max_examples=60)
@given(
    message=st.sampled_from(["hello", "answer", "last"]), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7)
)
def test_no_bit_of_any_message_can_be_flipped_unnoticed(message: str, place: float, bit: int) -> None:
    def passed(name: str, wire: bytes) -> bytes:
        changed = bytearray(wire)
        changed[int(place * len(wire))] ^= (1 << bit) if name == message else 0
        return bytes(changed)

    with pytest.raises(SessionError):
        carried(PACT, passed)


@pytest.mark.parametrize("change", [lambda wire: wire[:-1], lambda wire: wire + b"\0", lambda wire: b""])
def test_a_message_of_another_length_is_refused(change: Callable[[bytes], bytes]) -> None:
    heard = agreed()
    with pytest.raises(SessionError, match="another length"):
        Responder(PACT, SOUTH).answer(change(heard.hello))
    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    answer = second.answer(first.hello())
    with pytest.raises(SessionError, match="another length"):
        first.finish(change(answer))
    last, _ = first.finish(answer)
    with pytest.raises(SessionError, match="another length"):
        second.accept(change(last))


def test_nobody_can_stand_between_two_parties() -> None:
    """Mallory answers north and greets south, each in the other's name; every mix of her keys and theirs is refused."""
    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    hello = first.hello()
    between = Responder(with_identity("south", MALLORY), MALLORY)
    with pytest.raises(SessionError, match="names other identities"):
        between.answer(hello)

    as_south = Responder(PACT, SOUTH)
    as_south._identity = MALLORY  # noqa: SLF001 - an attacker is bound by no constructor
    with pytest.raises(SessionError, match="'south' did not sign"):
        first.finish(as_south.answer(hello))

    as_north = Initiator(PACT, NORTH)
    as_north._identity = MALLORY  # noqa: SLF001 - as above
    last, _ = as_north.finish(second.answer(as_north.hello()))
    with pytest.raises(SessionError, match="'north' did not sign"):
        second.accept(last)


def test_an_attacker_who_relays_with_keys_of_its_own_is_found_out() -> None:
    """The ephemeral keys of the first message replaced on the way, everything else passed on."""
    first, second, own = Initiator(PACT, NORTH), Responder(PACT, SOUTH), Initiator(PACT, NORTH)
    genuine, forged = part(first.hello(), HELLO), part(own.hello(), HELLO)
    answer = second.answer(join([*genuine[:3], *forged[3:]]))

    with pytest.raises(SessionError):
        first.finish(answer)


def test_nobody_gets_a_session_that_its_peer_believes_to_have_with_another() -> None:
    """Unknown key share: Mallory registers as herself, and north's session with south is to be taken for hers."""
    mallorys = replace(PACT, initiator="mallory")
    first, second = Initiator(PACT, NORTH), Responder(mallorys, SOUTH)
    hello = first.hello()
    with pytest.raises(SessionError, match="names other identities"):
        second.answer(hello)

    patched = part(hello, HELLO)
    patched[1] = mallorys.digest()
    with pytest.raises(SessionError):
        first.finish(second.answer(join(patched)))


def test_a_party_that_registers_anothers_keys_as_its_own_gets_no_session_of_the_other() -> None:
    stolen = replace(PACT, initiator="mallory", identities=IDENTITIES | {"mallory": NORTH.public()})
    first, second = Initiator(PACT, NORTH), Responder(stolen, SOUTH)
    patched = part(first.hello(), HELLO)
    patched[1] = stolen.digest()

    with pytest.raises(SessionError, match="'south' did not sign and confirm"):
        first.finish(second.answer(join(patched)))


@pytest.mark.parametrize("message", ["hello", "answer", "last"])
def test_a_message_of_an_older_handshake_is_worth_nothing(message: str) -> None:
    old = agreed()
    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    hello = first.hello()
    if message == "hello":
        # anybody may replay a greeting; nobody can finish what it began
        second.answer(old.hello)
        with pytest.raises(SessionError, match="'north' did not sign"):
            second.accept(old.last)
    elif message == "answer":
        with pytest.raises(SessionError):
            first.finish(old.answer)
    else:
        second.answer(hello)
        with pytest.raises(SessionError, match="'north' did not sign"):
            second.accept(old.last)


def test_an_ends_own_words_cannot_be_handed_back_to_it() -> None:
    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    answer = second.answer(first.hello())
    keys = join_sizes(KEYS)
    last, _ = first.finish(answer)

    with pytest.raises(SessionError):
        second.accept(answer[keys:])
    assert second.accept(last).peer == "north"


def test_each_step_is_taken_once_and_a_refused_one_changes_nothing() -> None:
    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    with pytest.raises(SessionError, match="no answer is due"):
        first.finish(b"")
    with pytest.raises(SessionError, match="no last message is due"):
        second.accept(b"")
    hello = first.hello()
    with pytest.raises(SessionError):
        second.answer(hello[:-1])
    answer = second.answer(hello)
    with pytest.raises(SessionError, match="answered already"):
        second.answer(hello)
    with pytest.raises(SessionError, match="sent already"):
        first.hello()
    with pytest.raises(SessionError):
        first.finish(answer[:-1])
    last, _ = first.finish(answer)
    with pytest.raises(SessionError, match="no answer is due"):
        first.finish(answer)
    with pytest.raises(SessionError):
        second.accept(last[:-1])
    second.accept(last)
    with pytest.raises(SessionError, match="no last message is due"):
        second.accept(last)


@pytest.mark.parametrize("suite", [LABEL.replace(b" + ML-KEM-1024", b""), LABEL.replace(b"session 1", b"session 0")])
def test_a_weaker_suite_or_an_older_version_cannot_be_asked_for(suite: bytes) -> None:
    hello = part(Initiator(PACT, NORTH).hello(), HELLO)
    padded = suite.ljust(len(LABEL))
    with pytest.raises(SessionError, match="another version or another suite"):
        Responder(PACT, SOUTH).answer(join([padded, *hello[1:]]))
    with pytest.raises(SessionError, match=r"another length|another suite"):
        Responder(PACT, SOUTH).answer(join([suite, *hello[1:]]))


def test_an_answer_without_its_post_quantum_half_is_refused() -> None:
    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    nonce, public, _, *proof = part(second.answer(first.hello()), (*KEYS, *PROOF))

    for ciphertext in (b"", bytes(KEYS[2])):
        with pytest.raises(SessionError):
            first.finish(join([nonce, public, ciphertext, *proof]))


@pytest.mark.parametrize(
    "other",
    [
        replace(PACT, purpose="updates"),
        replace(PACT, roster=roster_digest(IDENTITIES, "another undertaking")),
        replace(PACT, roster=roster_digest({**IDENTITIES, "late": MALLORY.public()}, "a test")),
        replace(PACT, initiator="mallory"),
        with_identity("north", MALLORY),
    ],
    ids=["purpose", "undertaking", "roster", "initiator", "identity"],
)
def test_ends_that_mean_something_else_get_no_session_even_where_the_wire_says_the_same(other: Pact) -> None:
    first, second = Initiator(PACT, NORTH), Responder(other, SOUTH)
    hello = part(first.hello(), HELLO)
    with pytest.raises(SessionError, match="names other identities, another purpose or another roster"):
        second.answer(join(hello))
    at = fields_of_hello()["pact"]
    with pytest.raises(SessionError):
        carried(other, lambda name, wire: wire[:at] + other.digest() + wire[at + 64 :] if name == "hello" else wire)


@pytest.mark.parametrize("point", [bytes(32), (1).to_bytes(32, "little")])
def test_a_public_key_of_small_order_is_refused(point: bytes) -> None:
    hello = part(Initiator(PACT, NORTH).hello(), HELLO)
    hello[3] = point

    with pytest.raises(SessionError, match="small order"):
        Responder(PACT, SOUTH).answer(join(hello))


@pytest.mark.parametrize("broken", ["Ed25519", "ML-DSA-65"])
def test_who_has_stolen_one_of_two_signing_keys_cannot_speak_for_its_owner(broken: str) -> None:
    stolen, own = SOUTH.seeds(), MALLORY.seeds()
    halves = (stolen[:SEED_BYTES], own[SEED_BYTES:]) if broken == "Ed25519" else (own[:SEED_BYTES], stolen[SEED_BYTES:])
    forger = HybridIdentity(b"".join(halves))
    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    second._identity = forger  # noqa: SLF001 - an attacker is bound by no constructor
    with pytest.raises(SessionError, match="'south' did not sign"):
        first.finish(second.answer(first.hello()))

    with_both = Responder(PACT, SOUTH)
    with_both._identity = HybridIdentity(stolen)  # noqa: SLF001 - the control: both keys stolen
    again = Initiator(PACT, NORTH)
    assert again.finish(with_both.answer(again.hello()))[1].peer == "south"


def test_who_has_stolen_both_keys_of_a_party_cannot_speak_to_it_for_another() -> None:
    """A stolen identity lets its thief speak for its owner, never to its owner in the name of somebody else."""
    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    second._identity = HybridIdentity(NORTH.seeds())  # noqa: SLF001 - an attacker is bound by no constructor

    with pytest.raises(SessionError, match="'south' did not sign"):
        first.finish(second.answer(first.hello()))


def test_half_a_signature_of_either_kind_counts_for_nothing() -> None:
    public, tag, other = SOUTH.public(), SOUTH.tag(b"said"), MALLORY.tag(b"said")

    assert public.accepts(b"said", tag)
    assert not public.accepts(b"said", tag[:64] + other[64:])
    assert not public.accepts(b"said", other[:64] + tag[64:])
    assert not public.accepts(b"said", tag[:64])
    assert not public.accepts(b"else", tag)
    crossed = PublicHybridIdentity(public.raw[:ED25519_BYTES] + MALLORY.public().raw[ED25519_BYTES:])
    assert not crossed.accepts(b"said", tag[:64] + other[64:]), "halves of two identities joined into a third"


@pytest.mark.parametrize("broken", ["X25519", "ML-KEM-1024"])
def test_who_has_broken_one_of_two_key_agreements_reads_nothing(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attacker is handed one of the two secrets and everything that was sent; with both it reads all."""
    from learning.sessions import handshake

    secrets: list[tuple[bytes, bytes]] = []
    genuine = handshake.Agreed

    def noted(classical: bytes, quantum: bytes, said: bytes) -> object:
        secrets.append((classical, quantum))
        return genuine(classical, quantum, said)

    monkeypatch.setattr(handshake, "Agreed", noted)
    heard = agreed()
    record = heard.north.seal(b"for the south alone")
    classical, quantum = secrets[0]
    assert secrets[0] == secrets[1]
    guesses = [bytes(32), classical, quantum, bytes(range(32))]
    pairs = [(classical, guess) for guess in guesses] if broken == "X25519" else [(guess, quantum) for guess in guesses]

    for guess in pairs:
        if guess != (classical, quantum):
            with pytest.raises(SessionError, match="changed on the way, or is of another session"):
                sessions_of(heard, *guess)[1].open(record)
    assert sessions_of(heard, classical, quantum)[1].open(record).content == b"for the south alone"


def test_ephemeral_keys_are_gone_once_the_session_stands_and_identities_read_no_record_of_the_past() -> None:
    """Forward secrecy: what is left at both ends and both identities, taken later, give no key of the session."""
    import gc

    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    def ephemeral(end: Initiator | Responder) -> list[object]:
        return [
            held
            for name in end.__slots__
            if isinstance(held := getattr(end, name), X25519PrivateKey | MLKEM1024PrivateKey)
            or type(held).__name__ == "Agreed"
        ]

    first, second = Initiator(PACT, NORTH), Responder(PACT, SOUTH)
    answer = second.answer(first.hello())
    assert len(ephemeral(first)) == 2
    assert len(ephemeral(second)) == 1
    last, north = first.finish(answer)
    south = second.accept(last)
    gc.collect()

    assert ephemeral(first) == ephemeral(second) == []
    record = north.seal(b"of today")
    for thief in (HybridIdentity(NORTH.seeds()), HybridIdentity(SOUTH.seeds())):
        end = Initiator(PACT, thief) if thief.public() == NORTH.public() else Responder(PACT, thief)
        with pytest.raises(SessionError):
            end.finish(answer) if isinstance(end, Initiator) else end.accept(last)
    assert south.open(record).content == b"of today"


def test_what_holds_a_secret_of_a_session_neither_shows_nor_pickles_it() -> None:
    heard, first = agreed(), Initiator(PACT, NORTH)
    first.hello()
    for holder in (NORTH, first, Responder(PACT, SOUTH), heard.north):
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="holds a secret"):
                attempt(holder)
        assert "secret" in repr(holder)
        assert NORTH.seeds().hex() not in repr(holder)


def test_an_end_takes_no_part_under_an_identity_that_is_not_its_own() -> None:
    with pytest.raises(ValueError, match="not the identity of 'north'"):
        Initiator(PACT, MALLORY)
    with pytest.raises(ValueError, match="'north' cannot hold a session with itself"):
        replace(PACT, responder="north")
    with pytest.raises(ValueError, match="'east' has no identity"):
        replace(PACT, responder="east")


def test_a_fingerprint_is_of_both_keys() -> None:
    raw = NORTH.public().raw
    others = {PublicHybridIdentity(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]).fingerprint() for at in (0, 40)}

    assert len({*others, NORTH.public().fingerprint()}) == 3
    assert len(NORTH.public().fingerprint().split()) == 10


def test_the_first_message_has_its_fields_where_the_module_says() -> None:
    hello, places = agreed().hello, fields_of_hello()

    assert hello[places["label"] :].startswith(LABEL)
    assert hello[places["pact"] :].startswith(PACT.digest())

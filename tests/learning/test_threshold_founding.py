"""How the key comes about: who chooses its half after the others is named, and so is who shows something else."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from learning.crossings import COORDINATOR
from learning.crypto.envelope import wrap
from learning.crypto.identity import Identity
from learning.crypto.threshold.context import context_of
from learning.crypto.threshold.key import KeyShare, fuse
from learning.crypto.threshold.reference import common_reference
from learning.crypto.threshold.ring import DEGREE, PRIMES, add, multiply, negate
from learning.crypto.threshold.seal import seal
from learning.faults import ProtectionError, RoundError, SenderError
from learning.protect import protection
from learning.threshold.founding import Dealt, Founder
from learning.threshold.roster import Roster, digest
from tests.learning.threshold_by_hand import PARTIES, federation, total

NAMES = ("east", "north", "south")
"""The dealers: as many as open a sum."""
FOUNDERS = (*NAMES, "up", "west")


class Founding:
    """Five founders, of whom three deal, and their signing keys."""

    def __init__(self, epoch: int = 1) -> None:
        self.identities = {party: Identity() for party in FOUNDERS}
        public = {party: identity.public() for party, identity in self.identities.items()}
        self.roster = Roster(public, len(NAMES), epoch)
        self.founders = {party: Founder(party, self.roster, self.identities[party]) for party in FOUNDERS}

    def commitments(self) -> dict[str, bytes]:
        return {party: self.founders[party].commit() for party in NAMES}

    def reveals(self, commitments: dict[str, bytes]) -> dict[str, bytes]:
        for party in FOUNDERS[len(NAMES) :]:
            self.founders[party].follow(commitments)
        return {party: self.founders[party].reveal(commitments) for party in NAMES}

    def dealt(self) -> dict[str, dict[str, Dealt]]:
        """What every party hands out, in step."""
        reveals = self.reveals(self.commitments())
        return {party: founder.deal(reveals) for party, founder in self.founders.items()}

    def signed(self, party: str, purpose: str, context: str, payload: bytes) -> bytes:
        return wrap(self.roster.header(party, purpose, self.roster.epoch, context), payload, self.identities[party])

    def shown(self, commitments: dict[str, bytes], party: str, half: bytes) -> bytes:
        """What a party signs that shows another half than it committed to, or one of its own making."""
        payloads = [commitments[name][-64 - 64 : -64] for name in NAMES]
        return self.signed(party, "public key share", digest(self.roster.digest(), *payloads), half)


def test_a_half_chosen_after_the_others_gives_its_owner_the_whole_key() -> None:
    """The control: what the commitments are for."""
    import tenseal as ts

    reference = common_reference(b"no commitments")
    honest = [KeyShare(reference) for _ in range(2)]
    own = seal().key_pair()
    wanted = add(own.public, multiply(add(own.mask, negate(reference)), own.secret))
    halves = [part.public for part in honest if part.public is not None]
    rogue = add(wanted, negate(total(halves)))
    context = context_of(seal().public_key(total([*halves, rogue]), reference))
    c0, c1 = seal().halves(ts.ckks_vector(context, [3.0, 1.0, 4.0]).ciphertext()[0])

    opened = seal().decode(fuse(c0, [multiply(c1, own.secret[:2])]))

    assert opened[:3] == pytest.approx([3.0, 1.0, 4.0], abs=1e-6)


def test_a_half_that_was_not_committed_to_is_refused_and_its_party_named() -> None:
    founding = Founding()
    commitments = founding.commitments()
    reveals = founding.reveals(commitments)
    rogue = bytes(32) + np.zeros((len(PRIMES), DEGREE), dtype="<u8").tobytes()

    with pytest.raises(SenderError, match="not the one it committed to") as refused:
        founding.founders["east"].deal(reveals | {"south": founding.shown(commitments, "south", rogue)})
    assert refused.value.parties == ("south",)


def test_a_copied_commitment_commits_to_nothing() -> None:
    founding = Founding()
    commitments = founding.commitments()
    copied = commitments["north"][-64 - 64 : -64]
    commitments["south"] = founding.signed("south", "key commitment", founding.roster.digest(), copied)
    reveals = founding.reveals(commitments)
    half = reveals["north"][-64 - 32 - 8 * len(PRIMES) * DEGREE : -64]

    with pytest.raises(SenderError, match="not the one it committed to") as refused:
        founding.founders["east"].deal(reveals | {"south": founding.shown(commitments, "south", half)})
    assert refused.value.parties == ("south",)


@pytest.mark.parametrize(
    "half",
    [b"", bytes(8), np.full((len(PRIMES), DEGREE), PRIMES[0], dtype="<u8").tobytes()],
    ids=["no", "short", "big"],
)
def test_a_half_that_is_no_polynomial_is_refused_and_its_party_named(half: bytes) -> None:
    founding = Founding()
    commitments = founding.commitments()
    opening = bytes(32) + half
    hashed = digest("key commitment", "south", opening).encode()
    commitments["south"] = founding.signed("south", "key commitment", founding.roster.digest(), hashed)
    reveals = founding.reveals(commitments)

    with pytest.raises(SenderError, match="is no polynomial") as refused:
        founding.founders["east"].deal(reveals | {"south": founding.shown(commitments, "south", opening)})
    assert refused.value.parties == ("south",)


def test_no_half_is_shown_before_all_have_committed_nor_a_second_time() -> None:
    founding = Founding()
    commitments = founding.commitments()
    without = {party: wire for party, wire in commitments.items() if party != "south"}

    with pytest.raises(ProtectionError, match="'south' is missing"):
        founding.founders["east"].reveal(without)
    founding.founders["east"].reveal(commitments)
    with pytest.raises(ProtectionError, match="has already shown its public half"):
        founding.founders["east"].reveal(commitments)


def test_two_parties_that_were_shown_different_commitments_find_out() -> None:
    founding = Founding()
    commitments = founding.commitments()
    other = commitments | {"south": founding.signed("south", "key commitment", founding.roster.digest(), bytes(64))}
    reveals = {party: founding.founders[party].reveal(other if party == "north" else commitments) for party in NAMES}

    with pytest.raises(RoundError) as refused:
        founding.founders["east"].deal(reveals)
    assert refused.value.parties == ("north", COORDINATOR)


def test_what_was_not_signed_by_its_party_or_belongs_to_another_key_is_blamed_on_the_coordinator() -> None:
    founding, other = Founding(), Founding(epoch=2)
    commitments = founding.commitments()

    for wrong in (commitments["north"], other.commitments()["south"], b"", bytes(300)):
        with pytest.raises(SenderError, match="'south' did not sign what it passes on") as refused:
            founding.founders["east"].reveal(commitments | {"south": wrong})
        assert refused.value.parties == (COORDINATOR,)


def test_the_halves_add_up_to_the_public_key_that_every_party_has() -> None:
    founding = Founding()
    dealt = founding.dealt()
    held = [
        founder.join({dealer: dealt[dealer][party] for dealer in NAMES}) for party, founder in founding.founders.items()
    ]

    assert len({one.key for one in held}) == 1
    assert not any(one.context().has_secret_key() for one in held[:2])
    assert all("secret" not in repr(one) and "'" + one.party + "'" in repr(one) for one in held)
    for secret in (*held, founding.founders["east"], dealt["east"]["north"], founding.identities["east"]):
        for attempt in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                attempt(secret)


def test_as_many_parties_deal_as_open_a_sum_so_fewer_never_made_all_of_the_key() -> None:
    dealt = Founding().dealt()

    assert [party for party, parts in dealt.items() if parts] == list(NAMES)
    assert all(tuple(dealt[dealer]) == FOUNDERS for dealer in NAMES)


@pytest.mark.parametrize("spoilt", ["share", "contribution", "pair"])
def test_a_dealer_that_hands_over_no_share_is_named_and_the_right_one_is_still_taken(spoilt: str) -> None:
    founding = Founding()
    sound = founding.dealt()["north"]["west"]
    parts = {"share": sound.share, "contribution": sound.contribution, "pair": sound.pair}
    wrong = Dealt(**(parts | {spoilt: None if spoilt == "share" else b"short"}))  # type: ignore[arg-type]
    west = founding.founders["west"]

    with pytest.raises(SenderError, match="what it dealt is no share of a key") as refused:
        west.take("north", wrong)
    assert refused.value.parties == ("north",)
    west.take("north", sound)
    for dealer in ("north", "up"):
        with pytest.raises(ProtectionError, match="takes nothing from"):
            west.take(dealer, sound)
    with pytest.raises(ProtectionError, match="'east' is missing, 'south' is missing"):
        west.join()


@pytest.mark.parametrize(
    ("parties", "needed", "message"),
    [
        (["north"], None, "a sum over 'north' alone is its update"),
        (NAMES, 4, "threshold 4 does not fit 3 parties"),
        (NAMES, 1, "threshold 1 does not fit 3 parties"),
        ([f"p{number:04}" for number in range(1025)], None, "1025 parties; at most 1024 can be summed"),
    ],
)
def test_a_threshold_that_does_not_fit_is_refused(parties: list[str], needed: int | None, message: str) -> None:
    with pytest.raises(ProtectionError, match=message):
        protection("threshold", parties, 4, 0.0, needed)


def test_the_majority_opens_unless_said_otherwise() -> None:
    assert federation().threshold == 3
    assert federation(("a", "b")).threshold == 2
    assert federation(("a", "b", "c", "d"), 2).threshold == 2


def test_what_crossed_for_the_key_says_who_can_read_it() -> None:
    rows = federation().keys
    shares = [row for row in rows if row.purpose == "key share"]

    assert {(row.sender, row.receiver) for row in shares} == {(a, b) for a in PARTIES[:3] for b in PARTIES if a != b}
    assert all(row.readable_by == (row.receiver,) and row.clear_or_cipher == "out_of_band" for row in shares)
    clear = [row for row in rows if row.clear_or_cipher == "clear"]
    assert {row.purpose for row in clear} == {
        "key commitment",
        "key commitments",
        "public key share",
        "public key shares",
    }
    assert all(set(row.readable_by) == {*PARTIES, COORDINATOR} - {row.sender} for row in clear)
    assert all(row.bytes > 0 for row in rows)

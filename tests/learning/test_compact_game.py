"""What the coordinator, a holder of the key and the traitors that are allowed learn together: the opened sum alone.

The distinguishing game: the adversary names two updates. Two honest parties hold them in one order or the other, so the
opened sum is the same. It decrypts everything, takes off every mask that it knows, and guesses the order. As it holds
the key, what BFV hides from it is nothing: the game is played on what lies inside.
"""

from __future__ import annotations

import secrets
from itertools import combinations

import numpy as np
import pytest

from learning.arrays import IntArray
from learning.compact.member import vault_purpose
from learning.compact.round_secrets import RoundSecrets, own_mask, with_pair
from learning.compact.rules import Rules, rules
from learning.crypto import sharing
from learning.crypto.compact.bfv import SealingKey
from learning.crypto.compact.field import SEED_BYTES, Words, add, subtract
from learning.crypto.compact.parameters import DEGREE, plain_modulus
from learning.crypto.group import GroupKey
from learning.crypto.secret import random_bytes
from learning.ends import unframe
from learning.faults import ProtectionError, RoundError
from tests.learning.compact_by_hand import PARTIES, UPDATES, Stand, decrypted, federation, packed, round_of, started

TRIALS = 2000
BAND = 5 * np.sqrt(TRIALS / 4)
"""A guesser without knowledge leaves it less than once in a million games."""
WIDTH = 32
RING = tuple("abcdefghi")


def drawn(one: Rules, number: int) -> dict[str, RoundSecrets]:
    """Fresh secrets of a round for every party."""
    graph = one.graph
    keys = {frozenset(pair): random_bytes(SEED_BYTES) for pair in combinations(graph.parties, 2)}
    return {
        party: RoundSecrets(
            party, {other: keys[frozenset((party, other))] for other in graph.neighbours(party)}, number
        )
        for party in graph.parties
    }


def readings(one: Rules, held: dict[str, RoundSecrets], party: str, masked: Words, traitors: tuple[str, ...]) -> Words:
    """All that the adversary makes of a party's decrypted update: masked, less its own mask, less traitors' masks."""
    modulus = plain_modulus(len(one.graph.parties))
    bare = subtract(masked, own_mask(held[party].own, len(masked), modulus), modulus)
    known = np.zeros(len(masked), dtype=np.uint64)
    for traitor in set(traitors) & set(one.graph.neighbours(party)):
        known = with_pair(known, party, traitor, held[traitor].pairs[party], modulus)
    return np.array([masked, bare, subtract(bare, known, modulus), subtract(masked, known, modulus)])


def centred(values: Words, modulus: int) -> IntArray:
    """Numbers around zero."""
    whole = values.astype(np.int64)
    return np.where(whole > modulus // 2, whole - modulus, whole)


def wins(one: Rules, traitors: tuple[str, ...], masks: bool) -> IntArray:
    """How often each reading guesses the order of two named updates of the first two honest parties."""
    modulus, neighbours = plain_modulus(len(one.graph.parties)), one.graph.neighbours
    first, second = [party for party in one.graph.parties if party not in traitors][:2]
    named = np.zeros((2, WIDTH), dtype=np.uint64)
    named[0] = 2**20
    found = np.zeros(4, dtype=np.int64)
    for number in range(1, TRIALS + 1):
        order, held = secrets.randbelow(2), drawn(one, number)
        seen = []
        for party, update in ((first, named[order]), (second, named[1 - order])):
            mask = held[party].mask(WIDTH, modulus, neighbours(party))
            masked = (
                add(update, mask, modulus) if masks else add(update, own_mask(held[party].own, WIDTH, modulus), modulus)
            )
            seen.append(
                readings(one, held, party, masked, traitors) if masks else readings(one, held, party, masked, ())
            )
        difference = centred(subtract(seen[0], seen[1], modulus), modulus).astype(float).sum(axis=1)
        found += (difference > 0) == (order == 0)
    return found


@pytest.mark.parametrize(("parties", "needed", "degree"), [(5, 3, 4), (6, 3, 4)])
def test_the_order_of_two_updates_is_guessed_no_better_than_by_a_coin(parties: int, needed: int, degree: int) -> None:
    one = rules(RING[:parties], needed, degree)
    # the worst place for the traitors: next to the first party
    traitors = one.graph.neighbours(RING[0])[-one.traitors :]

    assert np.abs(wins(one, traitors, masks=True) - TRIALS / 2).max() <= BAND


def test_without_masks_between_pairs_the_order_is_read_every_time() -> None:
    assert wins(rules(RING[:5], 3), (), masks=False).max() == TRIALS


def test_what_a_holder_of_the_key_decrypts_is_the_update_behind_all_its_masks() -> None:
    one = federation()
    stand = started(one).seal()
    modulus = stand.board.agreed.packing.modulus
    current = round_of(one.clients["north"])
    mask = current.secrets.mask(DEGREE, modulus, one.rules.graph.neighbours("north"))
    seen = decrypted(one, "west", stand.sealed["north"].update)[0]
    bare = packed(one, "north", UPDATES["north"])[0]

    assert np.array_equal(subtract(seen, mask, modulus)[:-1], bare)
    assert (seen[:-1] == bare).sum() <= 1


def test_under_a_shared_key_without_masks_the_same_holder_reads_the_update() -> None:
    bare = packed(federation(), "north", UPDATES["north"])
    key = SealingKey.generate(plain_modulus(5))
    row = np.column_stack([bare, np.zeros(1, dtype=np.uint64)])

    assert np.array_equal(key.open(key.seal(row))[:, :-1], bare)


def bared(stand: Stand, victim: str, holder: str, own: bytes, pairs: dict[str, bytes]) -> Words:
    """What an adversary has of a victim's update when it knows these seeds."""
    modulus = stand.board.agreed.packing.modulus
    seen = decrypted(stand.one, holder, stand.sealed[victim].update)[0]
    known = own_mask(own, DEGREE, modulus) if own else np.zeros(DEGREE, dtype=np.uint64)
    for other, seed in pairs.items():
        known = with_pair(known, victim, other, seed, modulus)
    return subtract(seen, known, modulus)[:-1]


def vault_of(stand: Stand, party: str, shares: dict[int, bytes]) -> dict[str, bytes]:
    """The seeds of a party whose vault key is rebuilt from shares by the places of their holders."""
    neighbours = stand.one.rules.graph.neighbours(party)
    payload = stand.dealt[party]
    _, vault, *_ = unframe(payload[payload.index(b"}") + 1 : -64], party, 2 + len(neighbours))
    seeds = GroupKey({"vault": sharing.join(shares)}).show(vault, vault_purpose(party, stand.number))
    return {other: seeds[SEED_BYTES * at : SEED_BYTES * (at + 1)] for at, other in enumerate(neighbours)}


def late_round() -> tuple[Stand, dict[str, bytes]]:
    """A round whose sum was opened without north, and the seeds of north that came to light for it."""
    stand = started(federation()).seal().agree(lost=["north"]).reveal()
    stand.total()
    place = {holder: at for at, holder in enumerate(stand.one.rules.graph.neighbours("north"), 1)}
    shares = {}
    for holder, wire in stand.shown.items():
        _, *given = unframe(wire[wire.index(b"}") + 1 : -64], holder, 5)
        shares[place[holder]] = dict(zip(stand.one.rules.graph.neighbours(holder), given, strict=True))["north"]
    return stand, vault_of(stand, "north", shares)


def test_an_update_that_comes_too_late_stays_hidden_by_the_partys_own_mask() -> None:
    stand, pairs = late_round()
    bare = packed(stand.one, "north", UPDATES["north"])[0]
    current = round_of(stand.one.clients["north"])

    assert (bared(stand, "north", "west", b"", pairs) == bare).sum() <= 1
    # the control: with the own seed as well, which nobody gave, nothing is left to hide it
    assert np.array_equal(bared(stand, "north", "west", current.secrets.own, pairs), bare)


def test_one_traitor_more_than_allowed_among_the_neighbours_reads_an_update() -> None:
    stand = started(federation()).seal()
    neighbours = stand.one.rules.graph.neighbours("north")
    traitors = [party for party in neighbours if party != "up"]
    assert len(traitors) == stand.one.rules.needed
    pieces = {}
    for traitor in traitors:
        current = round_of(stand.one.clients[traitor])
        pieces[1 + neighbours.index(traitor)] = current.pieces["north"]
    own = sharing.join({place: piece.own for place, piece in pieces.items()})
    pairs = vault_of(stand, "north", {place: piece.vault for place, piece in pieces.items()})
    bare = packed(stand.one, "north", UPDATES["north"])[0]

    assert np.array_equal(bared(stand, "north", "west", own, pairs), bare)
    with pytest.raises((ValueError, AssertionError)):
        vault_of(stand, "north", {place: piece.vault for place, piece in list(pieces.items())[:2]})


def test_a_party_signs_one_list_and_two_lists_do_not_both_get_enough() -> None:
    one = federation()
    stand = started(one).seal()
    lists = (PARTIES[:4], PARTIES[1:])
    signed = [{party: one.clients[party].agree(lists[0], 1) for party in ("east", "north")}]
    signed.append({party: one.clients[party].agree(lists[1], 1) for party in ("south", "up", "west")})
    for party, other in (("east", lists[1]), ("south", lists[0])):
        with pytest.raises(ProtectionError, match="not at round 1, agree"):
            one.clients[party].agree(other, 1)
    for group in signed:
        for party in group:
            with pytest.raises(ProtectionError, match="parties signed the list of round 1, 4 are needed"):
                one.clients[party].reveal(group, {}, 1)
    assert stand.number == 1


def test_a_signature_under_another_list_does_not_count() -> None:
    one = federation()
    started(one).seal()
    signed = {party: one.clients[party].agree(PARTIES[:4], 1) for party in PARTIES[:3]}
    signed["up"] = one.clients["up"].agree(PARTIES[1:], 1)

    with pytest.raises(RoundError, match="parameters is") as refused:
        one.clients["east"].reveal(signed, {}, 1)
    assert refused.value.parties == ("up", "coordinator")


def test_whom_the_coordinator_told_of_other_parties_than_the_rest_keeps_its_own_mask() -> None:
    # "a" is told that b, c and d are not there, so it masks with g, h and i alone; h and i are then called lost and
    # g is a traitor: with the own seed of "a", which its neighbours would give for the list, nothing would hide it
    one = federation(RING, 3, 6)
    stand = started(one, 1, {party: np.arange(4) for party in RING})
    stand.dealt = {party: member.deal(1) for party, member in one.clients.items()}
    stand.handed = stand.board.deal(stand.dealt, 1)
    handed = {"a": tuple(party for party in RING if party not in "bcd")}
    stand.sealed = {
        party: member.seal(stand.updates[party], handed.get(party, RING), stand.handed[party].pieces, 1)
        for party, member in one.clients.items()
    }
    included = RING[:7]
    signed = {party: one.clients[party].agree(included, 1) for party in included if party != "a"}
    drawn_by_a = round_of(one.clients["a"]).secrets
    known = {other: drawn_by_a.pairs[other] for other in "ghi"}

    assert len(signed) == one.rules.quorum
    assert np.array_equal(bared(stand, "a", "g", drawn_by_a.own, known), packed(one, "a", stand.updates["a"])[0])
    for party in "bcdef":
        with pytest.raises(RoundError, match="parameters is") as refused:
            one.clients[party].reveal(signed, {"a": stand.sealed["a"].presence}, 1)
        assert refused.value.parties == ("a", "coordinator")

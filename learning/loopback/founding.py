"""How parties in processes of their own found a key that nobody holds: the steps of `learning.threshold.founding`.

What parties deal to each other travels in sessions between them, which the coordinator carries and cannot read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from learning.config import Absence, Collaboration, Mlp
from learning.crossings import COORDINATOR
from learning.crypto.slots import Layout
from learning.crypto.threshold.parameters import OPENINGS_PER_KEY
from learning.faults import ProtectionError, RoundError
from learning.loopback.dealing import read, written
from learning.loopback.post import Post
from learning.loopback.role import Known
from learning.sessions.faults import SessionError
from learning.sessions.records import Session
from learning.threshold.founding import Founder
from learning.threshold.member import Member
from learning.threshold.packing import packed
from learning.threshold.roster import Roster

KEY_COMMITMENT, PUBLIC_KEY_SHARE, KEY_SHARE, KEY = "key commitment", "public key share", "key share", "key digest"
"""Steps of a founding, in order."""


def layout_of(parties: tuple[str, ...], values: int, needed: int) -> Layout:
    """Return where each number of an update lies."""
    return packed(Layout(parties, values), needed)


def roster_of(known: Known, needed: int, epoch: int) -> Roster:
    """Return the roster of a key: every party signs under the identity that its sessions prove."""
    identities = {name: public for name, public in known.identities.items() if name != COORDINATOR}
    return Roster(identities, needed, epoch)


def quorum_of(roster: Roster, silent: Collection[str]) -> tuple[str, ...]:
    """Return who opens: the first of the roster that are not silent. Raises ProtectionError where they are too few."""
    present = [party for party in roster.parties if party not in silent]
    if len(present) < roster.threshold:
        raise ProtectionError(
            f"{len(present)} of {len(roster.parties)} parties are left to open the sum, {roster.threshold} are needed; "
            f"silent: {', '.join(sorted(silent))}",
            sorted(silent),
        )
    return tuple(present[: roster.threshold])


def agreed_on(fields: Mapping[str, Any]) -> Collaboration:
    """Return the collaboration out of its fields."""
    network, absences = fields["mlp"], {name: Absence(**one) for name, one in fields["absences"].items()}
    return Collaboration(**{**fields, "mlp": None if network is None else Mlp(**network), "absences": absences})


def partners_of(own: str, parties: Collection[str], needed: int) -> list[str]:
    """Return with whom a party needs a session: a dealer hands something to everybody, the others to nobody."""
    others, dealers = sorted(set(parties) - {own}), sorted(parties)[:needed]
    return others if own in dealers else dealers


def is_used_up(layout: Layout, opened: int) -> bool:
    """Return whether a key that opened so many rounds has no further round left: everybody can count along."""
    return (opened + 1) * len(layout.chunk_sizes()) > OPENINGS_PER_KEY


def joined(
    known: Known, roster: Roster, layout: Layout, sessions: Mapping[str, Session], post: Post, sealed: int
) -> Member:
    """Found a key with the others and return this party's end; it has sealed rounds up to `sealed`.

    Raises ProtectionError or one of its kinds.
    """
    own, parties, dealers = known.name, roster.parties, roster.dealers
    founder = Founder(own, roster, known.identity)
    commitments = post.post(KEY_COMMITMENT, founder.commit() if founder.deals else None, dealers)
    if founder.deals:
        half = founder.reveal(commitments)
    else:
        half = None
        founder.follow(commitments)
    dealt = founder.deal(post.post(PUBLIC_KEY_SHARE, half, dealers))
    closed = {other: sessions[other].seal(written(part)) for other, part in dealt.items() if other != own}
    records = post.hand(KEY_SHARE, closed, set(dealers) - {own})
    for dealer in dealers:
        part = dealt[own] if dealer == own else read(_opened(sessions[dealer], records[dealer], own), dealer)
        founder.take(dealer, part)
    membership = founder.join()
    keys = post.post(KEY, membership.key.encode(), parties)
    agreed_key(keys)
    return Member(layout, membership, sealed)


def _opened(session: Session, record: bytes, own: str) -> bytes:
    try:
        return session.open(record).content
    except SessionError as fault:
        raise RoundError(str(fault), (own, fault.peer, COORDINATOR)) from None


def agreed_key(keys: Mapping[str, bytes]) -> str:
    """Return the digest of the key that all parties say they founded. Raises RoundError where they differ."""
    found = set(keys.values())
    if len(found) != 1:
        raise RoundError("parties have founded different keys", (*keys, COORDINATOR))
    return found.pop().decode("ascii", "replace")

"""Sites that go missing while a federation trains: who stays goes on where all agreed, or nothing more is opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from learning.config import Absence, Collaboration
from learning.crossings import COORDINATOR
from learning.crypto.slots import Layout
from learning.crypto.threshold import key as key_module
from learning.faults import ProtectionError, RoundError, SenderError
from learning.features import SiteData
from learning.learned import Learned
from learning.logistic import Logistic
from learning.protect import PROTECTIONS, protection
from learning.rounds import federate, train
from learning.threshold.federation import Threshold
from tests.learning.threshold_by_hand import UPDATES, federation

NOBODYS = Collaboration(mode="federated", protection="threshold", threshold=2)
ROUND = 4
WORDS = sorted(PROTECTIONS)


def gone(*sites: str, when: Literal["stop", "go_on"] = "go_on", word: str = "threshold") -> Collaboration:
    """Sites that send no update from round 4 on."""
    absences = {site: Absence(from_round=ROUND) for site in sites}
    return replace(NOBODYS, absences=absences, when_gone=when, protection=word)  # type: ignore[arg-type]


def trained(sites: list[SiteData], collaboration: Collaboration) -> Learned:
    """What the sites learn from all labels."""
    return train(sites, collaboration, 20.0)


def by_hand(sites: list[SiteData], missing: str) -> bytes:
    """Newton's method on the sums over all sites for three rounds, and then over those that stay."""
    learner = Logistic(rounds=8, ridge=1.0)
    state = learner.init(sites[0].x.shape[1])
    for number in range(1, learner.rounds + 1):
        there = sorted((site for site in sites if number < ROUND or site.party != missing), key=lambda site: site.party)
        steps = [np.rint(learner.update(state, site.x, site.y) * 2.0**24) for site in there]
        state = learner.apply(state, np.sum(steps, axis=0) / 2.0**24)
    return learner.weights(state).tobytes()


@pytest.mark.parametrize("word", WORDS)
def test_those_who_stay_train_on_without_a_site_that_is_gone_before_it_sealed(sites: list[SiteData], word: str) -> None:
    learned = trained(sites, gone("south", word=word))

    assert learned.federated is not None
    assert learned.federated.tobytes() == by_hand(sites, "south")
    assert learned.grid_error is not None
    assert learned.grid_error < 1e-6, "it is measured on the same sums"
    assert "south went before it sealed" in learned.statement
    senders = [row.sender for row in learned.crossings if row.purpose == "update"]
    assert (senders.count("south"), senders.count("north")) == (ROUND - 1, 8)
    assert [set(release.parties) for release in learned.releases[ROUND - 2 : ROUND]] == [
        {"east", "north", "south"},
        {"east", "north"},
    ]


def test_the_crossings_say_that_all_who_stay_agreed_and_a_site_that_is_gone_hears_nothing_more(
    sites: list[SiteData],
) -> None:
    crossings = trained(sites, gone("south")).crossings
    purposes = [row.purpose for row in crossings]
    agreed = [row for row in crossings if row.purpose == "agreement"]

    assert {row.sender for row in agreed} == {"east", "north"}
    assert all(row.clear_or_cipher == "clear" and row.receiver == COORDINATOR for row in agreed)
    after = crossings[purposes.index("agreement") :]
    assert not any("south" in (row.sender, row.receiver) for row in after)
    assert purposes.count("key share") == 2 * 2, "the key is the old one"


@pytest.mark.parametrize("word", WORDS)
def test_the_training_stops_with_nothing_more_opened_unless_the_scenario_lets_the_others_go_on(
    sites: list[SiteData], word: str
) -> None:
    with pytest.raises(ProtectionError, match="'south' is missing") as refused:
        trained(sites, gone("south", when="stop", word=word))

    assert refused.value.parties == ("south",)


@pytest.mark.parametrize("word", WORDS)
def test_too_few_to_open_a_sum_do_not_go_on(sites: list[SiteData], word: str) -> None:
    with pytest.raises(ProtectionError) as refused:
        trained(sites, gone("south", "east", word=word))

    assert refused.value.parties == ("east", "south")


@pytest.mark.parametrize("word", sorted({*WORDS} - {"compact"}))
def test_sites_that_are_silent_at_the_opening_change_no_bit(sites: list[SiteData], word: str) -> None:
    everybody = replace(NOBODYS, protection=word)  # type: ignore[arg-type]
    silent = replace(everybody, absences={"south": Absence(from_round=2, before="opening")})
    one, other = trained(sites, everybody), trained(sites, silent)

    assert one.federated is not None
    assert other.federated is not None
    assert one.federated.tobytes() == other.federated.tobytes()
    assert not any(row.purpose == "agreement" for row in other.crossings)


def test_more_that_are_silent_than_the_threshold_allows_stop_the_training_by_name(sites: list[SiteData]) -> None:
    silent = {site: Absence(before="opening") for site in ("south", "east")}
    with pytest.raises(ProtectionError, match="1 of 3 parties are left to open the sum, 2 are needed") as refused:
        trained(sites, replace(NOBODYS, absences=silent))

    assert refused.value.parties == ("east", "south")


def test_a_key_is_renewed_in_the_running_training_and_no_bit_of_the_model_changes(
    sites: list[SiteData], monkeypatch: pytest.MonkeyPatch
) -> None:
    once = trained(sites, NOBODYS)
    monkeypatch.setattr(key_module, "OPENINGS_PER_KEY", 3)
    renewed = trained(sites, NOBODYS)

    assert once.federated is not None
    assert renewed.federated is not None
    assert renewed.federated.tobytes() == once.federated.tobytes()
    counts = [sum(row.purpose == "public key share" for row in one.crossings) for one in (once, renewed)]
    assert counts == [2, 3 * 2], "8 rounds take three keys of three openings, of two dealers each"


def test_those_who_stay_renew_their_key_among_themselves(
    sites: list[SiteData], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_module, "OPENINGS_PER_KEY", 3)
    learned = trained(sites, gone("south"))

    assert learned.federated is not None
    assert learned.federated.tobytes() == by_hand(sites, "south")
    shares = [{row.sender, row.receiver} for row in learned.crossings if row.purpose == "key share"]
    assert {"south"} <= set.union(*shares[:4])
    assert not any("south" in one for one in shares[-4:]), "the new key is without it"


def test_the_coordinator_cannot_agree_in_anybodys_name_nor_use_an_agreement_for_another_set() -> None:
    one = federation()
    staying = ("east", "north", "south")
    layout = Layout(staying, one.layout.values)
    words = {party: one.clients[party].agree(staying) for party in staying}
    other = one.clients["south"].agree(("east", "south", "up"))

    with pytest.raises(SenderError, match="'south' did not sign") as refused:
        one.clients["east"].among(layout, words | {"south": words["north"]})
    assert refused.value.parties == (COORDINATOR,)
    with pytest.raises(RoundError) as disagreed:
        one.clients["east"].among(layout, words | {"south": other})
    assert disagreed.value.parties == ("south", COORDINATOR)
    with pytest.raises(ProtectionError, match="'south' is missing"):
        one.clients["east"].among(layout, {party: words[party] for party in staying[:2]})
    with pytest.raises(ProtectionError, match="3 open a sum"):
        one.clients["east"].among(replace(layout, parties=staying[:2]), words)
    assert one.total(UPDATES, number=1, day=0.0).numbers[0] == 150, "a refused call changes nothing"


def test_a_protection_that_knows_no_way_to_go_on_says_so() -> None:
    class Other(Threshold):
        without = Threshold.__mro__[1].without  # type: ignore[assignment, misc]

    one = federation()
    other = Other(**{name: getattr(one, name) for name in one.__dataclass_fields__})
    with pytest.raises(ProtectionError, match="threshold: the others cannot go on without north") as refused:
        other.without(["north"])
    assert refused.value.parties == ("north",)


@pytest.mark.parametrize(("parties", "needed"), [(5, 3), (50, 5), (500, 5)])
def test_all_but_the_threshold_fall_silent_at_the_opening_and_no_key_is_made_anew(parties: int, needed: int) -> None:
    names = [f"p{number:03}" for number in range(parties)]
    one = protection("threshold", names, 3, needed=needed)
    assert isinstance(one, Threshold)
    updates = {name: np.array([place, -place, 2**30]) for place, name in enumerate(names)}
    total = one.total(updates, number=1, day=0.0, silent=names[needed // 2 : parties - needed + needed // 2])

    assert total.numbers.tolist() == [sum(range(parties)), -sum(range(parties)), parties * 2**30]
    assert one.coordinator.roster.epoch == 1


def test_federating_by_hand_takes_absences_from_the_collaboration_alone(sites: list[SiteData]) -> None:
    learner = Logistic(rounds=2, ridge=1.0)
    parties = [site.party for site in sites]
    protected = protection("plain", parties, learner.numbers(sites[0].x.shape[1]))
    absent = Collaboration(mode="federated", absences={"east": Absence()}, when_gone="go_on")

    rest = federate(learner, sites, protected, day=0.0, collaboration=absent)

    assert rest.releases[0].parties == ("north", "south")

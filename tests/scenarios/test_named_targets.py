"""Disruptions and dishonest reporting name parties, blocks and keys: what is not there is refused at its own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.load import load
from tests.scenarios.telling import LINE, lines, written

CHILD = "looptwin: 1\nname: probe\nextends: transmission-small\n"


def disruption(**keys: object) -> str:
    inside = ", ".join(f"{key}: {value}" for key, value in ({"from_day": 5, "days": 3} | keys).items())
    return f"disruptions: {{shock: {{{inside}}}}}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "reporting: {fraud: {kind: label_fraud, party: remanko, amount: -9}}",
            "4:47: reporting.fraud.party: there is no party 'remanko'; there are ",
        ),
        (
            "reporting: {fraud: {kind: label_fraud, party: remanko, amount: -9}}",
            "did you mean 'remanco'?",
        ),
        (
            "reporting: {fraud: {kind: drift, party: hire, per_year: 1}}",
            "4:41: reporting.fraud.party: 'drift' is for a dismantler or a tester, 'hire' is a fleet",
        ),
        (
            "reporting: {lazy: {kind: lazy, party: metals}}",
            "reporting.lazy.party: 'lazy' is for a fleet or a dismantler or a tester or a remanufacturer, 'metals'",
        ),
        (
            "reporting: {fraud: {kind: label_fraud, party: north, amount: 0.5}}",
            "4:62: reporting.fraud.amount: grades are shifted by whole letters, not by 0.5",
        ),
        (
            "reporting: {old: {kind: stale, party: north, from_day: 9, to_day: 5}}",
            "reporting.old: to_day 5 is not after from_day 9",
        ),
        ("reporting: {lazy: {kind: lasy, party: north}}", "reporting.lazy.kind: 'lasy' is not one of label_fraud, "),
        (
            disruption(kind="outage", station="north.gradin"),
            "disruptions.shock.station: there is no block 'north.gradin'; there are ",
        ),
        (
            disruption(kind="outage", station="hire.vehicles"),
            "disruptions.shock.station: 'hire.vehicles' is a population; this must be a station",
        ),
        (
            disruption(kind="outage", station="north.grading", servers=4),
            "disruptions.shock.servers: 'north.grading' has fewer servers than 4: 1",
        ),
        (
            disruption(kind="transport_stop", lane="hire_nrth"),
            "disruptions.shock.lane: there is no block 'hire_nrth'; there are ",
        ),
        (disruption(kind="transport_stop", lane="hire_nrth"), "did you mean 'hire_north'?"),
        (
            disruption(kind="price", set="remanco.core_paiment", factor=2),
            "disruptions.shock.set: there is no 'core_paiment'; there are ",
        ),
        (disruption(kind="price", set="remanco.core_paiment", factor=2), "did you mean 'remanco.core_payment'?"),
        (
            disruption(kind="price", set="rmanco.core_payment", factor=2),
            "disruptions.shock.set: there is no 'rmanco'; there are ",
        ),
        (
            disruption(kind="price", set="returns.probability", factor=2),
            "disruptions.shock.factor: returns.probability takes a number from 0 to 1, not 1.8",
        ),
        (
            disruption(kind="price", set="remanco.teardown_crews", to=2),
            "disruptions.shock.set: remanco.teardown_crews cannot change while the world runs: remanco.",
        ),
        (
            disruption(kind="price", set="hire.duty", to=2),
            "disruptions.shock.set: hire.duty is no number, so it is no price",
        ),
        (disruption(kind="price", set="costs.holding_per_day"), "disruptions.shock: give exactly one of to, factor"),
        (
            disruption(kind="recall", made_by="gearwork", made_to_day=9),
            "disruptions.shock.made_by: there is no OEM or supplier 'gearwork'; there are ",
        ),
        (
            disruption(kind="recall", made_by="gearworks", made_from_day=9, made_to_day=9),
            "disruptions.shock: made_to_day 9 is not after made_from_day 9",
        ),
        (
            disruption(kind="policy", set="policies.disposition.C", to="recylce"),
            "disruptions.shock.to: policies.disposition.C takes one of reman, test, ",
        ),
        (
            disruption(kind="policy", set="policies.disposition", to="recycle"),
            "disruptions.shock.to: policies.disposition takes nothing that a disruption can change",
        ),
        (
            disruption(kind="policy", set="policies.disposition.accept_above", to=0.2),
            "disruptions.shock.set: reject_below 0.4 lies above accept_above 0.2",
        ),
    ],
)
def test_what_a_disruption_or_a_report_names_is_checked_at_its_place(tmp_path: Path, text: str, told: str) -> None:
    found = lines(tmp_path, f"{CHILD}{text}\n")

    assert any(told in line for line in found), found
    assert all(line.startswith("probe.yaml:4:") for line in found), found
    assert len(found) == 1


def test_two_changes_that_fit_alone_are_refused_together(tmp_path: Path) -> None:
    text = """\
disruptions:
  first: {kind: price, set: returns.probability, factor: 1.1, from_day: 10, days: 10}
  second: {kind: price, set: returns.probability, factor: 1.1, from_day: DAY, days: 10}
"""
    assert lines(tmp_path, CHILD + text.replace("DAY", "19")) == [
        "probe.yaml:6:59: disruptions.second.factor: returns.probability takes a number from 0 to 1, not 1.089"
    ]
    assert load(written(tmp_path, CHILD + text.replace("DAY", "20")))


def test_a_network_without_parties_has_outages_and_stops_only(tmp_path: Path) -> None:
    outage = f"{LINE}{disruption(kind='outage', station='bench')}\n"
    price = f"{LINE}{disruption(kind='price', set='costs.holding_per_day', to=2)}\n"
    fraud = f"{LINE}reporting: {{lazy: {{kind: lazy, party: bench}}}}\n"

    assert load(written(tmp_path, outage)).disruptions
    assert "prices and policies are of parties, and the scenario has none" in lines(tmp_path, price)[0]
    assert "there is no party 'bench'; there are none" in lines(tmp_path, fraud)[0]
    assert (
        "no block 'bnch'; there are bench; did you mean 'bench'?"
        in lines(tmp_path, outage.replace("station: bench", "station: bnch"))[0]
    )


def test_servers_without_limit_cannot_be_down(tmp_path: Path) -> None:
    text = f"{LINE}{disruption(kind='outage', station='bench')}\n".replace("servers: 3", "servers: unlimited")

    assert lines(tmp_path, text)[0].endswith("'bench' has unlimited servers, none of which can fail")

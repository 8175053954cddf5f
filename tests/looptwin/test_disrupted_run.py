"""A run says which disruptions happened when: in its JSON, in its text and on its page; and its rows still add up."""

from __future__ import annotations

from pathlib import Path

import pytest

import looptwin as lt
from looptwin.page.page import page, story
from looptwin.page.tables import disruptions
from looptwin.words.run import told
from tests.looptwin.collaboration import joined
from tests.looptwin.command_line import finished

DISRUPTIONS = {
    "strike": {"kind": "outage", "station": "north.grading", "from_day": 100, "days": 30},
    "road_closed": {"kind": "transport_stop", "lane": "west_remanco", "from_day": 120, "days": 40},
    "scrap_crash": {"kind": "price", "set": "metals.core_payment", "factor": 0.5, "from_day": 350, "days": 90},
    "later": {"kind": "policy", "set": "policies.disposition.C", "to": "reman", "from_day": 900, "days": 90},
}


@pytest.fixture(scope="module")
def run() -> lt.Run:
    change = {"collaboration.mode": "none", "time.horizon_days": 400, "disruptions": DISRUPTIONS}
    return lt.run(joined.scenario().override(change))


def test_the_summary_lists_the_disruptions_in_the_order_of_their_days(run: lt.Run) -> None:
    listed = run.summary()["disruptions"]

    assert [(one["name"], one["from_day"], one["to_day"], one["happened"]) for one in listed] == [
        ("strike", 100.0, 130.0, "yes"),
        ("road_closed", 120.0, 160.0, "yes"),
        ("scrap_crash", 350.0, 440.0, "begun"),
        ("later", 900.0, 990.0, "no"),
    ]
    assert "disruptions" not in joined.of("none").summary()


def test_text_and_page_tell_of_them(run: lt.Run) -> None:
    assert "disruption: strike (outage of north.grading, day 100 to 130)" in told(run)
    assert any("the table of disruptions lists them" in one for one in story(run))
    table = disruptions(run)
    assert table is not None
    rows = {row[0].text: [cell.text for cell in row[1:]] + [row[2].note] for row in table.rows}
    assert rows["road_closed"] == ["transport stop", "west_remanco", "120", "160", ""]
    assert rows["scrap_crash"] == ["price", "metals.core_payment", "350", "440", "not over at the end"]
    assert rows["later"][-1] == "never came"
    assert "What was disrupted" in page(run)


def test_the_table_of_disruptions_says_when_each_began_and_ended(run: lt.Run) -> None:
    found = run.table("disruptions")

    assert [*zip(found.day, found.disruption, found.event, strict=True)] == [
        (100.0, "strike", "began"),
        (120.0, "road_closed", "began"),
        (130.0, "strike", "ended"),
        (160.0, "road_closed", "ended"),
        (350.0, "scrap_crash", "began"),
    ]


def test_the_rows_of_a_disrupted_run_still_add_up(run: lt.Run, tmp_path: Path) -> None:
    kept = run.save(tmp_path / "kept")

    assert finished("check", str(kept), folder=tmp_path)[0] == 0

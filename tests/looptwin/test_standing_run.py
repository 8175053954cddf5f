"""A run whose queue only grows says so: in its JSON, in its text and on its page."""

from __future__ import annotations

import pytest

import looptwin as lt
from looptwin.page.page import story
from looptwin.words.run import told
from tests.looptwin import short_runs


@pytest.fixture(scope="module")
def run() -> lt.Run:
    """A queue with more work than its two servers can do."""
    change = {"blocks.bench.servers": 2, "time.horizon_days": 2000, "time.warm_up_days": 0}
    return lt.run(lt.load("mm3").override(change))


def test_the_summary_says_how_many_wait_of_how_many(run: lt.Run) -> None:
    (found,) = run.summary()["standing"]

    assert (found["block"], found["what"]) == ("bench", "queue")
    # 2.4 come a day, two servers do 2
    assert found["units"] / found["of"] == pytest.approx(1.0 / 6.0, abs=0.05)


def test_the_text_and_the_page_say_the_same(run: lt.Run) -> None:
    (found,) = run.summary()["standing"]
    sentence = f"bench does not keep up: of {found['of']:,} units {found['units']:,} still wait there"

    assert f"At the end; means of what waits depend on the horizon:\n  {sentence}\n" in told(run)
    assert f"At the end, means of what waits depend on the horizon: {sentence}." in story(run)


def test_nothing_is_said_where_nothing_stands() -> None:
    assert "standing" not in short_runs.queue().summary()
    assert "At the end" not in told(short_runs.queue())

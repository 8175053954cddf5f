"""The page holds every figure with its unit, nothing hidden, nothing from a network, and no text becomes markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from looptwin.errors import FolderError
from looptwin.page.findings import HiddenColumnError, dispositions
from looptwin.page.page import page, write_page
from looptwin.reopen import open_run
from looptwin.results import Run
from looptwin.run import run
from looptwin.words.simplified import SIMPLIFIED
from looptwin.words.wording import shown, unit_of
from tests.looptwin.short_runs import chain, factories, queue, short, study, with_table

EMPTY = {"meta", "link", "br", "img", "hr", "input"}

EVERY_RUN = [
    pytest.param(lambda: chain(mode="federated"), id="federated"),
    pytest.param(lambda: chain(mode="none"), id="none"),
    pytest.param(lambda: chain(mode="oracle"), id="oracle"),
    pytest.param(lambda: chain(mode="centralised"), id="centralised"),
    pytest.param(queue, id="queue"),
    pytest.param(lambda: queue(3), id="replicated"),
    pytest.param(factories, id="factories"),
    pytest.param(study, id="study"),
]


class Reader(HTMLParser):
    """Reads a page: its figures, its words, its links, its tables, and tags that do not close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self.figures: dict[str, tuple[str, str]] = {}
        self.heads: list[str | None] = []
        self.words: list[str] = []
        self._figure = ("", "")
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.references += [str(values[name]) for name in ("src", "href", "action", "data") if name in values]
        self.ids += [str(values["id"])] if "id" in values else []
        if tag == "th":
            self.heads.append(values.get("scope"))
        self._figure = (values.get("data-kpi") or "", values.get("data-unit") or "")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        name, unit = self._figure
        if name and data.strip():
            self.figures[name] = (data.strip(), unit)
            self._figure = ("", "")


@pytest.mark.parametrize("made", EVERY_RUN)
def test_every_figure_of_a_run_is_on_the_page_with_its_unit(made: Callable[[], Run]) -> None:
    done = made()
    reader = Reader(page(done))

    kpis = done.kpis
    assert {name: (shown(name, row.value, row.unit), row.unit) for name, row in kpis.iterrows()} == reader.figures
    for name, row in kpis.iterrows():
        assert any(unit_of(str(name), row.unit) in word for word in reader.words)


@pytest.mark.parametrize("made", EVERY_RUN)
def test_the_page_is_whole_html_that_needs_no_network(made: Callable[[], Run]) -> None:
    text = page(made())
    reader = Reader(text)

    assert text.startswith("<!DOCTYPE html>")
    assert not reader.open
    assert not reader.faults
    assert not reader.references
    assert not re.search(r"https?://|@import|url\(|<script|<link", text)
    assert len(reader.ids) == len(set(reader.ids))
    assert set(reader.heads) == {"col", "row"}


@pytest.mark.parametrize("made", EVERY_RUN)
def test_nothing_hidden_is_on_the_page(made: Callable[[], Run]) -> None:
    assert "true_" not in page(made())


def test_a_table_with_a_hidden_column_is_refused() -> None:
    done = chain(mode="none")
    told = done.table("decisions")
    leaking = {name: column.to_numpy() for name, column in told.items()} | {"true_crack": told.day.to_numpy()}

    with pytest.raises(HiddenColumnError, match="true_crack"):
        page(with_table(done, "decisions", leaking))


def test_hostile_names_stay_words() -> None:
    hostile = "<script>alert(1)</script>&\"'"
    text = page(run(short({"name": hostile, "parties.north.label": "<img src=x onerror=alert(1)>"})))

    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "&lt;img src=x" in text
    assert not Reader(text).faults


@pytest.mark.parametrize("made", EVERY_RUN)
def test_the_same_run_gives_the_same_page(made: Callable[[], Run]) -> None:
    assert page(made()) == page(made())


def test_a_run_that_was_kept_and_opened_again_gives_the_same_page(tmp_path: Path) -> None:
    done = chain(mode="federated")

    assert page(open_run(done.save(tmp_path / "run"))) == page(done)


def test_the_flow_of_units_is_balanced_and_says_so() -> None:
    words = " ".join(Reader(page(chain(mode="federated"))).words)

    assert re.search(r"Balance error, over the whole and every place:\s+0 units", words)
    assert re.search(r"counters differ from the table of events by at most 0 units", words)


def test_the_protection_is_told_word_for_word_and_what_is_simplified_too() -> None:
    words = " ".join(Reader(page(chain(mode="federated"))).words)

    assert "can read an update that the coordinator hands them" in words
    assert "the coordinator with 1 of them cannot (experimental and unaudited)" in words
    assert all(sentence in words for sentence in SIMPLIFIED)


def test_the_oracle_is_named_where_it_decides_and_only_there() -> None:
    with_oracle, without = (" ".join(Reader(page(chain(mode=mode))).words) for mode in ("oracle", "federated"))

    assert "The oracle looked at the hidden truth; no party could." in with_oracle
    assert "the oracle, by truth" in with_oracle
    assert "No control looked at the hidden truth in this run." in without


def test_assumptions_stand_beside_the_figures() -> None:
    done = chain(mode="none")
    words = " ".join(Reader(page(done)).words)

    assert f"{done.assumptions['count']} of the {done.assumptions['of']} numbers that this run uses" in words


def test_every_disposition_is_counted_once_and_outcomes_belong_to_cores_torn_down() -> None:
    done = chain(mode="federated")
    found = dispositions(done)

    table = done.table("decisions")
    assert (
        sum(one.cores for one in found)
        == ((table.decision == "dismantler.disposition") & (table.answer != "hold")).sum()
    )
    assert all(one.known == 0 for one in found if one.answer == "recycle")
    assert {one.by for one in found if one.later} >= {"the learned model"}
    assert all(one.by != "the learned model" for one in found if not one.later)


def test_a_callable_that_was_given_is_named_as_who_decided() -> None:
    scenario = short({"collaboration.mode": "none"})
    words = " ".join(Reader(page(run(scenario, decide={"dismantler.disposition": lambda view: "reman"}))).words)

    assert "Callables were given to the run and asked first" in words
    assert "the callable given to the run" in words


def test_a_run_that_kept_counters_only_says_that_it_has_no_events() -> None:
    text = page(run(short({}), events=False))

    assert "kept counters only" in text
    assert not Reader(text).faults


def test_replicated_figures_carry_their_interval() -> None:
    done = queue(3)
    row = done.kpis.loc["bench.queue_mean"]
    half = shown("bench.queue_mean", (row.ci_high - row.ci_low) / 2.0, row.unit)

    assert f"± {half}" in page(done)


def test_a_page_takes_the_place_of_an_old_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old", encoding="utf-8")

    assert write_page(queue(), path) == path
    assert path.read_text(encoding="utf-8") == page(queue())
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("place", ["missing/page.html", "folder"])
def test_a_place_that_cannot_be_written_is_refused_and_left_as_it_was(place: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept").touch()

    with pytest.raises(FolderError, match=re.escape(str(tmp_path / place))):
        write_page(queue(), tmp_path / place)
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["folder", "kept"]

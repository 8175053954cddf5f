"""Decisions: who is asked, what they are shown, and what they may answer."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sim.parties.agreed import BenchLimits, Cuts, DispositionRule, Grading, Policies, answers
from sim.parties.decisions import NAMES, Answer, DecisionError, by_grade
from sim.parties.expand import expand
from sim.snapshot import snapshot
from sim.world import World
from tests.sim.chains import CHAIN, made, ran, table, tables, values

KNOWN = {
    "dismantler.disposition": {
        *("distance", "age_years", "torque_ratio", "shifts_per_km"),
        *("pitting", "debris", "oil_colour", "leak", "crack_seen", "grade", "may_hold"),
    },
    "tester.verdict": {"backlash_mm", "drag_nm", "noise_db", "shift_ms", "leakage_ml", "bench_score"},
}
KEYS = {"unit", "life", "day", "party"}
DAYS = 200.0


def recorded(answer: Callable[[Any], Any] = lambda view: None, **options: Any) -> tuple[World, dict[str, list[Any]]]:
    """Run the chain with callables that note what they are shown."""
    shown: dict[str, list[Any]] = defaultdict(list)

    def note(name: str) -> Callable[[Any], Any]:
        def decide(view: Any) -> Any:
            shown[name].append(view)
            return answer(view)

        return decide

    return ran(days=DAYS, decide={name: note(name) for name in NAMES}, **options), shown


def dispositions(world: World) -> Counter[tuple[str, str]]:
    """Count dispositions by who took them and what was answered."""
    rows = table(world, "decisions")
    return Counter((row["by"], row["answer"]) for row in rows if row["decision"] == "dismantler.disposition")


# --- what a callable is shown ---


def test_a_callable_is_shown_its_partys_view_of_one_core_and_nothing_else() -> None:
    _, shown = recorded()

    for name, known in KNOWN.items():
        assert len(shown[name]) > 20
        for view in shown[name]:
            assert view.keys() == KEYS | known
            assert all(type(value) in (int, float, str) for value in view.values())
    assert {view["party"] for view in shown["dismantler.disposition"]} == {"north", "south"}
    assert {view["party"] for view in shown["tester.verdict"]} == {"rig"}


def test_a_callable_is_shown_what_was_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    world, shown = recorded()
    reports = {(row["unit"], row["life"]): row for row in table(world, "visual")}

    for view in shown["dismantler.disposition"]:
        report = reports[view["unit"], view["life"]]
        # the day is that of the decision, which is later for a core that was held
        asked = {name: view[name] for name in ("day", "may_hold")}
        assert {name: report[name] for name in view if name not in asked} | asked == view


def test_a_callable_that_holds_where_it_may_is_told_when_it_may_not() -> None:
    world, shown = recorded(lambda view: "hold" if view.get("may_hold") else None)
    asked: dict[int, list[float]] = defaultdict(list)
    for view in shown["dismantler.disposition"]:
        asked[view["unit"] << 8 | view["life"]].append(view["may_hold"])

    assert {tuple(flags) for flags in asked.values()} <= {(1.0,), (1.0, 0.0)}
    assert sum(len(flags) == 2 for flags in asked.values()) > 20
    assert dispositions(world)["given", "hold"] == len(asked)


def test_a_callable_cannot_change_what_it_is_shown_for_others() -> None:
    def spoil(view: Any) -> None:
        view.update(dict.fromkeys(view, 99.0))
        view["unit"] = None
        view.clear()

    assert tables(recorded(spoil)[0]) == tables(ran(days=DAYS))


def test_a_callable_that_leaves_everything_to_the_scenario_changes_nothing() -> None:
    assert tables(recorded()[0]) == tables(ran(days=DAYS))
    assert tables(recorded(lambda view: Answer(None))[0]) == tables(ran(days=DAYS))


# --- what it may answer ---


def test_a_callable_decides_about_every_core() -> None:
    world = ran(days=DAYS, decide={"dismantler.disposition": lambda view: "recycle"})

    assert dispositions(world).keys() == {("given", "recycle")}
    assert not table(world, "teardown")
    assert values(world)["remanufactured"] == 0


def test_an_answer_may_carry_its_reasons() -> None:
    world = ran(days=DAYS, decide={"dismantler.disposition": lambda view: Answer("reman", 0.75, "trusted")})
    rows = [row for row in table(world, "decisions") if row["decision"] == "dismantler.disposition"]

    assert {(row["by"], row["answer"], row["prediction"], row["verdict"]) for row in rows} == {
        ("given", "reman", 0.75, "trusted")
    }


def test_a_model_that_says_that_it_is_learned_is_called_so() -> None:
    class Model:
        by = "learned"

        def __call__(self, view: Any) -> str:
            return "reman"

    world = ran(days=DAYS, decide={"dismantler.disposition": Model()})

    assert dispositions(world).keys() == {("learned", "reman")}


@pytest.mark.parametrize(
    ("decision", "answer", "told"),
    [
        (
            "dismantler.disposition",
            "rman",
            (
                r"dismantler\.disposition of (north|south) on day [\d.]+: the callable answered 'rman'; allowed: "
                r"destroy, dispose, harvest, hold, recycle, reman, resell, test, or None for the scenario's own rule; "
                r"did you mean 'reman'\?$"
            ),
        ),
        ("dismantler.disposition", "pass", r"answered 'pass'; allowed: destroy, dispose, .*, test, or None"),
        ("dismantler.disposition", 1, "answered 1; allowed: "),
        ("dismantler.disposition", True, "answered True; allowed: "),
        ("dismantler.disposition", ["reman"], r"answered \['reman'\]; allowed: "),
        ("dismantler.disposition", ("reman", 0.5), r"answered \('reman', 0\.5\); allowed: "),
        ("dismantler.disposition", Answer("reman", "much"), "the callable's prediction 'much' is no number"),  # type: ignore[arg-type]
        ("tester.verdict", "reman", r"tester\.verdict of rig on day [\d.]+: .* allowed: fail, pass, or None"),
    ],
)
def test_a_wrong_answer_names_the_decision_the_party_and_what_is_allowed(
    decision: str, answer: object, told: str
) -> None:
    with pytest.raises(DecisionError, match=told) as refused:
        ran(days=DAYS, decide={decision: lambda view: answer})  # type: ignore[arg-type,return-value]
    assert "\n" not in str(refused.value)


def test_a_callable_that_raises_is_named_and_its_error_kept() -> None:
    def clumsy(view: Any) -> str:
        return str(view["health"])

    with pytest.raises(
        DecisionError, match=r"of (north|south) on day [\d.]+: the callable raised KeyError: 'health'$"
    ) as told:
        ran(days=DAYS, decide={"dismantler.disposition": clumsy})
    assert isinstance(told.value.__cause__, KeyError)


def test_an_unknown_decision_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(
        ValueError, match=r"no decision named 'dismantler\.dispositon'; .* did you mean 'dismantler\.disposition'\?"
    ):
        made(decide={"dismantler.dispositon": lambda view: None})
    with pytest.raises(ValueError, match=r"no decision named 'oem\.price'; there are: dismantler\.disposition, tester"):
        made().chain.decisions.install("oem.price", lambda view: None)  # type: ignore[union-attr]


def test_a_rule_that_answers_what_has_no_lane_is_a_named_error() -> None:
    parties = {name: party for name, party in CHAIN.parties.items() if name != "rig"}

    with pytest.raises(DecisionError, match=r"the rule answers '(test|destroy)', allowed: dispose, harvest, hold, "):
        ran(replace(CHAIN, parties=parties), days=DAYS)


def test_a_rule_that_looks_at_what_nobody_reported_is_a_named_error() -> None:
    network = expand(CHAIN)
    network["north.grading"] = replace(network["north.grading"], inspects=None)  # type: ignore[call-arg]
    world = World(network, seed=3, sections=CHAIN)

    with pytest.raises(DecisionError, match=r"of north .*: the rule looks at 'grade', and nobody has reported it"):
        world.run_until(DAYS)


# --- who is asked ---


def test_the_rule_decides_by_grade_but_for_a_share_that_explores() -> None:
    world = ran()
    grades = {(row["unit"], row["life"]): row["grade"] for row in table(world, "visual")}
    rows = [row for row in table(world, "decisions") if row["decision"] == "dismantler.disposition"]
    ruled = [row for row in rows if row["by"] == "rule"]
    explored = [row for row in rows if row["by"] == "explore"]

    rule = CHAIN.policies.disposition
    first = {(row["unit"], row["life"]): row["answer"] for row in reversed(ruled)}
    assert all(answer in answers(rule, grades[core]) for core, answer in first.items())
    again = [row for row in ruled if row["answer"] != first[row["unit"], row["life"]]]
    assert again
    assert all(first[row["unit"], row["life"]] == "hold" and row["answer"] == rule.held for row in again)
    assert len(ruled) + len(explored) == len(rows)
    assert abs(len(explored) - 0.05 * len(rows)) < 4.0 * math.sqrt(0.05 * 0.95 * len(rows))
    assert all(math.isnan(row["prediction"]) and row["verdict"] == "" for row in rows)


def test_where_the_rule_chooses_by_chance_each_word_has_its_share() -> None:
    rule = DispositionRule(A={"resell": 0.25, "reman": 0.5, "hold": 0.25})

    assert [by_grade(rule, "A", lambda u=u: u) for u in (0.1, 0.3, 0.6, 0.74, 0.76, 0.9)] == [
        *("hold", "reman", "reman", "reman", "resell", "resell"),
    ]
    assert by_grade(rule, "B", lambda: 1.0 / 0.0) == "reman", "no luck is asked where there is no choice"


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"C: the probabilities must sum to 1, these sum to 0\.75"):
        DispositionRule(C={"test": 0.5, "hold": 0.25})


def test_a_core_that_was_held_is_decided_upon_once_more_and_never_held_again() -> None:
    held: set[Any] = set()

    def hold_once(view: Any) -> str | None:
        core = view["unit"], view["life"]
        if core in held:
            return None
        held.add(core)
        return "hold"

    world = ran(days=DAYS, decide={"dismantler.disposition": hold_once})
    rows = defaultdict(list)
    for row in table(world, "decisions"):
        if row["decision"] == "dismantler.disposition":
            rows[row["unit"], row["life"]].append((row["day"], row["answer"]))

    twice = [told for told in rows.values() if len(told) > 1]
    assert len(twice) > 20
    for (first, answer), (second, other) in twice:
        assert answer == "hold" != other
        assert second - first == pytest.approx(30.0)
    with pytest.raises(DecisionError, match="answered 'hold'; allowed: destroy, dispose, harvest, recycle, reman, "):
        ran(days=DAYS, decide={"dismantler.disposition": lambda view: "hold"})


def test_no_core_is_explored_where_the_scenario_says_so() -> None:
    policies = replace(CHAIN.policies, disposition=DispositionRule(explore=0.0))

    assert {by for by, _ in dispositions(ran(replace(CHAIN, policies=policies), days=DAYS))} == {"rule"}


def test_what_was_learned_decides_where_no_callable_answers() -> None:
    world = made(decide={"dismantler.disposition": lambda view: "test" if view["grade"] == "A" else None})
    world.run_until(100.0)
    before = dispositions(world)
    world.chain.decisions.install(
        "dismantler.disposition", lambda view: Answer("reman", 0.9) if view["grade"] == "B" else None
    )  # type: ignore[union-attr]
    world.run_until(300.0)
    after = dispositions(world) - before

    assert {by for by, _ in before} == {"given", "explore", "rule"}
    by_grade_and_hand = {
        (grades[row["unit"], row["life"]], row["by"])
        for grades in [{(row["unit"], row["life"]): row["grade"] for row in table(world, "visual")}]
        for row in table(world, "decisions")
        if row["day"] >= 100.0 and row["decision"] == "dismantler.disposition" and row["by"] != "explore"
    }
    # the callable of this test does not call itself learned
    assert by_grade_and_hand == {("A", "given"), ("B", "given"), ("C", "rule"), ("D", "rule")}
    assert after["given", "reman"] > 10


def test_the_oracle_decides_by_the_truth_and_is_named() -> None:
    world = made()
    world.run_until(100.0)
    world.chain.let_oracle_decide()  # type: ignore[union-attr]
    world.run_until(400.0)
    truth = {(row["unit"], row["life"]): row["true_margin"] for row in table(world, "truth")}
    late = [
        row for row in table(world, "decisions") if row["day"] >= 100.0 and row["decision"] == "dismantler.disposition"
    ]

    assert len(late) > 100
    for row in late:
        assert row["by"] == "oracle"
        assert row["answer"] == ("reman" if truth[row["unit"], row["life"]] > 0.0 else "recycle")
    assert "oracle" not in {row["by"] for row in table(world, "decisions") if row["day"] < 100.0}


def test_lower_cuts_give_worse_grades_for_the_same_findings() -> None:
    """Grades are worked out, not drawn: with other cuts the first cores are seen alike and graded lower."""
    policies = replace(CHAIN.policies, grading=Grading(cuts=Cuts(A=1.0, B=2.0, C=3.0)))
    strict, usual = (
        table(ran(one, days=25.0, warm_up=0.0), "visual") for one in (replace(CHAIN, policies=policies), CHAIN)
    )
    seen = [{name: value for name, value in row.items() if name != "grade"} for row in usual]

    assert len(usual) > 5
    assert seen == [{name: value for name, value in row.items() if name != "grade"} for row in strict]
    assert all(one["grade"] >= other["grade"] for one, other in zip(strict, usual, strict=True))
    assert [row["grade"] for row in strict] != [row["grade"] for row in usual]


def test_a_stricter_limit_raises_a_bench_score_by_its_share() -> None:
    readings = {"backlash_mm": 0.18, "drag_nm": 28.0, "noise_db": 72.0, "shift_ms": 520.0, "leakage_ml": 11.0}

    assert BenchLimits().score(readings) == 1.0
    assert BenchLimits(leakage_ml=5.5).score(readings) == pytest.approx(1.2)


def test_cuts_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match=r"cuts must rise from A to C, these are 3, 2, 5\.5"):
        Cuts(A=3.0, B=2.0)


def test_bench_limits_are_the_testers_rule() -> None:
    strict = ran(replace(CHAIN, policies=Policies(serviceable=CHAIN.policies.serviceable, bench_limit=1e-6)))
    verdicts = Counter(row["answer"] for row in table(strict, "decisions") if row["decision"] == "tester.verdict")

    assert verdicts.keys() == {"fail"}


@pytest.mark.parametrize("day", [61.0, 99.5, 140.25])
def test_a_chain_that_was_saved_decides_on_as_if_it_had_not_been(day: float) -> None:
    """The oracle's word, ordered tests and pending outcomes are saved; callables are handed in again."""

    def choosy(view: Any) -> str | None:
        return "test" if view["grade"] == "B" else None

    decide = {"dismantler.disposition": choosy}
    whole, half = made(decide=decide), made(decide=decide)
    for world in (whole, half):
        world.run_until(60.0)
        world.count_from_now()
        world.chain.let_oracle_decide()  # type: ignore[union-attr]
        world.run_until(day)
    text = json.dumps(snapshot(half), allow_nan=False)
    back = World.restore(expand(CHAIN), json.loads(text), sections=CHAIN, decide=decide)
    for world in (whole, back):
        world.run_until(DAYS)
        world.close_books()

    assert values(back) == values(whole)
    assert snapshot(back) == snapshot(whole)
    later = [str(row) for row in table(whole, "decisions") if row["day"] >= day]
    assert tables(back)["decisions"] == later
    assert {by for by, _ in dispositions(back)} == {"given", "oracle"}

"""Decisions: the scenario's own rules, and the callables that may take them.

A callable gets its party's view of one core, a mapping of what the party knows, and answers with one of the allowed
words, with an `Answer`, or with None. Asked in turn, until somebody answers: a test order; the callable that the user
gave; the oracle, where the scenario has that control; exploration; what a collaboration has learned; the rule.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

from sim.log import Log
from sim.parties.agreed import DispositionRule, Policies
from sim.parties.reports import READS
from sim.records import Unit
from sim.shares import cumulative
from sim.streams import Streams

View: TypeAlias = Mapping[str, str | float]
"""What one party knows of one core: unit (key), life, day, party, and the reports in `READS` of this decision.

A dismantler also reads `may_hold`: 1 where it may answer `hold`, 0 for a core that it has held before.
"""


class Answer(NamedTuple):
    """An answer with its reasons: the prediction behind it and the verdict on that; None leaves it to the scenario."""

    answer: str | None
    prediction: float = math.nan
    verdict: str = ""


Policy: TypeAlias = Callable[[View], "str | Answer | None"]

NAMES = tuple(READS)
"""The decisions that a callable may take."""

DISPOSITION = "dismantler.disposition"

COLUMNS = {
    "day": "f8",
    "unit": "i8",
    "life": "i8",
    "party": "U",
    "decision": "U",
    "answer": "U",
    "by": "U",
    "prediction": "f8",
    "verdict": "U",
}


class DecisionError(ValueError):
    """A decision went wrong; the message names the decision, the party and the day. Its cause is what was raised."""


class Question(NamedTuple):
    """One decision to be taken about one unit."""

    day: float
    party: str
    decision: str
    unit: Unit
    view: View
    answers: tuple[str, ...]

    def error(self, fault: str) -> DecisionError:
        """Return the error that says what went wrong, with this question's place."""
        return DecisionError(f"{self.decision} of {self.party} on day {self.day:.6g}: {fault}")


class Decisions:
    """Asks whoever decides. Holds state: the callables, which are never saved, and the tests that were ordered."""

    STATE = ("ordered",)

    def __init__(self, policies: Policies, streams: Streams, log: Log, given: Mapping[str, Policy]) -> None:
        refuse_unknown(given)
        self.rules = policies
        self._streams = streams
        self._table = log.table("decisions", COLUMNS) if log.keeps_events else None
        self.given = dict(given)
        self.learned: dict[str, Policy] = {}
        self.ordered: dict[int, str] = {}

    def install(self, name: str, policy: Policy) -> None:
        """Let what was learned take a decision from now on, wherever no callable was given that answers."""
        refuse_unknown([name])
        self.learned[name] = policy

    def ask(self, question: Question, oracle: str | None = None) -> str:
        """Return the answer to a question, and log who gave it. oracle: what the truth answers, where it may.

        Raises DecisionError when a callable raises, and for an answer that is not allowed.
        """
        answer, by = self._answer(question, oracle)
        if answer.answer not in question.answers:
            raise question.error(f"the {by} answers {answer.answer!r}, allowed: {_listed(question.answers)}")
        if self._table is not None:
            words = (question.party, question.decision, answer.answer, by)
            unit = question.unit
            self._table.append(question.day, unit.key, unit.lives, *words, answer.prediction, answer.verdict)
        return answer.answer

    def _answer(self, question: Question, oracle: str | None) -> tuple[Answer, str]:
        name, unit = question.decision, question.unit
        if name == DISPOSITION and unit.key in self.ordered:
            return Answer(self.ordered.pop(unit.key)), "order"
        answer = Answer(None)
        if name in self.given:
            answer = _called(self.given[name], question)
            if answer.answer is not None:
                return answer, _by(self.given[name])
        if oracle is not None:
            return Answer(oracle), "oracle"
        if name == DISPOSITION and self._explores(question):
            return Answer("reman"), "explore"
        if name in self.learned:
            answer = _called(self.learned[name], question)
            if answer.answer is not None:
                return answer, _by(self.learned[name])
        return Answer(self._rule(question), answer.prediction, answer.verdict), "rule"

    def _explores(self, question: Question) -> bool:
        luck = self._streams.open(f"{question.party}.explore")
        return luck(question.unit.key, question.unit.lives) < self.rules.disposition.explore

    def _rule(self, question: Question) -> str:
        looks_at = "bench_score" if question.decision == "tester.verdict" else "grade"
        if looks_at not in question.view:
            raise question.error(f"the rule looks at {looks_at!r}, and nobody has reported it of this unit")
        if looks_at == "grade":
            return self._disposition(question)
        return "pass" if float(question.view["bench_score"]) < self.rules.bench_limit else "fail"

    def _disposition(self, question: Question) -> str:
        """Return the rule's disposition; of a core that was held before, what the rule says of those."""
        rule, unit = self.rules.disposition, question.unit
        luck = self._streams.open(f"{question.party}.rule")
        answer = by_grade(rule, str(question.view["grade"]), lambda: luck(unit.key, unit.lives))
        return rule.held if answer == "hold" and "hold" not in question.answers else answer


def by_grade(rule: DispositionRule, grade: str, luck: Callable[[], float] | None = None) -> str:
    """Return what the scenario's own rule does with a core of this grade.

    luck: a uniform number, asked for where the rule chooses by chance; without it, the most probable word.
    """
    answer: str | dict[str, float] = getattr(rule, grade)
    if isinstance(answer, str):
        return answer
    # in the order of names, not of the file: a reordered file is the same scenario
    words = sorted(answer)
    if luck is None:
        return max(words, key=lambda word: answer[word])
    return words[bisect_right(cumulative([answer[word] for word in words]), luck())]


def refuse_unknown(names: Iterable[str]) -> None:
    """Raise ValueError, with the nearest name, for decisions that nobody takes."""
    for name in sorted(set(names) - set(NAMES)):
        raise ValueError(f"no decision named {name!r}; there are: {', '.join(NAMES)}{nearest_of(name, NAMES)}")


def _called(policy: Policy, question: Question) -> Answer:
    """Return what a callable answers. Raises DecisionError when it raises, or answers what is not allowed."""
    try:
        # a copy: whatever the callable does to it, the rule still sees what was reported
        given = policy(dict(question.view))
    except Exception as error:
        raise question.error(f"the callable raised {type(error).__name__}: {error}".rstrip(": ")) from error
    answer = given if isinstance(given, Answer) else Answer(given)
    # a word only: numpy's arrays would answer == with an array
    word: object = answer.answer
    if word is None or (isinstance(word, str) and word in question.answers):
        return _with_numbers(answer, question)
    allowed = f"allowed: {_listed(question.answers)}, or None for the scenario's own rule"
    raise question.error(
        f"the callable answered {answer.answer!r}; {allowed}{nearest_of(answer.answer, question.answers)}"
    )


def _with_numbers(answer: Answer, question: Question) -> Answer:
    try:
        word = None if answer.answer is None else str(answer.answer)
        return Answer(word, float(answer.prediction), str(answer.verdict))
    except (TypeError, ValueError):
        raise question.error(f"the callable's prediction {answer.prediction!r} is no number") from None


def _by(policy: Policy) -> str:
    """Return who decides: a learned model says so itself, whoever hands it in."""
    return "learned" if getattr(policy, "by", "") == "learned" else "given"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def nearest_of(word: object, allowed: Iterable[str]) -> str:
    """Return the end of a message, `; did you mean ...?`; empty where no allowed word is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(allowed), 1) if isinstance(word, str) else []
    return f"; did you mean {near[0]!r}?" if near else ""

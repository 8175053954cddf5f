"""Learn again from a finished run: another learner, another protection, other days, the same views."""

from __future__ import annotations

import math
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args, get_type_hints

from learning.config import Collaboration
from looptwin.collaboration.dataset import held
from looptwin.collaboration.relearned import Learning
from looptwin.collaboration.subjects import Reports, Subject, subject_of
from looptwin.errors import RunFailed, UserError
from looptwin.results import Run

if TYPE_CHECKING:
    from learning.features import SiteData
    from learning.inference.answers import Answers
    from learning.learned import Learned
    from learning.rounds import Conduct


def learn(
    run: Run,
    mode: str | None = None,
    *,
    learner: str | None = None,
    until_day: float | None = None,
    processes: bool = False,
    keys: Path | str | None = None,
    passphrase_file: str | None = None,
    answers: int | None = None,
) -> Learning:
    """Train on what the sites of a run knew by a day, under a protection.

    A site is a party that holds features and outcomes of cores, or else records of the parts that it made; those give
    numbers only, so `linear` is then the default. mode: a word of `collaboration.protection`; learner: one of
    `collaboration.learner`; both default to the scenario's. until_day: default the scenario's training day.
    processes: give each site and the coordinator a process of its own, under threshold; the models are the same.
    keys: then the folder in which each site has a keystore of its name (`looptwin keys init`), opened by the passphrase
    of passphrase_file, of LOOPTWIN_PASSPHRASE or of a prompt; default fresh identities. answers: bits that
    `score_privately` tells of each model over all calls, 1 a decision and 20 a score; default 5 for each of its
    weights. Each replication is learned from on its own. Raises UserError for a word, a day or a run that does not fit,
    RunFailed naming the site whose process ended or hung.
    """
    if not isinstance(run, Run):
        raise UserError(f"learn: needs a run, as lt.run gives it, got {type(run).__name__}")
    collaboration, told = _collaboration(run, mode, learner, until_day), _answers(answers)
    subject = subject_of(run.scenario.parties.values())
    if subject is None:
        raise UserError(f"{run.scenario.name}: no dismantlers and no factories, so nobody learns{_hint(run)}")
    if subject.kind is None:
        collaboration = replace(collaboration, learner=_of_numbers(learner, subject))
    conduct = _in_processes(keys, passphrase_file) if processes else _in_one_process(keys)
    read = [_sites(run, subject, collaboration.learner, number) for number in range(len(run.replications))]
    sites, seen = tuple(one for one, _ in read), tuple(seen for _, seen in read)
    every = tuple(_trained(run, one, collaboration, number, conduct) for number, one in enumerate(sites))
    return Learning(every, sites, run, subject, told, seen)


def _answers(bits: object) -> Answers:
    from learning.inference.answers import Answers

    if bits is not None and (isinstance(bits, bool) or not isinstance(bits, int) or bits < 0):
        raise UserError(f"learn: answers is a whole number of bits, 0 or more, got {bits!r}")
    return Answers(bits)


def _hint(run: Run) -> str:
    return "" if run.scenario.regression is None else "; what its regression found stands in the run"


def _of_numbers(learner: str | None, subject: Subject) -> Literal["linear", "mlp"]:
    if learner == "logistic":
        raise UserError(f"learn: logistic learns 0 or 1, and {subject.number.name} is a number; take linear or mlp")
    return "mlp" if learner == "mlp" else "linear"


def _trained(
    run: Run,
    sites: tuple[SiteData, ...],
    collaboration: Collaboration,
    replication: int,
    conduct: Conduct,
) -> Learned:
    from learning.faults import ProtectionError
    from learning.loopback.faults import LostError
    from learning.rounds import train
    from looptwin.collaboration.collaborate import judge_seed, way_out

    day = collaboration.training_day(run.scenario.time.horizon_days)
    place = f", replication {replication}" if len(run.replications) > 1 else ""
    try:
        return train(sites, collaboration, day, seed=judge_seed(run.seed, replication), conduct=conduct)
    except LostError as lost:
        raise RunFailed(f"learn{place}: {lost}") from lost
    except (ProtectionError, ValueError) as refused:
        raise UserError(f"learn{place}: {refused}{way_out(collaboration)}") from refused


def _in_one_process(keys: Path | str | None) -> Conduct:
    from learning.rounds import in_one_process

    if keys is not None:
        raise UserError("learn: identities out of keystores sign between processes; ask for processes too")
    return in_one_process


def _in_processes(keys: Path | str | None, passphrase_file: str | None) -> Conduct:
    from learning.loopback.federation import in_processes
    from learning.loopback.keys import Keystores
    from looptwin.collaboration.passphrase import passphrase

    kept = None if keys is None else Keystores(Path(keys), passphrase(passphrase_file))
    return lambda learner, sites, collaboration, day, seed: in_processes(
        learner, sites, collaboration, day, seed, keys=kept
    )


def _collaboration(run: Run, mode: str | None, learner: str | None, until_day: float | None) -> Collaboration:
    _refuse_unknown(mode=("protection", mode), learner=("learner", learner))
    changed = replace(run.scenario.collaboration, mode="federated")
    changed = changed if mode is None else replace(changed, protection=mode)  # type: ignore[arg-type]
    changed = changed if learner is None else replace(changed, learner=learner)  # type: ignore[arg-type]
    if until_day is None:
        return changed
    return replace(changed, train_until_days=_day(until_day, run.scenario.time.horizon_days))


def _day(given: object, horizon: float) -> float:
    if isinstance(given, bool) or not isinstance(given, Real):
        raise UserError(f"learn: until_day is a number of days, got {given!r}")
    day = float(given)
    if not (math.isfinite(day) and 0.0 < day <= horizon):
        raise UserError(f"learn: until_day must be above 0 and at most the run's {horizon:g} days, got {given}")
    return day


def _refuse_unknown(**given: tuple[str, str | None]) -> None:
    """Raise UserError for a word that its field does not know; given: by argument, the field and the word."""
    from difflib import get_close_matches

    kinds = get_type_hints(Collaboration)
    for argument, (field, word) in given.items():
        words = get_args(kinds[field])
        if word is not None and word not in words:
            near = get_close_matches(str(word), words, 1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            raise UserError(f"learn: {argument} {word!r} is not one of {', '.join(words)}{guess}")


def _sites(run: Run, subject: Subject, learner: str, replication: int) -> tuple[tuple[SiteData, ...], int]:
    """Return the labelled rows of each site, and how many rows all sites reported, with a label or without."""
    from learning.features import standardise

    parties = sorted(run.scenario.parties.items())
    names = [name for name, party in parties if subject.is_site(party)]
    every = {name: _reports(run, name, subject, replication) for name in names}
    sites = (_site(run, name, subject, learner, reports) for name, reports in every.items())
    seen = sum(len(reports[subject.kinds[0]]["unit"]) for reports in every.values())
    return tuple(standardise(one, subject.features) for one in sites), seen


def _reports(run: Run, party: str, subject: Subject, replication: int) -> Reports:
    view = held(run, party, replication)
    return {
        kind: {str(name): column.to_numpy() for name, column in view[view["kind"] == kind].items()}
        for kind in subject.kinds
    }


def _site(run: Run, party: str, subject: Subject, learner: str, reports: Reports) -> SiteData:
    return subject.read(party, reports, run.scenario.parties[party].reports_every_days, subject.target(learner))

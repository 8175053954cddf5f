"""`looptwin learn`: train again on what the parties of a run saw, and say how well it went and what it gave away."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from looptwin.collaboration.scores import ALL
from looptwin.errors import FolderError, folder_error
from looptwin.reopen import open_run
from looptwin.replications.lock import MANIFEST
from looptwin.words.strict_json import document
from looptwin.words.table import Cell, interval, number, size_of, table
from looptwin.words.wording import counted

if TYPE_CHECKING:
    from looptwin.collaboration.relearned import Learning
    from looptwin.collaboration.scores import Row, Rows

LEARNING, MODELS = "learning.json", "models.json"
TABLES = ("figures", "crossings", "releases")
"""Names of the files in the folder of --out; tables are written as CSV."""


def learn_command(arguments: Namespace) -> int:
    """Train on a run's views, print how well each model does on later cores, and write it where --out says."""
    from looptwin.collaboration.learn import learn

    if arguments.out is not None:
        _refuse_run(Path(arguments.out))
    with redirect_stdout(sys.stderr):
        run = open_run(arguments.run)
        learned = learn(
            run,
            arguments.mode,
            learner=arguments.learner,
            until_day=arguments.until_day,
            processes=arguments.processes,
            keys=arguments.keys,
            passphrase_file=arguments.passphrase_file,
        )
        text = document(learned.summary()) if arguments.json else f"{told(learned)}\n"
    if arguments.out is not None:
        write(learned, Path(arguments.out))
        sys.stderr.write(f"kept in {arguments.out}\n")
    sys.stdout.write(text)
    return 0


def told(learning: Learning) -> str:
    """Return what was learned as text: scores on all later cores and on each site's own, traffic, and what it means."""
    found, noun = learning.learned, learning.subject.noun
    several = f", means over {len(learning.every)} replications with 95 % intervals" if len(learning.every) > 1 else ""
    first = " (first replication)" if len(learning.every) > 1 else ""
    labels = ", ".join(f"{count} at {party}" for party, count in found.labels.items())
    parts = [
        (
            f"{learning.run.scenario.name}: {found.learner.word}, {found.target.name} of a {noun} as known on day "
            f"{number(found.day)}{several}"
        ),
        f"labels{first}: {labels}",
        *(
            _scores(learning)
            if sum(learning.later)
            else [f"no {noun} became known after that day, so no model can be scored"]
        ),
        "\n".join(_said(learning)),
    ]
    return "\n\n".join(parts)


def _scores(learning: Learning) -> list[str]:
    noun, mean = learning.subject.noun, sum(learning.later) / len(learning.later)
    return [
        f"On the {mean:,.{0 if mean.is_integer() else 1}f} later {noun}s of all sites\n{_all(learning)}",
        f"On each site's own later {noun}s, {learning.scores['metric']}\n{_own(learning)}",
    ]


def write(learning: Learning, folder: Path) -> None:
    """Write scores, models by name, and tables. Raises FolderError or UserError for a folder that cannot be written.

    A folder that holds a run is refused: its tables have the same names.
    """
    _refuse_run(folder)
    models = {
        "features": list(learning.learned.names),
        "alone": {party: weights.tolist() for party, weights in learning.alone.items()},
        "federated": None if learning.federated is None else learning.federated.tolist(),
        "pooled": learning.pooled.tolist(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / LEARNING).write_text(document(learning.summary()), encoding="utf-8")
        (folder / MODELS).write_text(document(models), encoding="utf-8")
        for name in TABLES:
            getattr(learning, name).to_csv(folder / f"{name}.csv", index=False)
    except OSError as error:
        raise folder_error(error, folder) from error


def _refuse_run(folder: Path) -> None:
    if (folder / MANIFEST).exists():
        raise FolderError(f"{folder}: holds a run, whose tables would be lost; give another folder", "foreign")


def _all(learning: Learning) -> str:
    rows = learning.on_all
    names = list(dict.fromkeys(row.figure for row in rows))
    headings = ["model", *(heading for name in names for heading in (_heading(rows, name), ""))]
    lines: list[list[Cell]] = []
    for model in dict.fromkeys(row.model for row in rows):
        found = {row.figure: row for row in rows if row.model == model}
        cells: list[Cell] = [_name(model)]
        for name in names:
            cells += [found[name].value, _bounds(found[name])]
        lines.append(cells)
    return table(lines, headings)


def _heading(rows: Rows, figure: str) -> str:
    unit = next(row.unit for row in rows if row.figure == figure)
    return figure if unit == "1" else f"{figure}, {unit}"


def _own(learning: Learning) -> str:
    metric, noun = learning.scores["metric"], learning.subject.noun
    rows = {(row.on, row.model): row.value for row in learning.on_own if row.figure == metric}
    gains = {(gain.on, gain.model): gain for gain in learning.gains}
    lines: list[list[Cell]] = []
    for site in dict.fromkeys(on for on, _ in rows):
        scores = [rows.get((site, model)) for model in (site, "federated", "pooled")]
        found = [gains[on, f"federated less {site}"] for on in (site, ALL)]
        lines.append([site, *scores, *(cell for gain in found for cell in (gain.value, _bounds(gain)))])
    return table(lines, ["site", "alone", "federated", "pooled", "federated less alone", "", f"on all {noun}s", ""])


def _name(model: str) -> str:
    return {"federated": "federated", "pooled": "pooled, a yardstick"}.get(model, f"{model} alone")


def _bounds(row: Row) -> str:
    return "" if row.ci_low is None or row.ci_high is None else interval(row.ci_low, row.ci_high)


def _said(learning: Learning) -> Iterator[str]:
    found, summary = learning.learned, learning.summary()
    noun = learning.subject.noun
    yield "for whom: figures of single sites are each one's own; they stand here because a run is the twin's owner's"
    if sum(learning.never_known):
        later, never = sum(learning.later), sum(learning.never_known)
        every = " of all replications" if len(learning.every) > 1 else ""
        yield (
            f"scored on: {later:,} {noun}s{every}, and not on {never:,} whose outcome had not come back by the end. "
            f"Decisions chose which do: figures are of what was torn down, not of every {noun} that arrived"
        )
    if found.unsettled:
        rounds = "collaboration.rounds"
        yield f"training: {found.learner.rounds} rounds were too few for {', '.join(found.unsettled)}; raise `{rounds}`"
    if found.learner.word == "mlp":
        yield (
            "averaging: sites that differ pull apart between two rounds, so the common network may fall short of the "
            "pooled one, and of a site's own on that site's rows"
        )
    if found.left_out:
        yield f"without a known label, and left out: {', '.join(found.left_out)}"
    if learning.apart:
        yield f"holds outcomes too, but not these features, and stays apart: {', '.join(learning.apart)}"
    study = learning.run.scenario.regression
    if study is not None and study.data == "fixture":
        yield "records: those of the machines in the run; its own regression replays a fixture"
    yield f"grid: rounding updates to whole steps moved no weight by more than {summary['learning']['grid_error']:.1e}"
    crossed, released = summary["crossings"], summary["releases"]
    yield f"crossings: {crossed['rows']} over a party's border, {size_of(crossed['bytes'])}"
    yield f"releases: {counted(released['sums'], 'opened sum')} of {found.releases[0].numbers} numbers"
    yield f"protection: {learning.statement}"

"""What the page tells of a regression: models, factories, residuals. Texts and pictures only, no layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from looptwin.collaboration.regress import FIGURES
from looptwin.kpis import kpis_of
from looptwin.page.charts import Heading
from looptwin.page.findings import has
from looptwin.page.pictures import Picture
from looptwin.page.scatter import Axes, Box, boxes, curve, scatter, span
from looptwin.page.tables import Cell, Column, Table
from looptwin.words.figure_names import of_model
from looptwin.words.regression import best_alone, remarks, sentences
from looptwin.words.table import number
from looptwin.words.wording import shown, whole

if TYPE_CHECKING:
    import pandas as pd

    from looptwin.results import Run

UNDEFINED = "\N{EN DASH}"


@dataclass(frozen=True)
class Told:
    """Everything that the page shows of a study."""

    model: str
    """The best model, whose residuals are shown."""
    story: Sequence[str]
    models: Table
    factories: Table
    correlations: Table | None
    energies: Picture | None
    residuals: Sequence[Picture]
    quantiles: Sequence[Picture]
    by_turns: Picture
    turns: Sequence[str]
    remarks: Sequence[str]
    words: Mapping[str, str]
    """What rows and parties are called."""


def told(run: Run) -> Told | None:
    """Return what is shown of the first replication's study; None for a run without one."""
    found = run.facts.get("regression")
    if found is None:
        return None
    best = found["best_model"]
    chosen = _residuals(run, best)
    described = found["description"]
    return Told(
        model=best,
        story=[*sentences(found)],
        models=models(run),
        factories=factories(found),
        correlations=correlations(found) if described else None,
        energies=energies(found) if described else None,
        residuals=[] if chosen is None else residuals(chosen, best),
        quantiles=[] if chosen is None else quantiles(chosen, best),
        by_turns=course(found),
        turns=turns(found),
        remarks=[*remarks(found)],
        words=found["words"],
    )


def tiles(run: Run) -> list[tuple[str, str, str]]:
    """Return label, value and unit of what stands large at the top: R2 of the best model; nothing without a study."""
    found = run.facts.get("regression")
    if found is None:
        return []
    kpi = of_model(found["best_model"], "r2")
    value = kpis_of(run.replications)[kpi]["value"]
    return [(f"R2 of {found['best_model']}, federated", shown(kpi, value, "1"), "index")]


def _residuals(run: Run, model: str) -> pd.DataFrame | None:
    """Return the residuals of a model; None for a run of a user's own tables, which keeps none."""
    if not has(run, "residuals"):
        return None
    rows: pd.DataFrame = run.replications[0].table("residuals").to_pandas()
    return rows.loc[rows["model"] == model]


def models(run: Run) -> Table:
    """Return how well each model fits: together, and the best factory's own."""
    found, rows = run.facts["regression"], kpis_of(run.replications)
    heads = (
        "R2",
        "Adjusted",
        "F",
        "R2, rows in one place",
        "R2, best alone",
        "Gain over that",
        "Squared correlation, best alone",
    )
    columns = [Column("Model"), *(Column(one, numeric=True) for one in (*heads, "AIC", "BIC"))]
    caption = "From opened sums, and the best factory alone; each figure is an index without a unit"
    return Table(caption, columns, [_model(name, found, rows) for name in found["models"]])


def _model(name: str, found: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> list[Cell]:
    words = found["words"]
    own, whose = best_alone(found, name, "r2")
    squared, other = best_alone(found, name, "correlation_squared_on_all")
    r2, adjusted, f, gain = (
        Cell(shown(kpi, rows[kpi]["value"], "1"), kpi, "1") for kpi in (of_model(name, one) for one in FIGURES)
    )
    return [
        Cell(name),
        r2,
        adjusted,
        f,
        Cell(_share(found["plain"][name]["r2"])),
        Cell(_share(own), note=f"{whose}, its own {words['rows']}"),
        gain,
        Cell(_share(squared), note=f"{other}, all {words['rows']}"),
        *(Cell(_whole(found["encrypted"][name][one])) for one in ("aic", "bic")),
    ]


def factories(found: Mapping[str, Any]) -> Table:
    """Return how the best model of each factory does on its own parts and on everybody's."""
    model, called = found["best_model"], found["words"]["rows"]
    heads = (called.capitalize(), f"R2, its own {called}", f"R2, all {called}", f"Squared correlation, all {called}")
    rows = [
        [
            Cell(party),
            Cell(whole(fitted[model]["rows"])),
            Cell(_share(fitted[model]["r2"])),
            Cell(_share(fitted[model]["r2_on_all"])),
            Cell(_share(fitted[model]["correlation_squared_on_all"])),
        ]
        for party, fitted in found["factories"].items()
    ]
    party = found["words"]["party"]
    columns = [Column(party.capitalize()), *(Column(head, True) for head in heads)]
    return Table(f"{model}, fitted by each {party} alone", columns, rows)


def correlations(found: Mapping[str, Any]) -> Table:
    """Return how each feature goes with the target, together and at each factory."""
    everybody = {"all together": found["description"]["all"], **found["description"]["factories"]}
    columns = [
        Column(f"{found['words']['rows'].capitalize()} of"),
        *(Column(name, numeric=True) for name in found["features"]),
    ]
    rows = [
        [Cell(party), *(_correlation(one["correlations"][name]) for name in found["features"])]
        for party, one in everybody.items()
    ]
    return Table(f"Correlation with {found['target']}", columns, rows)


def _correlation(one: Mapping[str, Any]) -> Cell:
    if one["value"] is None:
        return Cell(UNDEFINED, note="constant")
    return Cell(_signed(f"{one['value']:.2f}"), note="" if one["significant"] else "not significant")


def energies(found: Mapping[str, Any]) -> Picture:
    """Return how the target lies at each factory."""
    rows = [
        Box(party, low, middle, high, f"{middle:,.0f}")
        for party, one in found["description"]["factories"].items()
        for low, middle, high in [one["target"]["quartiles"]]
    ]
    words = found["words"]
    caption = f"{found['target']}: median and middle half of the {words['rows']} of each {words['party']}"
    return Picture(caption, boxes(rows, Heading("energies", caption, "The medians stand at the right.")))


def residuals(rows: pd.DataFrame, model: str) -> list[Picture]:
    """Return the residuals of each factory's parts over what the common model says, on one scale."""
    x, y = span(rows["fitted"].tolist()), span(rows["residual"].tolist())
    axes = Axes("fitted", "residual", x, y)
    return [
        Picture(party, scatter(_pairs(own, "fitted"), _heading("residuals", party, model), axes))
        for party, own in _by_party(rows)
    ]


def quantiles(rows: pd.DataFrame, model: str) -> list[Picture]:
    """Return the residuals of each factory's parts over where they would lie if they were normal."""
    found = []
    for party, own in _by_party(rows):
        mean, deviation = float(own["residual"].mean()), float(own["residual"].std())
        x = span(own["score"].tolist())
        line = ((x[0], mean + deviation * x[0]), (x[1], mean + deviation * x[1]))
        y = span([*own["residual"].tolist(), line[0][1], line[1][1]])
        axes = Axes("normal quantile", "residual", x, y)
        heading = _heading("quantiles", party, model)
        found.append(Picture(party, scatter(_pairs(own, "score"), heading, axes, line=line)))
    return found


def _by_party(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(party), own) for party, own in rows.groupby("party", sort=True)]


def _pairs(rows: pd.DataFrame, across: str) -> list[tuple[float, float]]:
    return list(zip(rows[across].tolist(), rows["residual"].tolist(), strict=True))


def _heading(kind: str, party: str, model: str) -> Heading:
    words = {"residuals": "Residuals over fitted values", "quantiles": "Residuals over normal quantiles"}
    return Heading(f"{kind}-{party}".replace(".", "-"), f"{words[kind]}, {party}", f"A dot for each part, {model}.")


def course(found: Mapping[str, Any]) -> Picture:
    """Return R2 on all parts against how many parts were learned, in turns of ten."""
    seen = [(rows, r2) for rows, r2 in found["by_turns"]["by_batch"] if r2 is not None]
    words = found["words"]
    turn = f"{found['by_turns']['model']} by turns of ten {words['rows']} of a random {words['party']}"
    caption = f"{turn}: R2 on all {words['rows']}, below 0 drawn at 0"
    axes = Axes(f"{words['rows']} learned", "", (0.0, max(rows for rows, _ in seen)), (0.0, 1.0))
    return Picture(
        caption, curve(seen, Heading("turns", caption, "It rises to the R2 of all rows in one place."), axes)
    )


def turns(study: Mapping[str, Any]) -> list[str]:
    """Return what came of learning by turns, in sentences."""
    found, words = study["by_turns"], study["words"]
    passed = [
        f"One turn each, {order}: R2 on all {words['rows']} {_steps(steps)}."
        for order, steps in found["by_party"].items()
    ]
    alone = found["mean_only"]
    order = f"Any order ends at the fit of all rows in one place, here within {found['distance']:.1g} of its weights."
    leak = (
        "Who reads two announcements of mean and precision that follow each other has the sums of the "
        f"{words['party']} between them, here with a relative error of {found['revealed']:.1g}: its number of "
        f"{words['rows']}, means and correlations."
    )
    forgetful = (
        f"With the mean alone, R2 after sixty turns lies between {_share(min(alone))} and {_share(max(alone))}, "
        f"{_share(sum(alone) / len(alone))} on the mean of {len(alone)} orders."
    )
    return [*passed, order, leak, *_sealed(found["encrypted"]), forgetful]


def _sealed(found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return []
    said = (
        "Mean and precision can travel encrypted instead, and nobody announces: the weights then differ by "
        f"{found['weight_difference']:.1g} of the largest one"
    )
    return [f"{said}. Protection: {found['statement']}."]


def _steps(steps: Sequence[tuple[str, float | None]]) -> str:
    return ", ".join(f"{_share(r2)} ({party})" for party, r2 in steps)


def _share(value: float | None) -> str:
    if value is None:
        return UNDEFINED
    return _signed(f"{value:.3f}" if abs(value) < 10.0 else number(value))


def _whole(value: float | None) -> str:
    return UNDEFINED if value is None else whole(value)


def _signed(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")

"""Write the tables of `docs/five-factories.md` anew: `python -m docs.five_factories`, a few seconds.

The study printed R2, F, AIC and BIC of nine models. What the four say of one another is worked out here: how many rows
there were, how far the energy spreads, and which entries cannot be what was meant.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from looptwin.results import Run

PAGE = Path(__file__).resolve().parent / "five-factories.md"

FEATURES, WEIGHTS = 7, 8
CLAIMED_ROWS = 2050
LOST = 10.0
"""What an entry is too small by when its exponent e+04 was left out of a table whose others are in e+03."""


class Entry(NamedTuple):
    """What the study printed of a model."""

    r2: float
    f: float
    aic: float
    bic: float


PRINTED: Mapping[str, Entry] = {
    "TM-P -0.5": Entry(0.774, 971.9, 3060, 3064),
    "TM-P 0": Entry(0.813, 1237, 3022, 3026),
    "TM-P 0.5": Entry(0.823, 1320, 3011, 3015),
    "TM-T -0.5": Entry(0.694, 646, -1519, -1514),
    "TM-T 0": Entry(0.772, 960, -643.3, -598),
    "TM-T 0.5": Entry(0.815, 1251, 1439, 1443),
    "DTM -0.5": Entry(0.833, 1418, -1632, -1587),
    "DTM 0": Entry(0.861, 1757, -1639, -1635),
    "DTM 0.5": Entry(0.850, 1611, 1397, 1401),
}

LINEAR_F = 1208
CORRELATIONS = {"diameter_mm": 0.63, "feed_mm_rev": 0.47, "depth_mm": 0.45, "idle_kj": 0.77, "air_kj": 0.40}
ALONE_BIC = {"factory_1": 6205, "factory_2": 12769, "factory_3": 3674, "factory_4": 11792, "factory_5": 4241}
ENCRYPTED_AIC, ENCRYPTED_BIC = -1633.0, -1594.53
BEST, BETTER = 0.86, 0.433
"""R2 of the federated model, and by how much it is at least better than any factory's own."""


def freedom(entry: Entry) -> tuple[float, float]:
    """Return between which residual degrees of freedom F = (R2 / 7) / ((1 - R2) / df) holds, roundings allowed for."""
    half_r2, half_f = 0.0005, 0.05 if entry.f != round(entry.f) else 0.5
    low_r2, high_r2 = entry.r2 - half_r2, entry.r2 + half_r2
    return (
        FEATURES * (entry.f - half_f) * (1.0 - high_r2) / high_r2,
        FEATURES * (entry.f + half_f) * (1.0 - low_r2) / low_r2,
    )


def rows() -> tuple[int, int]:
    """Return the fewest and the most rows that agree with R2 and F of all nine models."""
    bounds = [freedom(entry) for entry in PRINTED.values()]
    low, high = max(one for one, _ in bounds), min(one for _, one in bounds)
    return math.ceil(low) + WEIGHTS, math.floor(high) + WEIGHTS


def read_as() -> dict[str, float]:
    """Return the AIC of each model as it must have been meant.

    BIC less AIC is 8 (ln n - 2), about 45: where the table shows 4 both lost their exponent. The two entries of DTM at
    -0.5 and 0 stand in each other's place.
    """
    meant = {name: entry.aic * (LOST if entry.bic - entry.aic < 10.0 else 1.0) for name, entry in PRINTED.items()}
    meant["DTM -0.5"], meant["DTM 0"] = meant["DTM 0"], meant["DTM -0.5"]
    return meant


def spread(name: str, aic: float) -> float:
    """Return the standard deviation of a model's target that its AIC and R2 imply: AIC = n ln(2 pi RSS/n) + n + 16."""
    n = sum(rows()) / 2.0
    variance = math.exp((aic - 2.0 * WEIGHTS) / n - 1.0) / (2.0 * math.pi)
    return math.sqrt(variance / (1.0 - PRINTED[name].r2))


def alone_errors() -> dict[str, float]:
    """Return the mean squared error of ln(energy) of each factory's own model on all rows, from its BIC."""
    n = sum(rows()) / 2.0
    return {
        party: math.exp((bic - FEATURES * math.log(n)) / n - 1.0) / (2.0 * math.pi) for party, bic in ALONE_BIC.items()
    }


def alone_r2() -> dict[str, float]:
    """Return 1 - RSS/TSS of each factory's own model on all rows."""
    variance = spread("TM-T 0", read_as()["TM-T 0"]) ** 2
    return {party: 1.0 - error / variance for party, error in alone_errors().items()}


def encrypted_weights() -> float:
    """Return how many weights the encrypted model had: BIC - AIC = k (ln n - 2)."""
    return (ENCRYPTED_BIC - ENCRYPTED_AIC) / (math.log(sum(rows()) / 2.0) - 2.0)


def decoding() -> Iterator[str]:
    """Yield the table of what the printed criteria say."""
    yield head("model", "R2", "F", "rows by F and R2", "AIC printed", "AIC read as", "spread of its target")
    meant = read_as()
    for name, entry in PRINTED.items():
        low, high = freedom(entry)
        between = f"{low + WEIGHTS:,.0f} to {high + WEIGHTS:,.0f}"
        yield row(
            name,
            f"{entry.r2:.3f}",
            f"{entry.f:,g}",
            between,
            f"{entry.aic:,g}",
            f"{meant[name]:,g}",
            f"{spread(name, meant[name]):.4g}",
        )


def replay() -> Iterator[str]:
    """Yield the table of how near the fixture stays to every printed statistic."""
    run = _run()
    found, description = run.facts["regression"], run.facts["regression"]["description"]
    yield head("statistic of all parts", "printed", "fixture")
    for feature, printed in CORRELATIONS.items():
        value = description["all"]["correlations"][feature]["value"]
        yield row(f"correlation of {feature} with energy", f"{printed:.2f}", f"{value:.3f}")
    linear = LINEAR_F * FEATURES / (sum(rows()) / 2.0 - WEIGHTS)
    yield row("LR, R2", f"{linear / (1.0 + linear):.3f} by F", f"{found['plain']['LR']['r2']:.3f}")
    for name, entry in PRINTED.items():
        yield row(f"{name}, R2", f"{entry.r2:.3f}", f"{found['plain'][name]['r2']:.3f}")
    for name, printed in implied_spreads().items():
        one = found["plain"][name]
        yield row(f"{name}, spread of its target", f"{printed:.4g}", f"{math.sqrt(one['tss'] / one['rows']):.4g}")
    for party, error in alone_errors().items():
        one = found["factories"][party]["DTM 0"]
        ours = one["rss_on_all"] / found["plain"]["DTM 0"]["rows"]
        yield row(f"{party} alone, mean squared error of ln(energy)", f"{error:.3g}", f"{ours:.3g}")
    bound = f"at most {BEST / (1.0 + BETTER):.3f}"
    for metric, words in (("r2", "R2 on its own parts"), ("correlation_squared_on_all", "squared correlation")):
        best = max(one["DTM 0"][metric] for one in found["factories"].values())
        yield row(f"best factory alone, DTM 0, {words}", bound, f"{best:.3f}")
    five = description["factories"]["factory_5"]["correlations"]
    for feature, printed in (("depth_mm", "0.65"), ("feed_mm_rev", "not significant"), ("air_kj", "not significant")):
        judged = "" if five[feature]["significant"] else ", not significant"
        yield row(f"factory 5, correlation of {feature}", printed, f"{five[feature]['value']:.3f}{judged}")


def implied_spreads() -> dict[str, float]:
    """Return the spread of each target that the criteria imply, by the model that tells it."""
    meant = read_as()
    return {name: spread(name, meant[name]) for name in ("TM-P 0", "TM-T 0", "DTM -0.5", "DTM 0.5")}


def by_turns() -> Iterator[str]:
    """Yield the table of R2 on all parts after each factory's turn."""
    found = _run().facts["regression"]["by_turns"]
    yield head("turns", *(f"{number}." for number in range(1, 6)))
    for order, passed in found["by_party"].items():
        yield row(order, *(f"{value:.3f} ({party.removeprefix('factory_')})" for party, value in passed))
    seen = dict(found["by_batch"])
    yield ""
    steps = ", ".join(f"{seen[count]:.3f} after {count:,.0f} parts" for count in (100.0, 400.0, 2050.0))
    alone = found["mean_only"]
    yield (
        f"In turns of ten parts of a random factory: R2 {steps}. With the mean alone, sixty turns of whole factories, "
        f"twenty random orders: {sum(alone) / len(alone):.2f} on the mean, {min(alone):.2f} to {max(alone):.2f}. Two "
        "announcements that follow each other give away the whole Gram of the factory between them: what is worked "
        f"out of them is wrong by less than {max(found['revealed'], 1e-9):.0e} of it."
    )


PROMISES = {
    "statistics": "a millionth of every metric",
    "outsourced": "1e-4 of the largest weight",
    "prediction": "a millionth of every metric",
}


def modes() -> Iterator[str]:
    """Yield the table of what each mode promises and what it kept."""
    yield head("mode", "promise", "metrics off by", "weights off by", "predictions off by")
    for mode, promise in PROMISES.items():
        found = _run(mode).facts["regression"]
        made = found["predictions"]
        off = [found["largest_difference"], found["largest_weight_difference"]]
        off += [] if made is None else [made["largest_difference"]]
        cells = [*map(_bound, off), *["" for _ in range(3 - len(off))]]
        yield row(f"`{mode}`", promise, *cells)


def _bound(value: float) -> str:
    """Return the power of ten that a difference stays below: its digits are those of one processor."""
    return f"less than {10.0 ** math.ceil(math.log10(max(value, 1e-11))):.0e}"


def _run(mode: str = "statistics") -> Run:
    from looptwin.run import run
    from scenarios.load import load

    return run(load("five-factories").override({"regression.mode": mode}))


def head(*names: str) -> str:
    """Return the head of a table and its rule."""
    return f"{row(*names)}\n{row(*['---'] * len(names))}"


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "decoding": decoding,
    "replay": replay,
    "modes": modes,
    "turns": by_turns,
}
"""What stands between the marks of each name."""


def filled(text: str) -> str:
    """Return a page with every table written anew."""
    for name, lines in TABLES.items():
        table = "\n".join(lines())
        place = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
        text = place.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} is written\n")

"""`looptwin fit` from a table to a scenario that runs, and one sentence where that cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from looptwin.command import main
from scenarios.assumptions import count
from scenarios.load import load
from sim.laws import Weibull
from tests.looptwin.fitting.simulated import lives_file
from tests.looptwin.page.svg import of_class

POOL = """\
looptwin: 1
name: pool
time: {horizon_days: 3000, warm_up_days: 300}
blocks:
  field: {kind: population, size: 20, life_days: {law: weibull, shape: 2, mean: 800}, to: shop}
  shop: {kind: station, servers: 2, service_hours: {law: exponential, mean: 30}, to: field}
"""

LIFE = Weibull(shape=2.5, scale=900.0)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.yaml").write_text(POOL, encoding="utf-8")
    lives_file(tmp_path / "lives.csv", LIFE)
    return tmp_path


def test_lives_become_a_scenario_that_runs_with_fewer_assumptions(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["fit", "lives", "lives.csv", "--for", "./pool.yaml", "blocks.field.life_days", "--out", "fitted"])

    assert status == 0
    written = load(here / "fitted" / "override.yaml")
    law = written.blocks["field"].life_days  # type: ignore[union-attr]
    assert isinstance(law, Weibull)
    assert law.shape == pytest.approx(2.5, rel=0.15)
    assert law.scale == pytest.approx(900.0, rel=0.1)
    assert law.source is not None
    assert law.source.startswith("fitted to lives.csv, n=400, ")
    assert count(written).assumed == count(load("./pool.yaml")).assumed - 2
    assert main(["run", "fitted/override.yaml", "--counters-only"]) == 0
    assert sorted(path.name for path in (here / "fitted").iterdir()) == ["fit.html", "override.yaml"]
    told = capsys.readouterr().out
    assert "weibull has the lowest AIC" in told
    assert "of 10 periods in their 95 % interval" in told


def test_the_page_shows_the_law_beside_the_records_and_the_back_test(here: Path) -> None:
    assert main(["fit", "lives", "lives.csv", "--out", "fitted"]) == 0

    page = (here / "fitted" / "fit.html").read_text(encoding="utf-8")

    survival, back_test = (part.partition("</svg>")[0] + "</svg>" for part in page.split("<svg")[1:])
    assert len(of_class(f"<svg{survival}", "law")) == len(of_class(f"<svg{survival}", "line")) == 1
    came = of_class(f"<svg{back_test}", "came") + of_class(f"<svg{back_test}", "came outside")
    assert len(came) == 10
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_same_table_gives_the_same_files(here: Path) -> None:
    for folder in ("one", "two"):
        main(["fit", "lives", "lives.csv", "--for", "./pool.yaml", "blocks.field.life_days", "--out", folder])

    for name in ("fit.html", "override.yaml"):
        assert (here / "one" / name).read_bytes() == (here / "two" / name).read_bytes()


def test_json_is_one_document_with_laws_goodness_and_back_test(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "lives", "lives.csv", "--json", "--for", "./pool.yaml", "blocks.field.life_days"]) == 0

    told = json.loads(capsys.readouterr().out)

    assert told["laws"][0]["law"] == "weibull"
    assert [one["aic"] for one in told["laws"]] == sorted(one["aic"] for one in told["laws"])
    shape = told["laws"][0]["parameters"]["shape"]
    assert shape["low"] < shape["value"] < shape["high"]
    assert 0.0 < told["goodness"]["p_value"] <= 1.0
    assert len(told["back_test"]["periods"]) == 10
    assert told["changes"]["blocks.field.life_days"]["law"] == "weibull"


def test_a_key_in_hours_gets_hours(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(
        ["fit", "lives", "lives.csv", "--law", "weibull", "--json", "--for", "./pool.yaml", "blocks.shop.service_hours"]
    )

    told = json.loads(capsys.readouterr().out)

    days = told["laws"][0]["parameters"]["scale"]["value"]
    assert told["changes"]["blocks.shop.service_hours"]["scale"] == pytest.approx(24.0 * days, rel=1e-5)


def test_delays_give_the_lane_and_the_probability_of_a_return(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{n};{n + 3 + (n * 7) % 20 if n % 4 else ''}" for n in range(200)]
    (here / "cores.csv").write_text("\n".join(["removed;received", *rows]) + "\n", encoding="utf-8")

    status = main(
        ["fit", "delays", "cores.csv", "--for", "transmission-small", "lanes.hire_north.days", "--out", "fitted"]
    )

    assert status == 0
    written = load(here / "fitted" / "override.yaml")
    assert written.returns.probability == pytest.approx(0.75, abs=0.07)
    assert written.sources["returns.probability"].startswith("fitted to cores.csv, n=200")
    assert written.lanes["hire_north"].days.expectation() == pytest.approx(12.5, rel=0.1)  # type: ignore[union-attr]
    assert "returns.probability: {value: 0.7" in capsys.readouterr().out


def test_a_season_goes_to_a_source_and_not_where_none_can_stand(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # twice as many requests in the first half of each year
    days = [
        year * 365.25 + n * step + start
        for year in range(4)
        for start, step in ((0, 2), (183, 4))
        for n in range(183 // step)
    ]
    (here / "orders.csv").write_text("\n".join(["day", *(f"{day:.2f}" for day in days)]) + "\n", encoding="utf-8")

    assert main(["fit", "demand", "orders.csv", "--for", "mm3", "blocks.arrivals.interarrival_days", "--out", "a"]) == 0
    assert load(here / "a" / "override.yaml").blocks["arrivals"].season is not None  # type: ignore[union-attr]
    capsys.readouterr()

    key = "blocks.bench.service_days"
    assert main(["fit", "demand", "orders.csv", "--for", "mm3", key, "--out", "b"]) == 0
    assert "blocks.bench takes no season" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("lives", "nothing.csv"), 2, "nothing.csv: No such file"),
        (("lifes", "lives.csv"), 2, "invalid choice: 'lifes'"),
        (
            ("lives", "lives.csv", "--for", "./pool.yaml", "blocks.field.life_dys"),
            2,
            "did you mean 'blocks.field.life_days'",
        ),
        (("lives", "lives.csv", "--for", "./pol.yaml", "blocks.field.life_days"), 2, "did you mean 'pool.yaml'"),
        (("lives", "lives.csv", "--group", "Germany"), 2, "--group: goes with survival, not with lives"),
        (("survival", "lives.csv", "--law", "gamma"), 2, "--law: goes with lives, delays and demand"),
        (("lives", "lives.csv", "--column", "removed"), 2, "write --column NAME=HEADING"),
        (("lives", "few.csv"), 1, "the end of 1 of 2 lives was seen, and a fit needs 5"),
        (("lives", "lives.csv", "--out", "lives.csv"), 2, "a file stands where a folder is needed"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(
    here: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int, said: str
) -> None:
    (here / "few.csv").write_text("life_days,observed\n3,1\n4,0\n", encoding="utf-8")

    assert main(["fit", *words]) == status

    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_nothing_is_written_where_the_scenario_refuses_the_law(here: Path) -> None:
    # a mapping of a law cannot stand where a number of places stands
    assert main(["fit", "lives", "lives.csv", "--for", "./pool.yaml", "blocks.field.size", "--out", "fitted"]) == 2

    assert not (here / "fitted").exists()

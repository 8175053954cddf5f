"""Survival rates give a Weibull where one can be right, and a refusal where none can."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from looptwin.errors import UserError
from looptwin.fitting.dialect import Options
from looptwin.fitting.override import target
from looptwin.fitting.sample import TooFew
from looptwin.fitting.survival_account import Beside, SurvivalAccount, survival_account
from looptwin.fitting.survival_table import Rates, published_rates, survival

CARS = Path(__file__).resolve().parents[4] / "shared" / "data" / "eu_car_survival"
COLUMNS = (
    ("group", "geo country"),
    ("age", "vehicle age"),
    ("rate", "survival rate"),
    ("gamma", "gamma (Weibull)"),
    ("beta", "beta (Weibull)"),
)

POOL = """\
looptwin: 1
name: pool
time: {horizon_days: 3000}
blocks:
  field: {kind: population, size: 20, life_days: {law: weibull, shape: 2, mean: 800}, to: shop}
  shop: {kind: station, servers: 2, service_days: 1, to: field}
"""


def rates_file(folder: Path) -> Path:
    """Write the rates of two groups, one of which imports used units from age 4 on."""
    ages = np.arange(1.0, 26.0)
    home = survival(ages, 14.0, 3.0)
    away = np.where(ages > 4.0, 1.6 * home, home)
    rows = [
        f"{name};{age:g};{rate:.6f}"
        for name, own in (("home", home), ("away", away))
        for age, rate in zip(ages, own, strict=True)
    ]
    path = folder / "rates.csv"
    path.write_text("\n".join(["group;age;rate", *rows]).replace(".", ",") + "\n", encoding="utf-8")
    return path


def test_rates_of_a_weibull_give_it_back(tmp_path: Path) -> None:
    account = survival_account(rates_file(tmp_path), Options(), Beside())

    home = account.groups[0].fit

    assert home is not None
    assert home.scale == pytest.approx(14.0, rel=1e-4)
    assert home.shape == pytest.approx(3.0, rel=1e-4)
    assert home.mean == pytest.approx(14.0 * math.gamma(4.0 / 3.0), rel=1e-4)
    assert home.rms < 1e-5


def test_a_published_gamma_is_read_as_what_the_rates_say_it_is() -> None:
    ages, mean = np.arange(1.0, 40.0), 14.0 * math.gamma(4.0 / 3.0)
    rates = Rates("home", ages, survival(ages, 14.0, 3.0))

    assert published_rates(rates, mean, 3.0).is_mean
    assert published_rates(rates, mean, 3.0).rms_as_mean == pytest.approx(0.0, abs=1e-12)
    assert not published_rates(rates, 14.0, 3.0).is_mean


def test_an_importing_group_gets_no_law_and_the_other_one_does(tmp_path: Path) -> None:
    (tmp_path / "pool.yaml").write_text(POOL, encoding="utf-8")
    goal = target(str(tmp_path / "pool.yaml"), "blocks.field.life_days")
    account = survival_account(rates_file(tmp_path), Options(), Beside())

    with pytest.raises(TooFew, match=r"away: 6 of 25 rates are above 1, the highest 1\.53 at age 5"):
        account.changes(goal, "away")

    law = account.changes(goal, "home")["blocks.field.life_days"]
    assert law["scale"] == pytest.approx(14.0 * 365.25, rel=1e-4)
    assert "home" in law["source"]


def test_rates_that_climb_below_one_are_found_too() -> None:
    climbing = Rates("late", np.arange(6.0), np.array([0.7, 0.75, 0.9, 0.8, 0.5, 0.1]))

    assert climbing.imports == "the rates climb by 0.20 with age"
    assert not Rates("young", np.arange(6.0), np.array([0.9, 0.95, 0.9, 0.8, 0.5, 0.1])).imports


@pytest.mark.parametrize(("rate", "why"), [(0.9, "stay above 0.5"), (0.1, "start below 0.5")])
def test_rates_on_one_side_of_a_half_carry_no_law(rate: float, why: str) -> None:
    assert why in Rates("all", np.arange(6.0), np.full(6, rate)).no_law


def test_a_group_that_is_not_there_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "pool.yaml").write_text(POOL, encoding="utf-8")
    goal = target(str(tmp_path / "pool.yaml"), "blocks.field.life_days")
    account = survival_account(rates_file(tmp_path), Options(), Beside())

    with pytest.raises(UserError, match="did you mean 'home'"):
        account.changes(goal, "hom")
    with pytest.raises(UserError, match="there are: home, away"):
        account.changes(goal, None)


@pytest.fixture(scope="module")
def cars() -> SurvivalAccount:
    if not CARS.is_dir():
        pytest.skip("../shared/data/eu_car_survival is not here")
    rates, published = (
        CARS / name for name in ("5_2_held_2016_survival_rates.csv", "5_1_oguchi_2008_survival_rate_parameters.csv")
    )
    return survival_account(rates, Options(columns=COLUMNS), Beside(published))


def test_importing_countries_are_counted_and_named(cars: SurvivalAccount) -> None:
    above = [one.rates for one in cars.groups if one.rates.above_one]

    assert sum(len(one.rates.ages) for one in cars.groups) == 1395
    assert sum(one.above_one for one in above) == 348
    assert len(above) == 26
    assert {"Poland", "Lithuania", "Latvia", "Estonia", "Romania"} <= {one.group for one in above}
    assert [one.rates.group for one in cars.groups if one.fit is not None] == ["Austria", "Germany", "United Kingdom"]


def test_the_published_gamma_of_cars_is_the_mean_life(cars: SurvivalAccount) -> None:
    """Under this reading the published curve is nearer to the rates in all eleven countries, by a quarter in sum."""
    beside = cars.published

    assert len(beside) == 11
    assert (beside["Germany"].gamma, beside["Germany"].beta) == (13.7, 3.1)
    assert all(one.is_mean for one in beside.values())
    assert beside["Germany"].rms_as_mean == pytest.approx(0.0576, abs=5e-4)
    assert beside["Germany"].rms_as_scale == pytest.approx(0.0996, abs=5e-4)
    as_mean, as_scale = (sum(getattr(one, name) for one in beside.values()) for name in ("rms_as_mean", "rms_as_scale"))
    assert as_mean < 0.75 * as_scale


def test_a_fitted_mean_life_lies_near_the_published_one_and_fits_better(cars: SurvivalAccount) -> None:
    """The published curves are of 2008, the rates of 2016: lives grew, so the fitted means are longer."""
    fitted = {one.rates.group: one.fit for one in cars.groups if one.fit is not None}

    for name, one in fitted.items():
        assert cars.published[name].gamma < one.mean < 1.1 * cars.published[name].gamma
        assert one.rms < cars.published[name].rms_as_mean
        assert one.r_squared > 0.98


def test_an_importing_country_is_refused(cars: SurvivalAccount, tmp_path: Path) -> None:
    (tmp_path / "pool.yaml").write_text(POOL, encoding="utf-8")
    goal = target(str(tmp_path / "pool.yaml"), "blocks.field.life_days")

    with pytest.raises(TooFew, match=r"Estonia: 23 of 45 rates are above 1, the highest 4\.67 at age 21"):
        cars.changes(goal, "Estonia")
    assert cars.changes(goal, "Germany")

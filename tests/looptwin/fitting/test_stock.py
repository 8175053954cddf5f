"""A stock by age and the registrations behind it give the rates that made them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from looptwin.errors import UserError
from looptwin.fitting.dialect import Options
from looptwin.fitting.survival_account import Beside, survival_account
from looptwin.fitting.survival_stock import stock_rates
from looptwin.fitting.survival_table import survival

CARS = Path(__file__).resolve().parents[4] / "shared" / "data" / "eu_car_survival"
COLUMNS = (
    ("group", "geo country"),
    ("age", "vehicle age"),
    ("stock", "number of registered vehicles"),
    ("year", "time"),
    ("registered", "new vehicle registrations"),
    ("stock_year", "stock year of empirical csp data"),
)


def tables(folder: Path) -> tuple[Path, Path, Path]:
    """Write stock, registrations and stock years of two groups whose registrations grow and whose lives differ."""
    lives, years = {"east": (14.0, 3.0, 2021), "west": (10.0, 2.0, 2020)}, range(1995, 2022)
    new = {year: 100_000.0 + 7_000.0 * (year - 1995) for year in years}
    stock = ["group,age,stock"]
    for group, (scale, shape, last) in lives.items():
        ages = np.arange(1, last - 1995 + 2)
        shares = survival(ages.astype(float), scale, shape)
        stock += [f"{group},{age},{new[last - age + 1] * share:.3f}" for age, share in zip(ages, shares, strict=True)]
    rows = {
        "stock": stock,
        "new": ["group,year,registered", *(f"{group},{year},{new[year]}" for group in lives for year in years)],
        "years": ["group,stock_year", *(f"{group},{last}" for group, (_, _, last) in lives.items())],
    }
    paths = []
    for name, lines in rows.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return paths[0], paths[1], paths[2]


def test_stock_over_registrations_gives_the_lives_of_each_group_back(tmp_path: Path) -> None:
    stock, new, years = tables(tmp_path)

    account = survival_account(stock, Options(), Beside(registered=new, stock_year=str(years)))

    fits = {one.rates.group: one.fit for one in account.groups}
    east, west = fits["east"], fits["west"]
    assert east is not None
    assert west is not None
    assert (east.scale, east.shape) == pytest.approx((14.0, 3.0), rel=1e-4)
    assert (west.scale, west.shape) == pytest.approx((10.0, 2.0), rel=1e-4)


def test_ages_whose_year_is_not_registered_are_left_out_and_told(tmp_path: Path) -> None:
    stock, new, _ = tables(tmp_path)
    new.write_text("\n".join(line for line in new.read_text().splitlines() if "west" not in line) + "\n")

    counted = stock_rates(stock, new, "2021", Options())

    assert [one.group for one in counted.rates] == ["east"]
    assert counted.left_out[0] == "no new units are known for west"
    assert counted.left_out[1].startswith("26 ages are left out")


def test_a_stock_without_its_year_and_a_year_that_fits_nothing_are_told(tmp_path: Path) -> None:
    stock, new, _ = tables(tmp_path)

    with pytest.raises(UserError, match="--registered and --stock-year go together"):
        survival_account(stock, Options(), Beside(registered=new))
    with pytest.raises(UserError, match="no row is of a group and a year of the stock; stock year 1800"):
        stock_rates(stock, new, "1800", Options())


def test_the_cars_of_2021_live_a_little_longer_than_those_of_2016() -> None:
    if not CARS.is_dir():
        pytest.skip("../shared/data/eu_car_survival is not here")
    stock, new, years = (
        CARS / name
        for name in (
            "2_1_A_1_age_resolved_data_passenger_car_stock_fleet.csv",
            "1_2_A_2_historical_new_registrations_data_passenger_cars.csv",
            "2_2_A_1_stock_year.csv",
        )
    )

    account = survival_account(stock, Options(columns=COLUMNS), Beside(registered=new, stock_year=str(years)))

    means = {one.rates.group: one.fit.mean for one in account.groups if one.fit is not None}
    assert len(account.groups) == 32
    assert 14.82 < means["Germany"] < 16.5
    assert 14.24 < means["United Kingdom"] < 16.0
    assert "Poland" not in means

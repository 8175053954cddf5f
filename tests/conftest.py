"""What every test shares: how much of a sample it takes, steady examples, and a strict JAX."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run and no stopwatch: what fails is the code, never a busy machine.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# For a developer who looks for new examples: pytest --hypothesis-profile=explore
settings.register_profile("explore", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# Set before anything imports JAX, and inherited by workers: an accidental broadcast or a widened type is an error.
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")
os.environ.setdefault("JAX_NUMPY_DTYPE_PROMOTION", "strict")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


# A shell starts what it runs in the background with Ctrl-C ignored; tests that press it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--half-width",
        type=_proportion,
        default=0.10,
        help="relative half-width of a simulated truth's interval (default 0.10; `make truth` asks for 0.03)",
    )
    parser.addoption(
        "--envelopes", type=int, default=1000, help="spoilt envelopes of each protection (default 1000; all: 10000)"
    )
    parser.addoption("--trials", type=int, default=200, help="rounds of a distinguishing game (default 200; all: 2000)")


def _proportion(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise ValueError(text)
    return value


@pytest.fixture(scope="session")
def half_width(request: pytest.FixtureRequest) -> float:
    """Relative half-width to which a truth case simulates, between 0 and 1."""
    return float(request.config.getoption("--half-width"))


@pytest.fixture(scope="session")
def envelopes(request: pytest.FixtureRequest) -> int:
    """How many spoilt envelopes each protection refuses."""
    return int(request.config.getoption("--envelopes"))


@pytest.fixture(scope="session")
def trials(request: pytest.FixtureRequest) -> int:
    """How many rounds a distinguishing game has."""
    return int(request.config.getoption("--trials"))

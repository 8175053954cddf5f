"""Versions of what decides the numbers: this product, Python, and the packages that compute."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

VERSION = "0.1.0"

WORLD = ("numpy", "simpy")
"""Packages that decide the numbers of every run."""

COLLABORATION = ("scipy", "jax", "jaxlib", "equinox", "optax", "tenseal")
"""Packages that decide the numbers of a run that learns."""


def versions(*, learns: bool) -> dict[str, str]:
    """Return the versions that a run's numbers depend on."""
    packages = WORLD + (COLLABORATION if learns else ())
    found = {"looptwin": VERSION, "python": ".".join(platform.python_version_tuple()[:2])}
    return found | {package: _version(package) for package in packages}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"

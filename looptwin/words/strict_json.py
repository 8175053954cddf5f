"""JSON that every reader takes: what is not a number is null, and what numpy counted is a plain number."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def strict(value: Any) -> Any:
    """Return plain data with None in place of nan and infinities."""
    if isinstance(value, Mapping):
        return {str(key): strict(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [strict(below) for below in value]
    item = getattr(value, "item", None)
    value = item() if callable(item) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def document(value: Any) -> str:
    """Return a JSON document, indented, with a line end."""
    return json.dumps(strict(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

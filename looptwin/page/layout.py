"""The layout of a page: a template that stands beside the code that fills it, in the style that all pages share."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

STYLE = Path(__file__).parent
"""Where `page.css` lies, which every template includes."""


@cache
def template(path: Path) -> Template:
    """Return the template of a page: all texts are escaped, and a name that nobody gave is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    layout = Environment(
        loader=FileSystemLoader([path.parent, STYLE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return layout.get_template(path.name)

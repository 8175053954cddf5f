"""What is wrong with a scenario: every mistake at once, each with place, key, value, what is allowed, and a guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One mistake in a scenario, as a user is told about it."""

    file: str
    """File as the user named it, or what stands in its place: `--set KEY=VALUE`, `override KEY`."""
    line: int | None = None
    """Line, from 1; None where there is no file."""
    column: int | None = None
    """Column, from 1; None where there is no file."""
    key: str = ""
    """Dotted key; empty for the file as a whole."""
    value: object = None
    """The value found."""
    message: str
    """What is wrong, in one sentence without its full stop."""
    allowed: tuple[str, ...] = ()
    """The words, names or keys that are allowed here, or one description of what is."""
    suggestion: str | None = None
    """The nearest allowed word."""

    @property
    def place(self) -> str:
        """`file:line:column`, as editors and terminals follow it."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        guess = f"; did you mean {self.suggestion!r}?" if self.suggestion is not None else ""
        return f"{self.place}: {key}{self.message}{guess}"


class ScenarioError(ValueError):
    """A scenario cannot be used; `problems` holds every mistake found, in the order of their places."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda it: (it.file, it.line or 0, it.column or 0, it.key)))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def nearest(word: object, allowed: Iterable[str]) -> str | None:
    """Return the allowed word that `word` most likely stands for, or None when none is near."""
    if not isinstance(word, str):
        return None
    folded = {name.casefold(): name for name in allowed}
    # difflib is quadratic in the length; nobody misspells a word of a hundred letters
    near = get_close_matches(word[:100].casefold(), folded, 1)
    return folded[near[0]] if near else None


def listed(words: Sequence[str], limit: int = 30) -> str:
    """Return words as `a, b, c`, cut where a list would no longer be read."""
    return ", ".join(words) if len(words) <= limit else ", ".join(words[:limit]) + f" and {len(words) - limit} more"


def shown(value: object, limit: int = 60) -> str:
    """Return a value as the user wrote it, more or less: short, on one line."""
    text = "nothing" if value is None else "a mapping" if isinstance(value, dict) else _written(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)

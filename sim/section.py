"""What makes a frozen dataclass a section of a scenario file.

The rooms describe their own part of a scenario as plain dataclasses, without pydantic, so that a worker stays light.
The hooks below tell the schema at the door (`scenarios.schema`) what a dataclass alone cannot say: which word chooses
among several sections, which short form is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, get_args


def key_of(name: str) -> str:
    """Return the scenario file's key for a field: `from_` holds the key `from`, a word that Python keeps for itself."""
    return name.removesuffix("_")


class Section:
    """A mapping in the scenario file: unknown keys are refused, the docstring under a field is its documentation."""

    __pydantic_config__: ClassVar[dict[str, object]] = {
        "extra": "forbid",
        "allow_inf_nan": False,
        "alias_generator": key_of,
    }


@dataclass(frozen=True)
class Tagged:
    """Mark a union whose member is chosen by the word under `key`; a bare number may stand for the member `number`."""

    key: str
    number: str | None = None

    def expand(self, value: object) -> object:
        """Return the long form of a bare number; anything else as it is."""
        if self.number is not None and isinstance(value, int | float) and not isinstance(value, bool):
            return {self.key: self.number, "value": value}
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import Field
        from pydantic_core import core_schema

        schema = handler.generate_schema(Annotated[source, Field(discriminator=self.key)])
        return core_schema.no_info_before_validator_function(self.expand, schema) if self.number else schema

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        described = handler(schema)
        return {"anyOf": [{"type": "number"}, described]} if self.number else described


@dataclass(frozen=True)
class Shaped:
    """Mark a union whose members, in order, are called `names` and chosen by the value's shape alone."""

    names: tuple[str, ...]
    choose: Callable[[object], str]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        choices = {
            name: handler.generate_schema(member) for name, member in zip(self.names, get_args(source), strict=True)
        }
        return core_schema.tagged_union_schema(choices=choices, discriminator=self.choose)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        return {"anyOf": [handler(choice) for choice in schema["choices"].values()]}


def give_one(*, required: bool = True, **given: object) -> None:
    """Raise ValueError unless exactly one of the values is given; unless `required`, none will do too."""
    present = sum(value is not None for value in given.values())
    if present > 1 or (required and present == 0):
        raise ValueError("give " + ("exactly" if required else "at most") + " one of " + ", ".join(given))

"""What a callable is made of, in a few digits, so that a run folder tells one decision function from another.

Code, constants, defaults, what it closes over, the globals of its own module that it names; of an object its class and
its fields. Other modules are not looked into: the versions of what computes are part of every run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any


def fingerprint(made: Callable[..., Any]) -> str:
    """Return the name of a callable and 8 hexadecimal digits of what it is made of."""
    digest = hashlib.blake2b(digest_size=4)
    for part in _Walk(_module(made)).parts(made):
        digest.update(b"%d:%b" % (len(part), part))
    name = getattr(made, "__qualname__", type(made).__qualname__)
    return f"{_module(made)}.{name}#{digest.hexdigest()}"


def _module(made: object) -> str:
    own = made if hasattr(made, "__qualname__") else type(made)
    return str(getattr(own, "__module__", ""))


class _Walk:
    """One walk through the functions of one module. Holds state: the functions and objects met, walked into once."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._met: dict[int, object] = {}

    def parts(self, value: Any) -> Iterator[bytes]:
        """Yield what a value is made of, in an order that depends on the value alone."""
        yield type(value).__qualname__.encode()
        for part in self._inside(value):
            if isinstance(part, bytes):
                yield part
            else:
                yield from self.parts(part)

    def _inside(self, value: Any) -> Iterator[Any]:
        if isinstance(value, bytes):
            yield bytes(value)
        elif value is None or isinstance(value, str | int | float):
            yield repr(value).encode()
        elif isinstance(value, Mapping):
            yield from (part for entry in value.items() for part in entry)
        elif isinstance(value, list | tuple):
            yield from value
        elif isinstance(value, set | frozenset):
            yield from sorted(map(repr, value))
        elif hasattr(value, "tobytes") and hasattr(value, "dtype"):
            yield from (str(value.dtype), *value.shape)
            yield value.tolist() if value.dtype.hasobject else value.tobytes()
        elif isinstance(value, CodeType):
            yield from (value.co_code, value.co_names, value.co_consts)
        elif id(value) not in self._met:
            self._met[id(value)] = value
            yield from self._once(value)

    def _once(self, value: Any) -> Iterator[Any]:
        if isinstance(value, ModuleType | type):
            yield value.__name__.encode()
        elif isinstance(value, MethodType):
            yield from (value.__func__, value.__self__)
        elif isinstance(value, FunctionType):
            yield from self._function(value)
        else:
            yield from self._object(value)

    def _function(self, function: FunctionType) -> Iterator[Any]:
        yield function.__qualname__.encode()
        if function.__module__ != self._module:
            return
        yield from (function.__code__, function.__defaults__, function.__kwdefaults__)
        yield from (cell.cell_contents for cell in function.__closure__ or ())
        yield from (function.__globals__[name] for name in _names(function.__code__) if name in function.__globals__)

    def _object(self, value: Any) -> Iterator[Any]:
        yield type(value).__dict__.get("__call__")
        if is_dataclass(value):
            yield from ((field.name, getattr(value, field.name)) for field in fields(value))
        else:
            yield from getattr(value, "__dict__", {}).items()


def _names(code: CodeType) -> tuple[str, ...]:
    """Names that a function looks up, those of the functions inside it included."""
    inner = (name for const in code.co_consts if isinstance(const, CodeType) for name in _names(const))
    return (*code.co_names, *inner)

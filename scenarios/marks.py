"""YAML text to a tree that knows where everything stands, or to all that is wrong with it as YAML.

The events of PyYAML's C parser are taken one by one instead of composing nodes: no recursion, so that neither deep nor
self-referring text can exhaust the stack, and aliases are counted as what they expand to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from scenarios.errors import Problem, ScenarioError, shown
from scenarios.scalars import Unclear, meaning
from scenarios.tree import DEEPEST, Node, Place

LARGEST_FILE = 10_000_000
MOST_NODES = 100_000


def read(text: bytes, file: str) -> Node:
    """Return the tree of one YAML document; raise ScenarioError with everything that keeps it from being one."""
    if len(text) > LARGEST_FILE:
        _refuse(Place(file), f"the file has more than {LARGEST_FILE} bytes")
    try:
        content = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        at = Place(file, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        _refuse(at, f"this is no text in UTF-8: byte {text[error.start]:#04x} cannot be read")
    return _Reader(file).document(content)


def read_value(text: str, origin: str) -> Node:
    """Return the tree of a value given on the command line; `origin` stands where a file's place would."""
    return _Reader(origin, Place(origin)).document(text)


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    at: Place
    content: list[Node] | dict[str, Node]
    anchor: str | None
    keys: dict[str, Place] = field(default_factory=dict)
    key: str | None = None
    key_is_next: bool = True
    merged: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


class _Reader:
    """Builds one tree from parser events and keeps the problems met on the way."""

    def __init__(self, file: str, everywhere: Place | None = None) -> None:
        self._file = file
        self._everywhere = everywhere
        self._problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int, int] | None] = {}
        self._nodes = 0
        self._root: Node | None = None

    def document(self, text: str) -> Node:
        documents = 0
        for event in self._events(text):
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    _refuse(self._place(event), "a second document starts here; a scenario is one YAML document")
            elif name in _steps:
                _steps[name](self, event)
        if self._problems:
            raise ScenarioError(self._problems)
        if self._root is None and self._everywhere is None:
            _refuse(Place(self._file, 1, 1), "the file is empty")
        return self._root or Node(None, self._everywhere or Place(self._file))

    def _events(self, text: str) -> Iterator[Any]:
        import yaml  # three times the start of a bare interpreter, and `list` reads no YAML

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            yield from yaml.parse(text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = self._everywhere or Place(self._file, *(() if mark is None else (mark.line + 1, mark.column + 1)))
            tab = "; a tab cannot indent, use spaces" if mark is not None and _is_tab(text, mark) else ""
            self._stop(at, "not YAML: " + ", ".join(part for part in (error.context, error.problem) if part) + tab)
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            self._stop(self._everywhere or _unprintable(text, self._file), f"not YAML: {_reason(error)}")

    def scalar(self, event: Any) -> None:
        at = self._place(event)
        self._untagged(event, at)
        self._count(1, at)
        is_plain = event.implicit[0]
        if self._expects_key():
            self._set_key(event.value, at, is_plain)
            return
        value = event.value
        if is_plain:
            try:
                value = meaning(event.value)
            except Unclear as unclear:
                self._problem(at, str(unclear), event.value)
        self._finish(Node(value, at), event.anchor, 1, 1)

    def start(self, event: Any) -> None:
        at = self._place(event)
        self._untagged(event, at)
        self._count(1, at)
        if len(self._stack) >= DEEPEST:
            self._stop(at, f"nested more than {DEEPEST} levels deep")
        if event.anchor:
            self._anchors[event.anchor] = None
        content: list[Node] | dict[str, Node] = {} if type(event).__name__ == "MappingStartEvent" else []
        self._stack.append(_Open(at, content, event.anchor))

    def end(self, event: Any) -> None:
        done = self._stack.pop()
        if isinstance(done.content, dict):
            for source in done.merged:
                for key, below in source.entries.items():
                    done.content.setdefault(key, below)
                    done.keys.setdefault(key, source.keys[key])
        self._finish(Node(done.content, done.at, done.keys), done.anchor, done.size, done.height)

    def alias(self, event: Any) -> None:
        at = self._place(event)
        if event.anchor not in self._anchors:
            self._stop(at, f"*{event.anchor} names no &{event.anchor} before it")
        anchored = self._anchors[event.anchor]
        if anchored is None:
            self._stop(at, f"*{event.anchor} stands inside of what it names")
        node, size, height = anchored
        self._count(size, at)
        if len(self._stack) + height > DEEPEST:
            self._stop(at, f"nested more than {DEEPEST} levels deep")
        self._finish(node, None, size, height)

    def _finish(self, node: Node, anchor: str | None, size: int, height: int) -> None:
        if anchor:
            self._anchors[anchor] = (node, size, height)
        if not self._stack:
            self._root = node
            return
        parent = self._stack[-1]
        parent.size += size
        parent.height = max(parent.height, height + 1)
        if isinstance(parent.content, list):
            parent.content.append(node)
        elif parent.key_is_next:
            self._problem(node.at, "a key is a word or a number, not a list or a mapping")
            parent.key, parent.key_is_next = None, False
        else:
            self._enter(parent, parent.content, node)

    def _enter(self, parent: _Open, content: dict[str, Node], node: Node) -> None:
        parent.key_is_next = True
        if parent.key == "<<":
            sources = node.value if isinstance(node.value, list) else [node]
            if not all(isinstance(source.value, dict) for source in sources):
                self._problem(node.at, "`<<` merges mappings, and this is none")
            parent.merged += sources
        elif parent.key is not None:
            content[parent.key] = node

    def _expects_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].content, dict) and self._stack[-1].key_is_next

    def _set_key(self, text: str, at: Place, is_plain: bool) -> None:
        parent = self._stack[-1]
        parent.key_is_next, parent.size = False, parent.size + 1
        parent.key = None
        if is_plain and not _is_key(text):
            self._problem(at, f"a key is a word or a number: put {shown(text)} in quotes, or choose another name", text)
        elif text in parent.keys:
            first = parent.keys[text]
            where = f", first at {first.line}:{first.column}" if first.line is not None else ""
            self._problem(at, f"the key {shown(text)} stands twice in this mapping{where}", text)
        else:
            parent.key = text
            if text != "<<":
                parent.keys[text] = at

    def _untagged(self, event: Any, at: Place) -> None:
        if event.tag is not None:
            self._problem(at, f"YAML tags are not used in scenarios, found {shown(event.tag)}")

    def _count(self, nodes: int, at: Place) -> None:
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            self._stop(at, f"more than {MOST_NODES} values, counting each alias in full")

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return self._everywhere or Place(self._file, mark.line + 1, mark.column + 1)

    def _problem(self, at: Place, message: str, value: object = None) -> None:
        self._problems.append(Problem(file=at.file, line=at.line, column=at.column, value=value, message=message))

    def _stop(self, at: Place, message: str) -> NoReturn:
        self._problem(at, message)
        raise ScenarioError(self._problems)


_steps: dict[str, Any] = {
    "ScalarEvent": _Reader.scalar,
    "MappingStartEvent": _Reader.start,
    "SequenceStartEvent": _Reader.start,
    "MappingEndEvent": _Reader.end,
    "SequenceEndEvent": _Reader.end,
    "AliasEvent": _Reader.alias,
}


def _is_key(text: str) -> bool:
    """Tell whether an unquoted key is what it looks like; a number is, since a mark's value can be one."""
    try:
        value = meaning(text)
    except Unclear:
        return False
    return value is not None and not isinstance(value, bool)


def _unprintable(text: str, file: str) -> Place:
    """Find the character that the C parser refuses without saying where."""
    for position, character in enumerate(text):
        if not (character.isprintable() or character in "\t\n\r\x85\xa0\ufeff"):
            before = text[:position]
            return Place(file, before.count("\n") + 1, position - before.rfind("\n"))
    return Place(file)


def _is_tab(text: str, mark: Any) -> bool:
    lines = text.splitlines()
    return bool(mark.line < len(lines) and lines[mark.line].startswith("\t", mark.column))


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", "") or error).splitlines()[0]


def _refuse(at: Place, message: str) -> NoReturn:
    raise ScenarioError([Problem(file=at.file, line=at.line, column=at.column, message=message)])

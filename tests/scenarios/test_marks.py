"""YAML as it comes: what is read, where it stands, and hostile text that never gives more than a located refusal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.load import load
from scenarios.marks import LARGEST_FILE, read, read_value
from scenarios.tree import Place, plain
from tests.scenarios.telling import HEAD, lines, probe


def data(text: str) -> object:
    return plain(read(text.encode(), "f.yaml"))


def refusal(text: str | bytes) -> list[str]:
    with pytest.raises(ScenarioError) as refused:
        read(text if isinstance(text, bytes) else text.encode(), "f.yaml")
    return str(refused.value).splitlines()


def test_every_key_and_every_value_knows_its_line_and_column() -> None:
    tree = read(b"a: 1\nb:\n  - x\n  - {c: 2}\n", "f.yaml")

    assert tree.keys == {"a": Place("f.yaml", 1, 1), "b": Place("f.yaml", 2, 1)}
    assert tree.down(("b", 0))[0].at == Place("f.yaml", 3, 5)
    assert tree.down(("b", 1, "c"))[0].at == Place("f.yaml", 4, 9)
    assert tree.key_place(("b", 1, "c")) == Place("f.yaml", 4, 6)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1", 1),
        ("-1", -1),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("1.5E-3", 0.0015),
        (".5", 0.5),
        ("5.", 5.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ('"no"', "no"),
        ("fifo", "fifo"),
        ("nine", "nine"),
        ("y", "y"),
        ("1-2", "1-2"),
        ("1.2.3", "1.2.3"),
        ("e3", "e3"),
    ],
)
def test_an_unquoted_word_means_what_yaml_1_2_says(written: str, meant: object) -> None:
    (value,) = data(f"k: {written}").values()  # type: ignore[attr-defined]

    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize(
    "written", ["no", "ON", "010", "08", "0o7", "0b1", "1_000", "1_0.5", "12:30", "2024-01-31", "2001-12-14 21:59:43"]
)
def test_a_word_on_which_yaml_readers_disagree_is_refused(written: str) -> None:
    (line,) = refusal(f"k: {written}\n")

    assert line.startswith(f"f.yaml:1:4: YAML readers disagree on an unquoted {written}: ")


@pytest.mark.parametrize("key", ["on", "yes", "No", "true", "null", "~", "2024-01-31"])
def test_a_key_that_yaml_1_1_reads_as_something_else_is_refused_at_its_place(key: str) -> None:
    assert refusal(f"a:\n  {key}: 1\n") == [
        f"f.yaml:2:3: a key is a word or a number: put {key!r} in quotes, or choose another name"
    ]


def test_a_number_as_a_key_is_its_own_text() -> None:
    assert data("{1: a, 2.5: b}") == {"1": "a", "2.5": "b"}


def test_a_key_that_stands_twice_is_told_with_both_places() -> None:
    assert refusal("a:\n  b: 1\n  c: 2\n  b: 3\n") == [
        "f.yaml:4:3: the key 'b' stands twice in this mapping, first at 2:3"
    ]


def test_merge_keys_and_anchors_are_read_and_what_is_written_wins() -> None:
    assert data("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}\nc: {<<: [*x, {r: 4}]}\n") == {
        "a": {"p": 1, "q": 2},
        "b": {"q": 3, "p": 1},
        "c": {"p": 1, "q": 2, "r": 4},
    }


def test_a_merged_value_keeps_the_place_where_it_was_written() -> None:
    tree = read(b"a: &x\n  p: 1\nb:\n  <<: *x\n", "f.yaml")

    assert tree.down(("b", "p"))[0].at == Place("f.yaml", 2, 6)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f.yaml:1:1: the file is empty"),
        ("# nothing\n", "f.yaml:1:1: the file is empty"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document starts here; a scenario is one YAML document"),
        (
            "a: !!python/object:os.system x",
            "f.yaml:1:4: YAML tags are not used in scenarios, found 'tag:yaml.org,2002:python/object:os.system'",
        ),
        ("a: !!str 3", "f.yaml:1:4: YAML tags are not used in scenarios, found 'tag:yaml.org,2002:str'"),
        ("a: &x [*x]", "f.yaml:1:8: *x stands inside of what it names"),
        ("a: *x", "f.yaml:1:4: *x names no &x before it"),
        ("? [1]\n: 2", "f.yaml:1:3: a key is a word or a number, not a list or a mapping"),
        ("a: {<<: 3}", "f.yaml:1:9: `<<` merges mappings, and this is none"),
        ("a: \x01", "f.yaml:1:4: not YAML: control characters are not allowed"),
        (b"a: 1\nb: \xff", "f.yaml:2:4: this is no text in UTF-8: byte 0xff cannot be read"),
        (b"\xff\xfea\x00", "f.yaml:1:1: this is no text in UTF-8: byte 0xff cannot be read"),
        ("[" * 100_000, "f.yaml:1:101: nested more than 100 levels deep"),
        ("a: 9" + "9" * 30, "f.yaml:1:4: whole numbers end at 9223372036854775807"),
    ],
)
def test_hostile_text_is_refused_at_its_place(text: str | bytes, told: str) -> None:
    assert refusal(text) == [told]


def test_malformed_yaml_is_told_with_the_parsers_own_reason() -> None:
    (line,) = refusal("a: 1\nb: [1, 2\nc: 3\n")

    assert line.startswith("f.yaml:3:")
    assert "not YAML: " in line
    assert "flow sequence" in line


def test_a_tab_that_indents_is_named() -> None:
    (line,) = refusal("a:\n\tb: 1\n")

    assert line.startswith("f.yaml:2:1: not YAML: ")
    assert line.endswith("; a tab cannot indent, use spaces")


def test_aliases_that_expand_without_measure_are_refused() -> None:
    text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for name, below in zip("bcdefghi", "abcdefgh", strict=True):
        text += f"{name}: &{name} [{','.join([f'*{below}'] * 9)}]\n"

    (line,) = refusal(text)

    assert line.endswith("more than 100000 values, counting each alias in full")


def test_aliases_that_nest_without_measure_are_refused() -> None:
    text = "".join(f"a{i}: &a{i} [{f'*a{i - 1}' if i else 'x'}]\n" for i in range(200))

    (line,) = refusal(text)

    assert line.endswith("nested more than 100 levels deep")


def test_a_file_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, b"a" * (LARGEST_FILE + 1))

    assert line == "probe.yaml: the file has more than 10000000 bytes"


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="this system has no file without an end")  # noqa: PTH110
def test_a_file_without_an_end_is_refused() -> None:
    with pytest.raises(ScenarioError, match="more than 10000000 bytes"):
        load("/dev/zero")


def test_a_value_of_the_command_line_has_the_setting_as_its_place() -> None:
    tree = read_value("{law: constant, value: 1e3}", "--set a={law: constant, value: 1e3}")

    assert plain(tree) == {"law": "constant", "value": 1000.0}
    assert tree.keys["law"] == Place("--set a={law: constant, value: 1e3}")
    assert read_value("", "--set a=").value is None


@pytest.mark.parametrize("text", ["- 1\n", "word\n", "3\n", "null\n"])
def test_a_scenario_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    (line,) = lines(tmp_path, text)

    assert line.startswith("probe.yaml:1:1: a scenario is a mapping of keys to values, this is ")


@pytest.mark.parametrize("name", ["a.b", "a b", "1a", "a/b", "ä-ö!", '"\\0"'])
def test_a_block_with_a_name_that_no_dotted_key_could_hold_is_refused(tmp_path: Path, name: str) -> None:
    (told, *_) = lines(tmp_path, probe("NAME", name, HEAD + "blocks:\n  NAME: {kind: sink}\n"))

    assert told.startswith("probe.yaml:5:3: blocks.")
    assert "is no name" in told

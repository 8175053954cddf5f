"""The pictures of the documents are current, and the files that they name are there."""

from __future__ import annotations

from pathlib import Path

from docs.pictures import BOXES, FLOW, flow
from tests.looptwin.page.svg import read

ROOT = Path(__file__).resolve().parents[2]


def test_the_picture_of_the_loop_is_what_its_script_draws() -> None:
    assert FLOW.read_text(encoding="utf-8") == flow(), "run `python -m docs.pictures`"


def test_every_file_in_the_picture_of_the_loop_is_there() -> None:
    assert not [box.file for box in BOXES if not (ROOT / box.file).is_file()]


def test_the_picture_of_the_loop_shows_each_step_with_its_file() -> None:
    shown = [one.text for one in read(flow()).iter() if one.text]

    for box in BOXES:
        folder, _, name = box.file.rpartition("/")
        assert {box.label, f"{folder}/", name} <= set(shown)

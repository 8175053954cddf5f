"""What the page on a user's own history shows is what `looptwin fit` prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.test_documents import NUMBER, ROOT, blocks, numbers

PAGE = "docs/history.md"


def test_the_page_shows_what_the_fit_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Word by word; a number may differ by the rounding of another processor."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.yaml").write_text(blocks(PAGE, "yaml")[0], encoding="utf-8")
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    shown = re.search(r"<!-- fit:begin -->\n```\n(.*?)```\n<!-- fit:end -->", text, flags=re.DOTALL)
    assert shown is not None

    names: dict[str, object] = {}
    for block in blocks(PAGE, "python")[:2]:
        exec(compile(block, PAGE, "exec"), names)  # noqa: S102 - running what the page shows is the test

    printed = capsys.readouterr().out[: len(shown[1])]
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", shown[1]).split()
    for whole in (True, False):
        assert numbers(printed, whole=whole) == pytest.approx(numbers(shown[1], whole=whole), rel=1e-3)

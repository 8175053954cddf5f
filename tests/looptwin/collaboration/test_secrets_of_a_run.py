"""What a federation draws in a run stands in none of its files and tables, and on neither output."""

from __future__ import annotations

from pathlib import Path

import pytest

import looptwin as lt
from tests.learning.hunt import planted
from tests.looptwin.collaboration import joined


@pytest.mark.parametrize("word", ["shared_key", "threshold"])
def test_no_file_of_a_run_holds_a_secret_of_its_federation(
    word: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    change = {"collaboration.mode": "federated", "collaboration.protection": word, "verification.enabled": False}
    with planted() as found:
        run = lt.run(joined.scenario().override(change))
        run.save(tmp_path / "kept")
    out, err = capfd.readouterr()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert len(found.raw) > 2
    assert len(files) > 5
    assert [path for path in files if found.in_bytes(path.read_bytes())] == []
    for text in (out, err, repr(run), run.crossings.to_string(), str(vars(run))):
        assert not found.in_text(text)

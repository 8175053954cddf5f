"""What the documents show is what the product does: their code runs, their generated pages are current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
PAGES = (
    "README.md",
    "docs/tutorial.md",
    "docs/history.md",
    "docs/sharing.md",
    "docs/assumptions.md",
    "docs/five-factories.md",
    "docs/your-own-regression.md",
)


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs_from_top_to_bottom(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, scenario in enumerate(blocks(page, "yaml")):
        name = re.search(r"^name: (\S+)$", scenario, flags=re.MULTILINE)
        assert name is not None, f"yaml block {number} of {page} has no name"
        (tmp_path / f"{name[1]}.yaml").write_text(scenario, encoding="utf-8")
    code = blocks(page, "python")
    assert code, page

    names: dict[str, object] = {}
    for block in code:
        exec(compile(block, page, "exec"), names)  # noqa: S102 - running what the page shows is the test


def test_the_scenario_reference_is_what_the_schema_gives() -> None:
    from docs.reference import PAGE, page

    assert PAGE.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_mistake_that_the_tutorial_shows_is_answered_as_it_says(tmp_path: Path) -> None:
    from scenarios.errors import ScenarioError
    from scenarios.load import load

    shown = next(line for line in (ROOT / "docs/tutorial.md").read_text().splitlines() if "'statoin'" in line)
    wrong = blocks("docs/tutorial.md", "yaml")[0].replace("kind: station", "kind: statoin")
    path = tmp_path / "bench.yaml"
    path.write_text(wrong, encoding="utf-8")

    with pytest.raises(ScenarioError) as refused:
        load(path)

    assert shown in str(refused.value).replace(str(tmp_path) + "/", "")


def numbers(text: str, *, whole: bool) -> list[float]:
    return [float(found.replace(",", "")) for found in NUMBER.findall(text) if ("." in found) != whole]


@pytest.mark.parametrize("name", ["demo", "studies"])
def test_the_readme_shows_what_the_commands_print(name: str) -> None:
    """Word by word; a number may differ by what another processor's rounding moves across a threshold."""
    from docs.readme import PRINTS, shown

    found, expected = PRINTS[name](), shown(name)

    assert NUMBER.sub("#", found).split() == NUMBER.sub("#", expected).split(), "run `make docs`"
    assert numbers(found, whole=True) == pytest.approx(numbers(expected, whole=True), rel=0.03, abs=3.0)
    assert numbers(found, whole=False) == pytest.approx(numbers(expected, whole=False), rel=0.03, abs=0.05)

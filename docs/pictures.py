"""Write the pictures of the documents: `python -m docs.pictures`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from looptwin.page.charts import Element, Heading, Point, Size, drawing, shape, words, written

FLOW = Path(__file__).with_name("flow.svg")

WIDTH, HEIGHT, ACROSS, DOWN = 134.0, 54.0, 160.0, 118.0
"""Size of a box, and the steps from one column or row to the next, pixels."""

STYLE = """
  text { font: 14px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #1c2430; }
  .file { font: 10.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #566272; }
  .note { font-size: 12px; fill: #566272; }
  .box { fill: #f5f7f9; stroke: #aab4bf; }
  .arrow { fill: none; stroke: #3c8d7d; stroke-width: 1.8; }
  .head { fill: #3c8d7d; }
  .border { fill: none; stroke: #c77d2e; stroke-width: 1.5; stroke-dasharray: 5 4; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e4e8ed; } .file, .note { fill: #a3adb9; } .box { fill: #1c2229; stroke: #56616d; }
    .arrow { stroke: #5db3a2; } .head { fill: #5db3a2; } .border { stroke: #dd9a52; }
  }
"""


class Box(NamedTuple):
    """A step of the loop: its place in columns and rows, what it is, and the file where it starts."""

    column: float
    row: float
    label: str
    file: str

    @property
    def at(self) -> Point:
        """Its left upper corner."""
        return 8.0 + self.column * ACROSS, 34.0 + self.row * DOWN


SCENARIO = Box(0, 0, "Scenario", "scenarios/load.py")
WORLD = Box(1, 0, "World", "sim/world.py")
VIEW = Box(2, 0, "A party's view", "sim/views.py")
FEATURES = Box(3, 0, "Features, labels", "looptwin/collaboration/sites.py")
SEALED = Box(4, 0, "Sealed update", "learning/protect.py")
SUM = Box(5.25, 0.5, "Encrypted sum", "learning/ends.py")
MODEL = Box(4, 1, "Opened, a model", "learning/rounds.py")
PREDICTION = Box(3, 1, "Prediction", "looptwin/collaboration/policy.py")
VERDICT = Box(2, 1, "Verdict", "verify/verifier.py")
DISPOSITION = Box(1, 1, "Disposition", "sim/parties/chain.py")
FIGURES = Box(0, 1, "Figures, page", "looptwin/page/page.py")

BOXES = (SCENARIO, WORLD, VIEW, FEATURES, SEALED, SUM, MODEL, PREDICTION, VERDICT, DISPOSITION, FIGURES)
ALONG = ((SCENARIO, WORLD), (WORLD, VIEW), (VIEW, FEATURES), (FEATURES, SEALED))
"""Arrows to the right; those of the lower row go back."""
BACK = ((MODEL, PREDICTION), (PREDICTION, VERDICT), (VERDICT, DISPOSITION))


def flow() -> str:
    """Return the loop that the product closes, as SVG, with the file to open under each step."""
    told = "; ".join(f"{box.label}: {box.file}" for box in BOXES)
    picture = drawing(Heading("flow", "The loop that looptwin closes", told), Size(994.0, 216.0))
    picture.set("xmlns", "http://www.w3.org/2000/svg")
    style = shape(picture, "style", "")
    style.text = STYLE
    del style.attrib["class"]
    _border(picture)
    for start, end in ALONG:
        _arrow(picture, (start.at[0] + WIDTH, _middle(start)), (end.at[0], _middle(end)))
    for start, end in BACK:
        _arrow(picture, (start.at[0], _middle(start)), (end.at[0] + WIDTH, _middle(end)))
    centre = WORLD.at[0] + WIDTH / 2.0
    _arrow(picture, (centre, DISPOSITION.at[1]), (centre, WORLD.at[1] + HEIGHT))
    _arrow(picture, (WORLD.at[0], WORLD.at[1] + HEIGHT), (FIGURES.at[0] + WIDTH, FIGURES.at[1]))
    _arrow(picture, (SEALED.at[0] + WIDTH, _middle(SEALED)), (SUM.at[0], _middle(SUM) - 12.0))
    _arrow(picture, (SUM.at[0], _middle(SUM) + 12.0), (MODEL.at[0] + WIDTH, _middle(MODEL)))
    for box in BOXES:
        _box(picture, box)
    return written(picture) + "\n"


def _middle(box: Box) -> float:
    return box.at[1] + HEIGHT / 2.0


def _box(picture: Element, box: Box) -> None:
    x, y = box.at
    shape(picture, "rect", "box", x=x, y=y, width=WIDTH, height=HEIGHT, rx=4.0)
    words(picture, (x + WIDTH / 2.0, y + 20.0), box.label, "label", anchor="middle")
    folder, _, name = box.file.rpartition("/")
    words(picture, (x + WIDTH / 2.0, y + 34.0), f"{folder}/", "file", anchor="middle")
    words(picture, (x + WIDTH / 2.0, y + 46.0), name, "file", anchor="middle")


def _border(picture: Element) -> None:
    """Draw what nothing leaves but sealed: the line around what one party holds."""
    left, right = VIEW.at[0] - 13.0, SEALED.at[0] + WIDTH + 13.0
    top, bottom = VIEW.at[1] - 12.0, MODEL.at[1] + HEIGHT + 8.0
    shape(picture, "rect", "border", x=left, y=top, width=right - left, height=bottom - top, rx=8.0)
    words(
        picture,
        ((left + right) / 2.0, top - 6.0),
        "one party's border: what learning sends over it is a row of the run",
        "note",
        anchor="middle",
    )


def _arrow(picture: Element, start: Point, end: Point) -> None:
    (x0, y0), (x1, y1) = start, end
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    across, down = (x1 - x0) / length, (y1 - y0) / length
    back = (x1 - 8.0 * across, y1 - 8.0 * down)
    shape(picture, "line", "arrow", x1=x0, y1=y0, x2=back[0], y2=back[1])
    left = (back[0] - 4.0 * down, back[1] + 4.0 * across)
    right = (back[0] + 4.0 * down, back[1] - 4.0 * across)
    shape(picture, "polygon", "head", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in (end, left, right)))


if __name__ == "__main__":
    FLOW.write_text(flow(), encoding="utf-8")

"""Pictures of scenarios: bars in SVG, for light and for dark pages.

One bar for each peer, the best one first; the thin line on a bar runs from the lower to the upper
quartile of the rounds. A bar that is far longer than ours is cut, which two strokes show, and its
figure says how long it is. A picture has no dependency but the reader's fonts, and follows from the
results alone, to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from tests.bench.report import FIGURES, best_first, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.bench.harness import Result

WIDTH: Final = 720
MARGIN: Final = 16
LABELS: Final = 132  # For the names, left of the bars.
VALUES: Final = 84  # For the figures, right of the longest bar.
TOP: Final = 62
ROW: Final = 26
BAR: Final = 16
OURS_AT_LEAST: Final = 8.0  # No bar is more than so many times as long as our longest one.
STYLE: Final = """\
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 15px; font-weight: 600; }
    .note { font-size: 12px; fill: #59636e; }
    .ours { font-weight: 600; }
    .page { fill: #ffffff; }
    .bar { fill: #9aa7b4; }
    .bar.ours { fill: #0969da; }
    .bar.floor { fill: #d6dce2; }
    .range, .axis { stroke: #1f2328; stroke-width: 1; }
    .axis { stroke: #c3cad1; }
    .cut { stroke: #ffffff; stroke-width: 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .note { fill: #9198a1; }
      .page { fill: #0d1117; }
      .bar { fill: #5b6672; }
      .bar.ours { fill: #4493f8; }
      .bar.floor { fill: #363e48; }
      .range { stroke: #e6edf3; }
      .axis { stroke: #3d444d; }
      .cut { stroke: #0d1117; }
    }
  </style>"""
# These are no clients: what the system takes, and what h11 takes.
FLOORS: Final = frozenset({"raw_socket", "h11_by_hand", "h11_async", "bare"})


def draw(result: Result) -> str:
    """Draw a scenario that was measured with at least one peer."""
    figure = FIGURES[result.scenario.kind][0]
    size = size_of(result)
    peers = best_first(result)
    medians = {
        peer: figure.value(result.series[peer].median(figure.measure), size) for peer in peers
    }
    longest = _longest(medians)
    room = WIDTH - 2 * MARGIN - LABELS - VALUES
    height = TOP + ROW * len(peers) + MARGIN
    start = MARGIN + LABELS

    def place(value: float) -> float:
        return start + room * max(0.0, min(value / longest, 1.0))

    better = "more is better" if figure.is_rate else "less is better"
    said = ", ".join(f"{peer} {medians[peer]:.{figure.digits}f}" for peer in peers)
    extent = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {extent} role="img">',
        f"  <title>{escape(result.title)}</title>",
        f"  <desc>{escape(figure.unit)}, {better}: {escape(said)}</desc>",
        STYLE,
        f'  <rect class="page" width="{WIDTH}" height="{height}" rx="6"/>',
        f'  <text class="title" x="{MARGIN}" y="26">{escape(result.title)}</text>',
        f'  <text class="note" x="{MARGIN}" y="46">{escape(figure.unit)}, median; {better}</text>',
    ]
    for number, peer in enumerate(peers):
        top = TOP + ROW * number
        ends = [
            figure.value(end, size) if end > 0 or not figure.is_rate else medians[peer]
            for end in result.series[peer].quartiles(figure.measure)
        ]
        low, high = sorted(place(end) for end in ends)
        lines += _row(
            peer,
            top=top,
            end=place(medians[peer]),
            whisker=(low, high),
            text=f"{medians[peer]:,.{figure.digits}f}",
            cut=medians[peer] > longest,
        )
    axis = f'x1="{start}" y1="{TOP - 4}" x2="{start}" y2="{height - MARGIN + 2}"'
    lines += [f'  <line class="axis" {axis}/>', "</svg>", ""]
    return "\n".join(lines)


def _longest(medians: dict[str, float]) -> float:
    """The figure that a bar of full length stands for."""
    most = max(medians.values())
    ours = [value for peer, value in medians.items() if peer.startswith("sojourn")]
    if not ours or max(ours) <= 0:
        return most if most > 0 else 1.0
    return min(most, OURS_AT_LEAST * max(ours))


def _row(
    peer: str, *, top: int, end: float, whisker: tuple[float, float], text: str, cut: bool
) -> Iterator[str]:
    """One bar with its name and its figure."""
    start = MARGIN + LABELS
    whose = " ours" if peer.startswith("sojourn") else " floor" if peer in FLOORS else ""
    baseline, middle = top + BAR - 3, top + BAR / 2
    name = peer.replace("_", " ")
    yield (
        f'  <text class="name{whose}" x="{start - 8}" y="{baseline}" '
        f'text-anchor="end">{escape(name)}</text>'
    )
    yield (
        f'  <rect class="bar{whose}" x="{start}" y="{top}" width="{end - start:.1f}" '
        f'height="{BAR}"/>'
    )
    if cut:
        for left in (end - 18, end - 11):
            yield (
                f'  <line class="cut" x1="{left:.1f}" y1="{top + BAR + 1}" '
                f'x2="{left + 5:.1f}" y2="{top - 1}"/>'
            )
    elif whisker[1] - whisker[0] >= 1:
        low, high = whisker
        yield (
            f'  <line class="range" x1="{low:.1f}" y1="{middle:.0f}" '
            f'x2="{high:.1f}" y2="{middle:.0f}"/>'
        )
    after = end if cut else max(end, whisker[1])
    yield f'  <text class="value{whose}" x="{after + 6:.1f}" y="{baseline}">{text}</text>'


def draw_all(results: Iterable[Result], folder: Path) -> list[Path]:
    """Draw each scenario into a file of its name; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for result in results:
        if result.series:
            path = folder / f"{result.scenario.name}.svg"
            path.write_text(draw(result), encoding="utf-8")
            paths.append(path)
    return paths

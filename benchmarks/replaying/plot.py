"""Bill against survival, a panel for each path. Needs matplotlib, and no network."""

import datetime
from collections.abc import Iterator
from itertools import product

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from benchmarks.replaying.clairvoyant import CLAIRVOYANTS
from benchmarks.replaying.comparators import COMPARATORS
from benchmarks.replaying.policies import OWN
from benchmarks.replaying.tables import Row, title

DEAREST = 12  # percent; what costs more stands at the edge, with its figure
GROUPS = {  # marker, size, colour
    "ctxpack": ("o", 9, "#c0392b"),
    "peers": ("s", 5, "#2c6fbb"),
    "plain comparators": ("^", 5, "#888888"),
    "clairvoyants": ("*", 10, "#2e8b57"),
}
LEFT_OUT = ("nothing", "drop")  # known beforehand
# Where a label may stand, in points from its mark: sides first, then farther off.
PLACES = [(x, y) for y, x in product((0, 9, -9, 18, -18, 27, -27, 36), (8, -8))]


def draw(rows: list[Row], file: str) -> None:
    """Draws the pooled rows of the smallest constant block."""
    constant = min(int(row["constant"]) for row in rows)
    rows = [row for row in rows if row["session"] == "all" and row["constant"] == constant]
    paths = list(dict.fromkeys(str(row["path"]) for row in rows))
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "ctxpack", "font.size": 8})
    figure = Figure(figsize=(6.5 * len(paths), 5.5), layout="constrained")
    for axes, path in zip(figure.subplots(1, len(paths), squeeze=False)[0], paths, strict=True):
        _panel(figure, axes, [row for row in rows if row["path"] == path])
        axes.set_title(title(path))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(GROUPS) + 1)
    today = datetime.datetime.now(datetime.UTC).date()
    figure.suptitle(f"Input bill against references that stay visible ({today}; {constant:,} constant tokens)")
    figure.savefig(file, metadata={"Date": None} if file.endswith(".svg") else None, dpi=110)


def _panel(figure: Figure, axes: Axes, rows: list[Row]) -> None:
    shown = [row for row in rows if row.get("visible") is not None and row["policy"] not in LEFT_OUT]
    axes.set(xlabel="input bill, 5m prices, change in %", ylabel="references visible, %")
    axes.set_yticks(range(0, 101, 10))
    axes.set_ylim(min(float(row["visible"]) for row in shown) - 6, 110)
    axes.set_xlim(min(float(row["5m"]) for row in rows) - 6, DEAREST + 4)
    axes.grid(alpha=0.25)
    for row in rows:
        if row["policy"] == "lower bound, entry":
            axes.axvline(float(row["5m"]), color="#2e8b57", linestyle=":", label="lower bound, own text kept")
    for group, (marker, size, colour) in GROUPS.items():
        of_group = [row for row in shown if _group(str(row["policy"])) == group]
        points = sorted((min(float(row["5m"]), DEAREST), float(row["visible"])) for row in of_group)
        axes.plot(*_columns(points), marker, markersize=size, color=colour, alpha=0.85, label=group)
        if group == "ctxpack":
            best = [point for at, point in enumerate(points) if all(point[1] > other[1] for other in points[:at])]
            axes.plot(*_columns(best), color=colour, linewidth=1)
    _label(figure, axes, shown)


def _columns(points: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


def _group(policy: str) -> str:
    if policy in OWN:
        return "ctxpack"
    if policy in CLAIRVOYANTS:
        return "clairvoyants"
    return "plain comparators" if policy in COMPARATORS else "peers"


def _label(figure: Figure, axes: Axes, rows: list[Row]) -> None:
    """Names beside their marks, where they cover neither marks nor other names."""
    figure.draw_without_rendering()
    points = {str(row["policy"]): (min(float(row["5m"]), DEAREST), float(row["visible"])) for row in rows}
    taken = [Bbox.from_bounds(x - 4, y - 4, 8, 8) for x, y in axes.transData.transform(list(points.values()))]
    frame = axes.get_window_extent()
    for row in sorted(rows, key=lambda row: _group(str(row["policy"])) != "ctxpack"):
        policy = str(row["policy"])
        name = policy.partition(" (")[0] + (f": {row['5m']:+.0f} %" if float(row["5m"]) > DEAREST else "")
        weight = "bold" if policy in OWN else "normal"
        for place in _places():
            text = axes.annotate(
                name, points[policy], place, textcoords="offset points", va="center", fontsize=7, weight=weight,
                ha="left" if place[0] > 0 else "right",
                arrowprops={"arrowstyle": "-", "lw": 0.4, "color": "#999999"} if abs(place[1]) > 9 else None,
            )  # fmt: skip
            text.get_window_extent()  # puts it in its place
            box = Text.get_window_extent(text).padded(2)  # without the arrow
            if frame.contains(*box.min) and frame.contains(*box.max) and not any(map(box.overlaps, taken)):
                taken.append(box)
                break
            text.remove()


def _places() -> Iterator[tuple[int, int]]:
    yield from PLACES
    yield from ((x, y) for y, x in product(range(-36, -200, -9), (8, -8, 40, -40, 80, -80)))

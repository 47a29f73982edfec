"""The geometry of charts: values in, coordinates and paths of an SVG out. Pure; templates draw what is found here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Room for the figures on the left, the labelled last value on the right, and the labels below, in SVG units.
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 58, 14, 26
_WIDE, _SLIM = (720, 220), (340, 200)
_STEPS = (1, 2, 2.5, 5, 10)
_LABEL_WIDTH = {False: 56, True: 44}
_LINE_HEIGHT = 14


@dataclass(frozen=True, slots=True)
class GridLine:
    """One figure of the scale and where its line runs."""

    y: float
    value: float
    is_axis: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Text under the chart, centred on `x`."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What every chart has: its size, the plot's edges, the grid and the labels below."""

    width: int
    height: int
    left: float
    right: float
    bottom: float
    grid: tuple[GridLine, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Paths are SVG path data, empty without values. `area` only where the scale starts at zero."""

    frame: Frame
    line: str
    area: str
    previous: str
    last_x: float
    last_y: float
    last: float | None
    target_y: float | None
    target_text_y: float | None


@dataclass(frozen=True, slots=True)
class Column:
    """One bar, standing on the axis."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: float | None


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Bars that start at zero."""

    frame: Frame
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A path in a box of 88 × 20, and its last point."""

    path: str
    x: float
    y: float


def line_geometry(
    labels: Sequence[str],
    values: Sequence[float | None],
    previous: Sequence[float | None] = (),
    target: float | None = None,
    *,
    slim: bool = False,
) -> LineChart:
    """A line over time with, in grey, the line it is compared with. None in `values` is a gap."""
    known = [value for value in (*values, *previous, target) if value is not None]
    low, high, step = _scale(known, from_zero=False)
    frame = _frame(labels, low, high, step, slim=slim, inset=0)
    line, before = _points(values, frame, low, high), _points(previous, frame, low, high)
    last = next((value for value in reversed(values) if value is not None), None)
    last_x, last_y = next((point for point in reversed(line) if point), (frame.left, frame.bottom))
    target_y = None if target is None else _y(target, low, high, frame)
    return LineChart(
        frame=frame,
        line=_path(line),
        area=_area(line, frame.bottom) if low == 0 else "",
        previous=_path(before),
        last_x=last_x,
        last_y=last_y,
        last=last,
        target_y=target_y,
        target_text_y=None if target_y is None else _clear_of(target_y, last_y),
    )


def column_geometry(labels: Sequence[str], values: Sequence[float | None], *, slim: bool = False) -> ColumnChart:
    """A bar per label, for example the hours of a day."""
    low, high, step = _scale([value for value in values if value is not None], from_zero=True)
    slot = _plot_width(slim=slim) / max(len(values), 1)
    frame = _frame(labels, low, high, step, slim=slim, inset=slot / 2)
    width = round(min(slot * 0.7, 40), 1)
    columns = []
    for index, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = _y(value or 0, low, high, frame)
        x = round(frame.left + slot * (index + 0.5) - width / 2, 1)
        columns.append(Column(x, y, width, round(frame.bottom - y, 1), label, value))
    return ColumnChart(frame, tuple(columns))


def sparkline_geometry(values: Sequence[float], low: float | None = None, high: float | None = None) -> Sparkline:
    """A small trend; give `low` and `high` so that the lines of one table share their scale."""
    if not values:
        return Sparkline("", 0, 0)
    low = min(values) if low is None else low
    spread = ((max(values) if high is None else high) - low) or 1
    step = 84 / max(len(values) - 1, 1)
    points = [(round(2 + i * step, 1), round(18 - (value - low) / spread * 16, 1)) for i, value in enumerate(values)]
    return Sparkline(_path(points), *points[-1])


def _scale(values: Sequence[float], *, from_zero: bool) -> tuple[float, float, float]:
    """Lowest and highest figure and the step between, round numbers around all values.

    Zero is the lowest unless the values lie so far above it that their changes would be flat.
    """
    if not values:
        return 0, 1, 1
    lowest, highest = min(values), max(values)
    if from_zero or lowest < 0 or lowest < highest / 2:
        lowest = min(lowest, 0)
    spread = (highest - lowest) or abs(highest) or 1
    magnitude = 10.0 ** math.floor(math.log10(spread / 4))
    step = next(factor * magnitude for factor in _STEPS if factor * magnitude * 5 > spread)
    low = math.floor(lowest / step) * step
    high = max(math.ceil(highest / step) * step, low + step)
    return round(low, 10), round(high, 10), step


def _frame(labels: Sequence[str], low: float, high: float, step: float, *, slim: bool, inset: float) -> Frame:
    width, height = _SLIM if slim else _WIDE
    bare = Frame(width, height, _LEFT, width - _RIGHT, height - _BOTTOM, (), ())
    grid = tuple(
        GridLine(_y(value, low, high, bare), value, value == low)
        for value in (round(low + i * step, 10) for i in range(round((high - low) / step) + 1))
    )
    gap = (_plot_width(slim=slim) - 2 * inset) / max(len(labels) - 1, 1)
    every = max(math.ceil(_LABEL_WIDTH[slim] / gap), 1) if gap else 1
    marks = tuple(
        Mark(round(bare.left + inset + i * gap, 1), label)
        for i, label in enumerate(labels)
        if (len(labels) - 1 - i) % every == 0
    )
    return Frame(width, height, bare.left, bare.right, bare.bottom, grid, marks)


def _plot_width(*, slim: bool) -> float:
    return (_SLIM if slim else _WIDE)[0] - _LEFT - _RIGHT


def _y(value: float, low: float, high: float, frame: Frame) -> float:
    return round(frame.bottom - (value - low) / (high - low) * (frame.bottom - _TOP), 1)


def _points(values: Sequence[float | None], frame: Frame, low: float, high: float) -> list[tuple[float, float] | None]:
    gap = (frame.right - frame.left) / max(len(values) - 1, 1)
    return [
        None if value is None else (round(frame.left + i * gap, 1), _y(value, low, high, frame))
        for i, value in enumerate(values)
    ]


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Path data that starts anew after each gap."""
    parts, pen_down = [], False
    for point in points:
        if point:
            parts.append(f"{'L' if pen_down else 'M'}{point[0]:g} {point[1]:g}")
        pen_down = point is not None
    return "".join(parts)


def _area(points: Sequence[tuple[float, float] | None], bottom: float) -> str:
    """The surface under an unbroken line; a line with gaps has none."""
    known = [point for point in points if point]
    if not known or len(known) < len(points):
        return ""
    return f"{_path(known)}L{known[-1][0]:g} {bottom:g}L{known[0][0]:g} {bottom:g}Z"


def _clear_of(y: float, other: float) -> float:
    """Where a label at `y` is written so that it does not lie over the one at `other`."""
    if abs(y - other) >= _LINE_HEIGHT:
        return y
    return other - _LINE_HEIGHT if y <= other else other + _LINE_HEIGHT

"""Geometry of charts: functions that convert values to SVG coordinates and paths.

They are pure; templates draw the result.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

#: Space for the figures on the left and the labels below, in SVG units.
_LEFT, _TOP, _BOTTOM = 44, 14, 26
#: Space on the right: for the label of a line's last value, and for half a label under the last column.
_BESIDE_LINE, _BESIDE_COLUMNS = 58, 12
_WIDE, _SLIM = (720, 220), (340, 200)
_LABEL_WIDTH = {False: 56, True: 44}
_LINE_HEIGHT = 14
_MAX_STEPS = 6
_DECIMAL_STEPS = (1, 2, 5, 10)
_DURATION_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
#: Allowed intervals between labels, so that hours, weekdays and days of a month fall on round ones.
_EVERY = (1, 2, 3, 4, 6, 7, 12, 14, 28)


@dataclass(frozen=True, slots=True)
class GridLine:
    """One value of the scale and the position of its line."""

    y: float
    value: float
    is_axis: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Text under the chart, centered on `x`."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Common parts of every chart: its size, the plot's edges, the grid and the labels below."""

    width: int
    height: int
    left: float
    right: float
    bottom: float
    #: Number of decimals of the scale's values.
    decimals: int = 0
    grid: tuple[GridLine, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class HollowPoint:
    """A point that can't be compared with the others, for the reason in `note`; the comparison's series is 2."""

    x: float
    y: float
    series: int
    note: str


@dataclass(frozen=True, slots=True)
class LineChart:
    """Line chart; paths are SVG path data, empty without values.

    `area` is also empty if the line has gaps or the scale doesn't start at zero. `is_last_hollow` is True if the last
    value is one of the `hollow` points.
    """

    frame: Frame
    line: str
    area: str
    previous: str
    hollow: tuple[HollowPoint, ...]
    last_x: float
    last_y: float
    last: float | None
    is_last_hollow: bool
    target_y: float | None
    target_text_y: float | None


@dataclass(frozen=True, slots=True)
class Column:
    """One bar that starts at the axis."""

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
class SignedBar:
    """A bar that starts at the zero line `zero`, to the right if its value is positive; all are shares of the width."""

    zero: float
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A small trend line: a path in a box of 88 × 20, and its last point."""

    path: str
    x: float
    y: float


def line_geometry(
    labels: Sequence[str],
    values: Sequence[float | None],
    previous: Sequence[float | None] = (),
    target: float | None = None,
    *,
    kind: str = "number",
    slim: bool = False,
    notes: Sequence[str | None] = (),
    previous_notes: Sequence[str | None] = (),
) -> LineChart:
    """Compute the line of `values` over time, and the gray line of `previous` that it is compared with.

    None in the values is a gap. Both lines start at the left and have the same distance from point to point, so that
    the shorter one ends earlier; only the steps of `labels` have labels. Points with a note are hollow.
    """
    known = [value for value in (*values, *previous, target) if value is not None]
    scale = _scale(known, kind, from_zero=False)
    frame = _frame(scale, slim=slim, beside=_BESIDE_LINE)
    gap = (frame.right - frame.left) / max(len(labels) - 1, len(previous) - 1, 1)
    line, before = _points(values, frame, scale, gap), _points(previous, frame, scale, gap)
    hollow = (*_hollow(line, notes, 1), *_hollow(before, previous_notes, 2))
    last = next((value for value in reversed(values) if value is not None), None)
    last_x, last_y = next((point for point in reversed(line) if point), (frame.left, frame.bottom))
    target_y = None if target is None else _y(target, scale, frame)
    return LineChart(
        # the last label is always shown, because its value is labeled
        frame=replace(frame, marks=_marks(labels, frame.left, gap, slim=slim, anchor=len(labels) - 1)),
        line=_path(line),
        area=_area(line, frame.bottom) if scale.low == 0 else "",
        previous=_path(before),
        hollow=hollow,
        last_x=last_x,
        last_y=last_y,
        last=last,
        is_last_hollow=any(point.series == 1 and point.x == last_x for point in hollow),
        target_y=target_y,
        target_text_y=None if target_y is None else _clear_of(target_y, last_y),
    )


def column_geometry(
    labels: Sequence[str], values: Sequence[float | None], *, kind: str = "number", slim: bool = False
) -> ColumnChart:
    """Compute a chart with one bar per label, for example for the hours of a day."""
    scale = _scale([value for value in values if value is not None], kind, from_zero=True)
    frame = _frame(scale, slim=slim, beside=_BESIDE_COLUMNS)
    slot = (frame.right - frame.left) / max(len(values), 1)
    width = round(min(slot * 0.7, 40), 1)
    columns = []
    for index, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = _y(value or 0, scale, frame)
        x = round(frame.left + slot * (index + 0.5) - width / 2, 1)
        columns.append(Column(x, y, width, round(frame.bottom - y, 1), label, value))
    marks = _marks(labels, frame.left + slot / 2, slot, slim=slim, anchor=0)
    return ColumnChart(replace(frame, marks=marks), tuple(columns))


def signed_bars(values: Sequence[float]) -> tuple[SignedBar, ...]:
    """Compute bars with a common scale, which contains zero and fills the width."""
    low, high = min((0.0, *values)), max((0.0, *values))
    spread = (high - low) or 1
    zero = -low / spread
    return tuple(SignedBar(zero, zero + min(value, 0) / spread, abs(value) / spread) for value in values)


def sparkline_geometry(
    values: Sequence[float | None], low: float | None = None, high: float | None = None
) -> Sparkline:
    """Compute a small trend line; None in `values` is a gap.

    With `low` and `high`, the lines of a table share their scale.
    """
    known = [value for value in values if value is not None]
    if not known:
        return Sparkline("", 0, 0)
    low = min(known) if low is None else low
    spread = ((max(known) if high is None else high) - low) or 1
    step = 84 / max(len(values) - 1, 1)
    points = [
        None if value is None else (round(2 + i * step, 1), round(18 - (value - low) / spread * 16, 1))
        for i, value in enumerate(values)
    ]
    last = next(point for point in reversed(points) if point is not None)
    return Sparkline(_path(points), *last)


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    step: float

    @property
    def figures(self) -> list[float]:
        steps = round((self.high - self.low) / self.step)
        return [round(self.low + i * self.step, 10) for i in range(steps + 1)]


def _scale(values: Sequence[float], kind: str, *, from_zero: bool) -> _Scale:
    """Compute round limits around all values.

    They include zero if `from_zero` is True or if that doesn't flatten the changes.
    """
    if not values:
        return _Scale(0, 1, 1)
    lowest, highest = min(values), max(values)
    if from_zero or lowest < highest / 2:
        lowest = min(lowest, 0)
    spread = (highest - lowest) or abs(highest) or 1
    step = _step(spread, kind)
    low = math.floor(lowest / step) * step
    return _Scale(round(low, 10), round(max(math.ceil(highest / step) * step, low + step), 10), step)


def _step(spread: float, kind: str) -> float:
    """Return a round step between grid lines that results in only a few lines."""
    if kind == "duration":
        longest = _DURATION_STEPS[-1]
        whole_hours = math.ceil(spread / _MAX_STEPS / longest) * longest
        return next((step for step in _DURATION_STEPS if step * _MAX_STEPS > spread), whole_hours)
    magnitude: float = 10.0 ** math.floor(math.log10(spread / _MAX_STEPS))
    step = next(factor * magnitude for factor in _DECIMAL_STEPS if factor * magnitude * _MAX_STEPS > spread)
    return max(step, 1.0) if kind == "number" else step  # fractions of a call make no sense


def _frame(scale: _Scale, *, slim: bool, beside: float) -> Frame:
    width, height = _SLIM if slim else _WIDE
    decimals = max(-math.floor(math.log10(scale.step)), 0)
    bare = Frame(width, height, _LEFT, width - beside, height - _BOTTOM, decimals)
    grid = tuple(GridLine(_y(value, scale, bare), value, value == scale.low) for value in scale.figures)
    return replace(bare, grid=grid)


def _marks(labels: Sequence[str], start: float, gap: float, *, slim: bool, anchor: int) -> tuple[Mark, ...]:
    """Return as many labels as fit, including the one at `anchor`."""
    needed = math.ceil(_LABEL_WIDTH[slim] / gap)
    every = next((number for number in _EVERY if number >= needed), needed)
    return tuple(
        Mark(round(start + index * gap, 1), label)
        for index, label in enumerate(labels)
        if (index - anchor) % every == 0
    )


def _y(value: float, scale: _Scale, frame: Frame) -> float:
    share = (value - scale.low) / (scale.high - scale.low)
    return round(frame.bottom - share * (frame.bottom - _TOP), 1)


def _points(
    values: Sequence[float | None], frame: Frame, scale: _Scale, gap: float
) -> list[tuple[float, float] | None]:
    return [
        None if value is None else (round(frame.left + i * gap, 1), _y(value, scale, frame))
        for i, value in enumerate(values)
    ]


def _hollow(
    points: Sequence[tuple[float, float] | None], notes: Sequence[str | None], series: int
) -> Iterator[HollowPoint]:
    for point, note in zip(points, notes, strict=False):
        if point and note:
            yield HollowPoint(*point, series, note)


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Build path data that starts again after each gap."""
    parts, pen_down = [], False
    for point in points:
        if point:
            parts.append(f"{'L' if pen_down else 'M'}{point[0]:g} {point[1]:g}")
        pen_down = point is not None
    return "".join(parts)


def _area(points: Sequence[tuple[float, float] | None], bottom: float) -> str:
    """Build the area under an unbroken line; a line with gaps has none."""
    known = [point for point in points if point]
    if not known or len(known) < len(points):
        return ""
    return f"{_path(known)}L{known[-1][0]:g} {bottom:g}L{known[0][0]:g} {bottom:g}Z"


def _clear_of(y: float, other: float) -> float:
    """Return the position of a label at `y`, moved if it would overlap the one at `other`."""
    if abs(y - other) >= _LINE_HEIGHT:
        return y
    return other - _LINE_HEIGHT if y <= other else other + _LINE_HEIGHT

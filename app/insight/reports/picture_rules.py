"""A number week by week as a bar chart without text.

Text would be rendered differently on each machine, and our fonts aren't available where emails are read. The values are
shown as text next to the chart.
"""

from collections.abc import Sequence

WIDTH, HEIGHT = 640, 140
_GAP = 16
_FLOOR = 4
#: With fewer weeks, the bars have the same width and are at the end.
_PLACES = 7
#: Colors of the current week, of those before it, and of the base line: the light theme's accent.
_NOW, _BEFORE, _LINE = "#005e85", "#9cc3d8", "#cfcec9"


def bars(values: Sequence[float | None]) -> str | None:
    """Return an SVG bar chart of the values, the last one highlighted.

    A None among the values leaves a gap. Returns None with fewer than two known values.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    places = max(len(values), _PLACES)
    most, room, first = max(known), (WIDTH - _GAP) / places, places - len(values)
    drawn = [
        _bar(_GAP + at * room, room - _GAP, value / most if most > 0 else 0.0, is_last=at == places - 1)
        for at, value in enumerate(values, first)
        if value is not None
    ]
    base = f'<rect x="0" y="{HEIGHT - 2}" width="{WIDTH}" height="2" fill="{_LINE}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>{base}{"".join(drawn)}</svg>'
    )


def _bar(left: float, width: float, share: float, *, is_last: bool) -> str:
    """Return one bar as SVG; zero has a visible bar too, because it is a known value."""
    height = max(_FLOOR, max(0.0, share) * (HEIGHT - _GAP))
    colour = _NOW if is_last else _BEFORE
    return (
        f'<rect x="{left:.1f}" y="{HEIGHT - 2 - height:.1f}" width="{width:.1f}" height="{height:.1f}" rx="3" '
        f'fill="{colour}"/>'
    )

"""Charts: round scales that contain all values, gaps in lines, and labels that don't overlap."""

import re
from itertools import pairwise

import pytest

from app.web.charts import column_geometry, line_geometry, signed_bars, sparkline_geometry

WEEKS = ["Sep 6", "Sep 13", "Sep 20", "Sep 27"]


def test_the_scale_is_round_and_holds_all_values() -> None:
    chart = line_geometry(WEEKS, [0.683, 0.695, 0.701, 0.69], [0.64, 0.648, 0.661, 0.655], target=0.75, kind="percent")
    figures = [line.value for line in chart.frame.grid]
    assert figures == [0.64, 0.66, 0.68, 0.7, 0.72, 0.74, 0.76]
    assert chart.frame.decimals == 2


def test_higher_values_lie_higher_up() -> None:
    chart = column_geometry(["9:00", "10:00"], [20, 60])
    low, high = chart.columns
    assert high.y < low.y
    assert high.height == 3 * low.height


def test_bars_start_at_zero() -> None:
    chart = column_geometry(["9:00", "10:00"], [900, 1000])
    assert chart.frame.grid[0].value == 0
    assert {column.y + column.height for column in chart.columns} == {chart.frame.bottom}


def test_a_line_far_above_zero_starts_higher_and_is_not_filled() -> None:
    chart = line_geometry(WEEKS, [900, 910, 905, 920])
    assert chart.frame.grid[0].value == 900
    assert chart.area == ""


def test_a_line_from_zero_is_filled() -> None:
    assert line_geometry(WEEKS, [0, 3, 2, 5]).area.endswith("Z")


def test_a_gap_interrupts_the_line_and_takes_its_filling() -> None:
    chart = line_geometry(WEEKS, [0, 3, None, 5])
    assert chart.line.count("M") == 2
    assert chart.area == ""


def test_durations_are_scaled_in_minutes_that_people_count_in() -> None:
    chart = line_geometry(WEEKS, [62, 125, 250, 290], kind="duration")
    assert [line.value for line in chart.frame.grid] == [0, 60, 120, 180, 240, 300]


def test_days_are_scaled_in_whole_hours() -> None:
    chart = line_geometry(WEEKS, [0, 90_000], kind="duration")
    assert all(line.value % 3600 == 0 for line in chart.frame.grid)


def test_the_last_value_is_the_last_one_known() -> None:
    chart = line_geometry(WEEKS, [1, 2, 3, None])
    assert chart.last == 3
    assert chart.last_x < chart.frame.right


def test_the_label_of_a_target_keeps_clear_of_the_last_value() -> None:
    chart = line_geometry(WEEKS, [0.5, 0.6, 0.7, 0.74], target=0.75, kind="percent")
    assert chart.target_text_y is not None
    assert abs(chart.target_text_y - chart.last_y) >= 14


def test_the_last_label_is_written_and_labels_have_room() -> None:
    days = [str(day) for day in range(1, 91)]
    chart = line_geometry(days, [1] * 90, slim=True)
    places = [mark.x for mark in chart.frame.marks]
    assert chart.frame.marks[-1].text == "90"
    assert min(after - before for before, after in pairwise(places)) >= 44


def test_hours_are_labelled_at_round_ones() -> None:
    chart = column_geometry([str(hour) for hour in range(24)], [1] * 24, slim=True)
    assert [mark.text for mark in chart.frame.marks] == ["0", "4", "8", "12", "16", "20"]


def test_a_chart_without_values_has_a_frame_and_no_line() -> None:
    chart = line_geometry(["Mon"], [None])
    assert (chart.line, chart.area, chart.last) == ("", "", None)
    assert column_geometry([], []).columns == ()


def test_equal_values_make_a_flat_line_inside_the_frame() -> None:
    chart = line_geometry(WEEKS, [5, 5, 5, 5])
    assert 14 <= chart.last_y <= chart.frame.bottom


def test_sparklines_of_one_table_share_their_scale() -> None:
    assert sparkline_geometry([1, 2], low=0, high=10).y > sparkline_geometry([8, 9], low=0, high=10).y
    assert sparkline_geometry([]).path == ""


def places_of(path: str) -> list[float]:
    """Return the horizontal positions of the points of a path."""
    return [float(point.split()[0]) for point in re.split("[ML]", path)[1:]]


@pytest.mark.parametrize("slim", [False, True])
def test_a_shorter_comparison_stands_under_as_many_labels_as_it_has_points(slim: bool) -> None:
    days = [str(day) for day in range(1, 31)]

    chart = line_geometry(days, [1] * 30, [2] * 21, slim=slim)

    assert places_of(chart.previous) == places_of(chart.line)[:21]
    assert places_of(chart.line)[-1] == chart.frame.right


@pytest.mark.parametrize("slim", [False, True])
def test_a_longer_comparison_goes_on_after_the_last_label(slim: bool) -> None:
    chart = line_geometry(WEEKS, [1] * 4, [2] * 6, slim=slim)

    assert places_of(chart.line) == places_of(chart.previous)[:4]
    assert places_of(chart.previous)[-1] == chart.frame.right
    assert chart.frame.marks[-1].text == WEEKS[-1]
    assert chart.frame.marks[-1].x == chart.last_x


def test_points_that_cannot_be_compared_are_hollow_on_their_lines() -> None:
    chart = line_geometry(
        WEEKS, [1, 2, 3, 4], [4, 5, 6], notes=[None, None, None, "so far"], previous_notes=[None, None, "3 days"]
    )

    assert [(point.series, point.note) for point in chart.hollow] == [(1, "so far"), (2, "3 days")]
    assert (chart.hollow[0].x, chart.hollow[0].y) == (chart.last_x, chart.last_y)
    assert chart.hollow[1].x == places_of(chart.previous)[-1]
    assert chart.is_last_hollow


def test_a_gap_is_no_hollow_point() -> None:
    chart = line_geometry(WEEKS, [1, 2, 3, None], notes=[None, None, None, "so far"])

    assert (chart.hollow, chart.is_last_hollow) == ((), False)


def test_signed_bars_lie_on_their_sides_of_a_common_zero_line() -> None:
    rise, fall, nothing = signed_bars([3, -1, 0])

    assert {bar.zero for bar in (rise, fall, nothing)} == {0.25}
    assert (rise.x, rise.width) == (0.25, 0.75)
    assert (fall.x, fall.width) == (0, 0.25)
    assert nothing.width == 0


def test_bars_of_one_sign_use_the_whole_width() -> None:
    assert [(bar.zero, bar.x, bar.width) for bar in signed_bars([-4, -1])] == [(1, 0, 1), (1, 0.75, 0.25)]
    assert [(bar.zero, bar.x, bar.width) for bar in signed_bars([0])] == [(0, 0, 0)]

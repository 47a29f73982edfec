"""Opening hours: their validation, and the editor without JavaScript."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from app.models import Organization
from app.web.hours_rules import MAX_LINES, Span, Spans, by_weekday, check_lines, to_store
from tests.support.client import Client
from tests.support.direct_access import Behind

URL = "/organization/hours"
EVENING = {"monday": [["08:00", "12:00"], ["18:00", "24:00"]]}

_CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
_LINES = st.lists(st.tuples(_CLOCKS, _CLOCKS), max_size=MAX_LINES)


def form_of(client: Client, **values: str) -> dict[str, Any]:
    return {**client.get(URL).fields(URL), **{name.replace("_", "-"): value for name, value in values.items()}}


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([], []),
        ([("", "")], []),
        ([("08:00", "17:00")], []),
        ([("8:00", "17:00")], []),
        ([("08:00", "12:00"), ("12:00", "13:00")], []),
        ([("00:00", "00:00")], []),
        ([("08:00", "")], [0]),
        ([("", "17:00")], [0]),
        ([("17:00", "08:00")], [0]),
        ([("08:00", "08:00")], [0]),
        ([("25:00", "26:00")], [0]),
        ([("Some words", "x")], [0]),
        ([("24:00", "24:00")], [0]),
        ([("13:00", "17:00"), ("08:00", "14:00")], [0]),
        ([("08:00", "17:00"), ("09:00", "10:00"), ("16:00", "18:00")], [1, 2]),
    ],
)
def test_wrong_lines_are_named(lines: list[tuple[str, str]], wrong: list[int]) -> None:
    assert sorted(check_lines(lines).wrong) == wrong


def test_lines_come_out_in_order_and_midnight_is_the_end_of_the_day() -> None:
    read = check_lines([("18:00", "00:00"), ("8:00", "12:00")])

    assert read.spans == Spans([Span("08:00", "12:00"), Span("18:00", "24:00")])


@given(_LINES)
def test_what_is_kept_reads_back_the_same(lines: list[tuple[str, str]]) -> None:
    spans = check_lines(lines).spans
    days = by_weekday({}) | {"monday": spans}

    assert by_weekday(to_store(days)) == days


def test_the_database_knows_the_same_rule(admin_engine: Engine) -> None:
    with admin_engine.connect() as connection:
        for lines in ([("08:00", "12:00"), ("12:00", "24:00")], [("00:00", "00:00")]):
            kept = to_store(by_weekday({}) | {"monday": check_lines(lines).spans})
            asked = text("SELECT are_business_hours(CAST(:hours AS jsonb))")
            assert connection.execute(asked, {"hours": str(kept).replace("'", '"')}).scalar_one() is True


def test_hours_are_saved_and_shown(as_admin: Client, organization: Organization, behind: Behind) -> None:
    page = as_admin.follow(as_admin.post(URL, form_of(as_admin, monday_0_from="08:00", monday_0_to="17:00")))

    assert "Monday 08:00–17:00 Tuesday Closed" in page.text
    assert behind.one(Organization, id=organization.id).business_hours == {"monday": [["08:00", "17:00"]]}


def test_the_end_of_the_day_is_midnight_on_a_clock(
    as_admin: Client, organization: Organization, behind: Behind
) -> None:
    behind.change(organization, business_hours=EVENING)

    form = form_of(as_admin)

    assert (form["monday-0-from"], form["monday-1-from"], form["monday-1-to"]) == ("08:00", "18:00", "00:00")
    as_admin.post(URL, form)
    assert behind.one(Organization, id=organization.id).version == 1


def test_a_line_is_added_and_taken_away_without_saving(
    as_admin: Client, organization: Organization, behind: Behind
) -> None:
    typed = form_of(as_admin, friday_0_from="08:00", friday_0_to="12:00")

    more = as_admin.post(URL, {**typed, "add_line": "friday"}, status=200).fields(URL)
    assert (more["friday-0-from"], more["friday-1-from"], more["friday-1-to"]) == ("08:00", "", "")
    fewer = as_admin.post(URL, {**more, "friday-1-from": "13:00", "remove_line": "friday-0"}, status=200).fields(URL)

    assert (fewer["friday-0-from"], "friday-1-from" in fewer) == ("13:00", False)
    assert behind.one(Organization, id=organization.id).version == 1


def test_there_is_an_end_to_lines(as_admin: Client) -> None:
    form = form_of(as_admin)
    for _line in range(MAX_LINES + 2):
        form = as_admin.post(URL, {**form, "add_line": "friday"}, status=200).fields(URL)

    assert len([name for name in form if name.startswith("friday-") and name.endswith("-from")]) == MAX_LINES


@pytest.mark.parametrize(
    "button",
    [
        {"add_line": "someday"},
        {"remove_line": "friday-x"},
        {"remove_line": "friday"},
        {"remove_line": f"friday-{'9' * 5000}"},
    ],
    ids=["no day", "no number", "nothing", "no number that can be read"],
)
def test_a_made_up_button_is_no_button(as_admin: Client, button: dict[str, str]) -> None:
    as_admin.post(URL, {**form_of(as_admin), **button})


def test_an_overlap_is_said_beside_its_line(as_admin: Client, organization: Organization, behind: Behind) -> None:
    typed = form_of(as_admin, monday_0_from="08:00", monday_0_to="17:00")
    typed |= {"monday-1-from": "16:00", "monday-1-to": "18:00"}

    page = as_admin.post(URL, typed, status=400)

    assert page.one(".//input[@id='monday-1-from']").get("aria-describedby") == "monday-1-error"
    assert "These hours overlap with 08:00–17:00." in "".join(page.one(".//p[@id='monday-1-error']").itertext())
    assert page.fields(URL)["monday-1-from"] == "16:00"
    assert behind.one(Organization, id=organization.id).business_hours == {}


def test_hostile_times_come_back_as_text(as_admin: Client) -> None:
    page = as_admin.post(URL, form_of(as_admin, monday_0_from='"><script>\0', monday_0_to="9"), status=400)

    assert "<script>\0" not in page.html
    assert "Enter both times" in page.text


def test_stale_hours_are_compared_day_by_day(as_admin: Client, organization: Organization, behind: Behind) -> None:
    typed = form_of(as_admin, monday_0_from="09:00", monday_0_to="10:00")
    behind.change(organization, business_hours=EVENING, version=2)

    page = as_admin.post(URL, typed, status=409)

    assert "Monday 08:00–12:00, 18:00–24:00 09:00–10:00" in page.text
    as_admin.post(URL, page.fields(URL))
    assert behind.one(Organization, id=organization.id).business_hours == {"monday": [["09:00", "10:00"]]}

"""Messy files from other systems, imported through the pages alone.

The manager's dashboard is compared with numbers that pandas computes from the raw file.
"""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

import pandas as pd
import pytest
from flask import Flask

from app.models import Organization, Role
from app.ops.jobs.worker import run_worker
from tests.support.client import Client
from tests.support.dirty_files import FILES
from tests.support.factories import Factories
from tests.support.import_pages import ImportPages, column
from tests.support.pages import Page, text_of

ZONE = "America/New_York"
DAYS = ("2026-03-17", "2026-03-18", "2026-03-19")
Numbers = dict[str, float | None]


class Shape(NamedTuple):
    """A file format, with the user's answers and the expected calls.

    `answers` are by column or field, in addition to the form's suggestions. `read` returns the calls in the raw file,
    with `day`, `agent`, `answered`, `missed`, and `talk` and `wait` in seconds. `rejected` and `left_out` are the
    numbers of rejected and skipped rows.
    """

    answers: Mapping[str, str]
    read: Callable[[bytes], pd.DataFrame]
    rejected: int = 0
    left_out: int = 0


def calls_of(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"agent": "", "wait": float("nan"), "missed": ~columns["answered"], **columns})


def local_days(moments: Any) -> Any:
    """Convert UTC times to days in New York."""
    return pd.to_datetime(moments, utc=True).dt.tz_convert(ZONE).dt.strftime("%Y-%m-%d")


def seconds(clock: Any) -> Any:
    return pd.to_timedelta(clock.astype(str)).dt.total_seconds()


def twilio(raw: bytes) -> pd.DataFrame:
    found = pd.read_csv(BytesIO(raw), sep="\t", encoding="utf-16").drop_duplicates("Call Sid")
    talk = found["Duration"].where(found["Duration"] > 0)
    # A call that reached a busy line doesn't count as missed.
    return calls_of(
        day=local_days(found["Start Time"].str.removesuffix(" UTC")),
        answered=found["Status"] == "completed",
        missed=found["Status"] == "no-answer",
        talk=talk,
    )


def ringcentral(raw: bytes) -> pd.DataFrame:
    found = pd.read_csv(BytesIO(raw), skiprows=4, encoding="utf-8-sig")
    found = found[found["Action"] == "Phone Call"]
    days = pd.to_datetime(found["Date"].str[4:], format="%m/%d/%Y").dt.strftime("%Y-%m-%d")
    return calls_of(day=days, answered=found["Action Result"] == "Accepted", talk=seconds(found["Duration"].str[9:]))


def talkdesk(raw: bytes) -> pd.DataFrame:
    found = pd.read_csv(BytesIO(raw), sep=";", decimal=",").dropna(how="all")
    days = pd.to_datetime(found["start_at"], format="%d.%m.%Y %H:%M:%S").dt.strftime("%Y-%m-%d")
    return calls_of(
        day=days,
        agent=found["user_name"].fillna(""),
        answered=found["type"] == "inbound",
        talk=(found["talk_time (min)"] * 60).round(),
        wait=found["wait_time"],
    )


def callrail(raw: bytes) -> pd.DataFrame:
    found = pd.read_excel(BytesIO(raw), header=3, engine="calamine").dropna(subset=["Status"])
    return calls_of(
        day=pd.to_datetime(found["Start time"]).dt.strftime("%Y-%m-%d"),
        agent=found["Agent name"].fillna(""),
        answered=found["Status"] == "Answered Call",
        talk=seconds(found["Duration"]),
    )


def five9(raw: bytes) -> pd.DataFrame:
    found = pd.read_csv(BytesIO(raw), sep=";", skiprows=1, encoding="cp1251").dropna(subset=["TIMESTAMP"])
    return calls_of(
        day=pd.to_datetime(found["TIMESTAMP"].str[5:], format="%d %b %Y %H:%M:%S").dt.strftime("%Y-%m-%d"),
        agent=found["AGENT NAME"].fillna(""),
        answered=found["ABANDONED"] == 0,
        talk=seconds(found["TALK TIME"]),
        wait=seconds(found["QUEUE WAIT TIME"]),
    )


def genesys(raw: bytes) -> pd.DataFrame:
    found = pd.read_excel(BytesIO(raw), engine="calamine").dropna(subset=["Date"])
    found = found[found["Media type"] == "voice"]
    return calls_of(
        day=pd.to_datetime(found["Date"]).dt.strftime("%Y-%m-%d"),
        agent=found["Users"].fillna(""),
        answered=found["Abandoned"] == "NO",
        talk=seconds(found["Duration"]),
    )


def dialpad(raw: bytes) -> pd.DataFrame:
    found = pd.read_csv(BytesIO(raw), compression="zip", encoding="utf-8-sig")
    moments = pd.to_datetime(found["date_started"], format="mixed", errors="coerce")
    found = found.assign(day=moments.dt.strftime("%Y-%m-%d")).dropna(subset=["day"])
    return calls_of(
        day=found["day"],
        agent=found["name"].fillna(""),
        answered=found["talk_duration (ms)"] > 0,
        talk=found["talk_duration (ms)"] / 1_000,
        wait=found["ringing_duration (ms)"] / 1_000,
    )


def hubspot(raw: bytes) -> pd.DataFrame:
    found = pd.read_excel(BytesIO(raw), engine="openpyxl")
    moments = pd.to_datetime(found["Activity date"].astype(str), format="%Y-%m-%d %H:%M:%S", errors="coerce")
    moments = moments.fillna(
        pd.to_datetime(found["Activity date"].astype(str), format="%Y-%m-%d %H:%M", errors="coerce")
    )
    found = found.assign(day=moments.dt.strftime("%Y-%m-%d")).dropna(subset=["day"])
    return calls_of(
        day=found["day"],
        agent=found["Activity assigned to"].fillna(""),
        answered=found["Call outcome"] == "Connected",
        talk=seconds(found["Call duration"]),
    )


def zendesk(raw: bytes) -> pd.DataFrame:
    found = pd.read_csv(BytesIO(raw), encoding="utf-16-le").dropna(subset=["created_at"])
    return calls_of(
        day=local_days(found["created_at"]),
        agent=found["agent_name"].fillna(""),
        answered=found["completion_status"] == "completed",
        talk=found["talk_time"],
        wait=found["wait_time"],
    )


SHAPES: dict[str, Shape] = {
    "twilio": Shape({}, twilio, rejected=4),
    "ringcentral": Shape({"channel": "calls"}, ringcentral, rejected=1, left_out=2),
    "talkdesk": Shape({}, talkdesk),
    "callrail": Shape({}, callrail, rejected=1),
    "five9": Shape({}, five9, rejected=1),
    "genesys": Shape({"only_column": "Media type", "only_words": "voice"}, genesys, rejected=1, left_out=3),
    "dialpad": Shape(
        {"name": "agent", "date_formats": "YYYY-MM-DD; MM/DD/YYYY"}, dialpad, rejected=2
    ),
    "hubspot": Shape({}, hubspot, rejected=1),
    "zendesk": Shape({}, zendesk, rejected=4),
}  # fmt: skip


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization next to another one that has calls of its own."""
    next_door = make.organization()
    make.call(next_door, csr=make.user(next_door))
    return make.organization(timezone=ZONE)


@pytest.fixture
def pages(client: Client, make: Factories, organization: Organization) -> ImportPages:
    return ImportPages(client.sign_in(make.user(organization, role=Role.MANAGER)))


def counted(calls: pd.DataFrame) -> Numbers:
    """Return the numbers of some calls, computed with pandas."""
    answered = calls[calls["answered"]]
    return {
        "calls": len(calls),
        "calls_answered": len(answered),
        "missed_calls_total": int(calls["missed"].sum()),
        "average_talk_time": _mean(answered["talk"]),
        "average_speed_of_answer": _mean(answered["wait"]),
    }


def _mean(values: Any) -> float | None:
    return None if values.dropna().empty else round(float(values.mean()), 3)


def shown(pages: ImportPages, first: str, last: str, csr: str = "") -> Numbers:
    """Return the numbers shown on the dashboard."""
    page = pages.client.get(f"/csr?period=custom&from={first}&to={last}" + (f"&csr={csr}" if csr else ""))
    names = ("calls", "calls_answered", "missed_calls_total", "average_talk_time", "average_speed_of_answer")
    return {name: round(float(page.metrics[name]), 3) if page.metrics[name] else None for name in names}


def csrs(pages: ImportPages) -> dict[str, str]:
    options = pages.client.get("/csr").all(".//select[@id='person-choice']/option")
    return {text_of(option): option.get("value", "") for option in options}


def answered_form(page: Page, answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers, given by column or field, by the names of the form fields."""
    labels = {"".join(label.itertext()) for label in page.all(".//label[@for]")}
    return {column(page, name) if name in labels else name: value for name, value in answers.items()}


@pytest.mark.parametrize("name", SHAPES)
def test_the_numbers_are_those_of_the_raw_file(app: Flask, pages: ImportPages, name: str) -> None:
    shape, (file_name, write) = SHAPES[name], FILES[name]
    raw = write()
    expected = shape.read(raw)

    page = pages.upload(raw, file_name)
    preview = pages.client.follow(pages.map(page, answered_form(page, shape.answers)))
    pages.start(preview, create_users="y")
    run_worker(app, schedule=(), until_idle=True)

    done = pages.client.get(pages.at)
    turned_away = int(done.metrics["rows_rejected"]), int(done.metrics.get("rows_left_out", 0))
    assert turned_away == (shape.rejected, shape.left_out)
    assert shown(pages, DAYS[0], DAYS[-1]) == counted(expected)
    for day in DAYS:
        assert shown(pages, day, day) == counted(expected[expected["day"] == day]), day
    picker = csrs(pages)
    for agent in sorted({*expected["agent"]} - {""}):
        assert shown(pages, DAYS[0], DAYS[-1], picker[agent]) == counted(expected[expected["agent"] == agent]), agent

"""The endpoint `/metrics` for Prometheus, which requires a token."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app.config import PROJECT_ROOT
from tests.web.callers import error_of

TOKEN = "a token of the tests"
AppWith = Callable[..., Flask]
Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def browser(app_with: AppWith) -> FlaskClient:
    """A client of an app whose metrics are enabled by a token."""
    return app_with(metrics_token=TOKEN).test_client()


#: A line with a number: its name, its labels and its value.
_LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"\\]*)"')


def text_of_metrics(browser: FlaskClient) -> str:
    answer = browser.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return answer.text


def numbers_of(browser: FlaskClient) -> Numbers:
    """Return all numbers, read in a third of the time that the library's parser takes."""
    lines = _LINE.findall(text_of_metrics(browser))
    return {(name, frozenset(_LABEL.findall(labels))): float(value) for name, labels, value in lines}


def test_the_text_is_in_the_format_of_prometheus(browser: FlaskClient) -> None:
    browser.get("/probe/fine")
    text = text_of_metrics(browser)
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    assert len(_LINE.findall(text)) == len(samples) > 100
    read = {(name, frozenset(_LABEL.findall(labels)), float(value)) for name, labels, value in _LINE.findall(text)}
    assert read == {(sample.name, frozenset(sample.labels.items()), sample.value) for sample in samples}


def of(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"switchboard_{name}", frozenset(labels.items())


def test_requests_are_counted_by_route_method_and_status(browser: FlaskClient) -> None:
    fine = of("requests_total", method="GET", route="/probe/fine", status="200")
    timed = of("request_seconds_count", route="/probe/fine")
    before = numbers_of(browser)

    browser.get("/probe/fine?q=Anna")
    browser.get("/probe/fine")
    browser.get("/nowhere/anna")

    after = numbers_of(browser)
    assert after[fine] == before.get(fine, 0) + 2
    assert after[timed] == before.get(timed, 0) + 2
    assert of("requests_total", method="GET", route="none", status="404") in after
    assert "anna" not in str(after).lower()


def test_methods_that_somebody_made_up_are_counted_as_one(browser: FlaskClient) -> None:
    for method in ("FOO", "BAR"):
        browser.open("/probe/fine", method=method)

    after = numbers_of(browser)
    assert of("requests_total", method="other", route="none", status="405") in after
    assert not {"FOO", "BAR"} & {value for _name, labels in after for _label, value in labels}


def test_statements_are_counted_where_they_were_asked_for(browser: FlaskClient) -> None:
    browser.get("/probe/fine")  # fills the caches of the process, whose statements aren't part of every request
    counted, took = of("queries_total", route="/probe/sql"), of("database_seconds_total", route="/probe/sql")
    before = numbers_of(browser)

    browser.get("/probe/sql", query_string={"statement": "SELECT pg_sleep(0.05)"})

    after = numbers_of(browser)
    assert after[counted] == before.get(counted, 0) + 1  # the transaction's context is pipelined with it
    assert 0.05 <= after[took] - before.get(took, 0) < 1


def test_refusals_of_rate_limits_are_counted(browser: FlaskClient) -> None:
    refused = of("refused_total", route="/probe/limited")
    before = numbers_of(browser).get(refused, 0)
    for _ in range(5):
        browser.post("/probe/limited")
    assert numbers_of(browser)[refused] == before + 2


def test_queue_and_database_are_told(browser: FlaskClient) -> None:
    found = numbers_of(browser)

    assert found[of("database_up")] == 1
    assert found[of("database_bytes")] > 1_000_000
    assert found[of("job_lag_seconds")] == found[of("jobs_failed")] == found[of("workers")] == 0
    assert found[of("requests_working")] == 0


def test_database_that_is_gone_is_told_too(app_with: AppWith) -> None:
    browser = app_with(metrics_token=TOKEN, database_url="postgresql://app_rw@127.0.0.1:1/nowhere").test_client()

    found = numbers_of(browser)
    assert found[of("database_up")] == 0
    assert of("job_lag_seconds") not in found


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({}, "TOKEN_MISSING"),
        ({"Authorization": "Bearer another"}, "TOKEN_INVALID"),
        ({"Authorization": "Bearer é"}, "TOKEN_INVALID"),
    ],
)
def test_nobody_reads_them_without_the_token(browser: FlaskClient, header: dict[str, str], code: str) -> None:
    answer = browser.get("/metrics", headers=header)

    assert answer.status_code == 401
    assert error_of(answer)["code"] == code


def test_without_a_token_in_the_settings_there_is_no_such_page(app: Flask) -> None:
    assert app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_alert_rules_ask_for_numbers_that_exist(browser: FlaskClient) -> None:
    numbers_of(browser)
    asked = set(re.findall(r"switchboard_\w+", (PROJECT_ROOT / "docs" / "operations" / "alerts.yml").read_text()))
    told = set(re.findall(r"switchboard_\w+", (PROJECT_ROOT / "docs" / "operations" / "metrics.md").read_text()))

    exist = {name for name, _labels in numbers_of(browser)} | SOMETIMES
    assert asked <= exist
    assert told <= exist | {name.removesuffix("_count") for name in exist}


#: Metrics that exist only once there is something to report.
SOMETIMES = {
    "switchboard_audit_seal_age_seconds",
    "switchboard_backup_check_age_seconds",
    "switchboard_backup_fine",
    "switchboard_refused_total",
    "switchboard_request_seconds_bucket",
}

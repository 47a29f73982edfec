"""Events: which handlers run, in which order, and in which transaction."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import literal, select, text

from app.declarations.events import CallsChanged, raise_event
from app.declarations.feature import Feature
from app.declarations.registry import build_registry, install_registry, registry_of
from app.extensions import db


@dataclass(frozen=True)
class _Rung:
    times: int


class _Answered(Exception):
    """Exception that a handler raises."""


def _refuse(_event: object) -> None:
    raise _Answered


def test_every_feature_that_handles_an_event_is_told_in_the_order_of_features() -> None:
    heard: list[str] = []
    first = Feature(handles={_Rung: lambda event: heard.append(f"first {event.times}")})
    deaf = Feature(handles={CallsChanged: _refuse})
    second = Feature(handles={_Rung: lambda event: heard.append(f"second {event.times}")})
    app = Flask(__name__)
    install_registry(app, build_registry([first, deaf, second]))

    with app.app_context():
        raise_event(_Rung(2))

    assert heard == ["first 2", "second 2"]


def test_an_event_that_nobody_handles_is_no_error() -> None:
    app = Flask(__name__)
    install_registry(app, build_registry([Feature()]))

    with app.app_context():
        raise_event(_Rung(1))

    assert registry_of(app).handlers == {}


def test_what_a_handler_raises_reaches_whoever_raised_the_event() -> None:
    app = Flask(__name__)
    install_registry(app, build_registry([Feature(handles={_Rung: _refuse})]))

    with app.app_context(), pytest.raises(_Answered):
        raise_event(_Rung(1))


def test_handlers_work_in_the_transaction_of_the_event(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handlers use the caller's connection, so that a rollback also undoes their changes."""
    seen: list[int] = []

    def note(_event: object) -> None:
        seen.append(db.session.execute(text("SELECT txid_current()")).scalar_one())

    built = build_registry([Feature(handles={CallsChanged: note})])
    monkeypatch.setitem(app.extensions, "switchboard_registry", built)

    with app.app_context():
        own = db.session.execute(text("SELECT txid_current()")).scalar_one()
        raise_event(CallsChanged(uuid4(), select(literal(uuid4()))))
        db.session.rollback()

    assert seen == [own]

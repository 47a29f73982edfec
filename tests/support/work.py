"""Transactions of an organization, as in a command or a job, including concurrent ones."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError

from app.db.constraints import translate
from app.db.context import Context
from app.db.session import jobs_role, organization_scope
from app.db.transaction import is_collision
from app.errors import DatabaseUnavailable, DomainError, InternalError
from app.extensions import db
from app.insight.rollups.refresh_service import refresh_all


@contextmanager
def at_work(app: Flask, organization_id: UUID) -> Iterator[None]:
    """Run the block in a transaction for the organization, committed at its end."""
    with app.app_context(), organization_scope(Context(organization_id=organization_id), db.session):
        yield
        db.session.commit()


def store_numbers(app: Flask, organization_id: UUID) -> None:
    """Store the numbers of all days of an organization, as the job does every hour."""
    with jobs_role(), at_work(app, organization_id):
        refresh_all(datetime.now(UTC))


def both_at_once(app: Flask, organization_id: UUID, *works: Callable[[], object]) -> list[DomainError]:
    """Run each of `works` in its own transaction, all begun before any ends; return the refusals."""
    begun = threading.Barrier(len(works), timeout=10)
    refused: list[DomainError] = []

    def do(work: Callable[[], object]) -> None:
        try:
            with at_work(app, organization_id):
                db.session.connection()
                begun.wait()
                work()
        except DomainError as error:
            refused.append(error)
        except IntegrityError as error:  # raised by the commit, after all services
            refused.append(translate(error) or InternalError())
        except OperationalError as error:
            if not is_collision(error):
                raise
            refused.append(DatabaseUnavailable())

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert not any(thread.is_alive() for thread in threads), "two transactions wait for each other"
    return refused

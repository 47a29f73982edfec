"""Shared parts of commands for one organization: context, transaction, and errors as sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click
from sqlalchemy.exc import DBAPIError

from app.db.constraints import translate
from app.db.context import Context
from app.db.session import organization_scope
from app.errors import DomainError
from app.extensions import db
from app.tenancy.organization_queries import find_organization_id


@contextmanager
def work_for(slug: str) -> Iterator[UUID]:
    """Open a transaction for the organization with this slug, and yield the organization's id.

    It is committed if the block succeeds. If there is no such organization, or if a service or the database refuses the
    change, the command ends with exit code 1 and a sentence on standard error.
    """
    with _refusals_as_sentences():
        organization_id = find_organization_id(slug)
        if organization_id is None:
            raise click.ClickException(f"No organization has the URL name “{slug}”.")
        with work_as(organization_id):
            yield organization_id


@contextmanager
def work_as(organization_id: UUID | None) -> Iterator[None]:
    """Open a transaction for an organization that exists or is about to be created.

    With None, the transaction belongs to no organization. It is committed if the block succeeds.
    """
    context = Context(organization_id=organization_id, actor_label=_command())
    with _refusals_as_sentences(), organization_scope(context, db.session):
        yield
        db.session.commit()


def _command() -> str:
    """Return the name of the running command, such as "flask user create", however Python was started.

    The audit trail shows it in place of a user's name.
    """
    context, names = click.get_current_context(), []
    while context.parent is not None:
        names.append(context.info_name or "")
        context = context.parent
    return " ".join(["flask", *reversed(names)])


@contextmanager
def _refusals_as_sentences() -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        raise click.ClickException(_sentence(error)) from None
    except DBAPIError as error:
        refusal = translate(error)
        if refusal is None:
            raise
        raise click.ClickException(_sentence(refusal)) from None


def _sentence(error: DomainError) -> str:
    """Return a line for each wrong value with its field, or else the sentence of the whole error."""
    wrong = [f"{field.field}: {field.message}" for field in error.field_errors if field.field]
    return "\n".join(wrong) or error.sentence

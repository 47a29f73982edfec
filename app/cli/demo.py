"""`flask demo …`: two companies with some months of calls, to try the product with."""

import json
from collections import Counter
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.work import work_as
from app.db.session import jobs_role
from app.demo.companies import COMPANIES, Company
from app.demo.generator import DEFAULT_SEED, organization_id
from app.demo.load import load_company
from app.demo.people import sign_ins
from app.extensions import db
from app.organizations.queries import find_organization_id

demo_commands = AppGroup("demo", help="The demonstration: two companies with some months of calls.")


@demo_commands.command("load")
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Another seed makes other people and calls.")
@click.option(
    "--calls", type=click.IntRange(min=0), help="Calls of the first company; the others get their share. Default: 6000."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was stored as JSON.")
@needs_database
def load(seed: int, calls: int | None, as_json: bool) -> None:
    """Store the demonstration companies, with calls up to now. Each company is stored whole or not at all.

    The same seed at the same moment gives the same rows. `flask demo users` tells how to sign in.
    """
    _refuse_to_load_twice()
    now = datetime.now(UTC)
    stored = {company.slug: _load(company, seed, now, _share(company, calls), quiet=as_json) for company in COMPANIES}
    if as_json:
        click.echo(json.dumps(stored))
    else:
        for company in COMPANIES:
            counts = stored[company.slug]
            click.echo(f"{company.name}: {counts['calls']} calls, {counts['users']} people.")


@demo_commands.command("users")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@needs_database
def users(as_json: bool) -> None:
    """List the sign-ins of the demonstration companies that are there."""
    loaded = {company.slug for company in COMPANIES if _is_there(company)}
    listed = [sign_in for sign_in in sign_ins() if sign_in.organization in loaded]
    if as_json:
        click.echo(json.dumps([sign_in.as_json() for sign_in in listed]))
        return
    for sign_in in listed:
        click.echo(f"{sign_in.organization:<12} {sign_in.role:<10} {sign_in.email:<40} {sign_in.password}")


def _refuse_to_load_twice() -> None:
    for company in COMPANIES:
        if _is_there(company):
            raise click.ClickException(f"There is an organization with the short name “{company.slug}” already.")


def _is_there(company: Company) -> bool:
    try:
        return find_organization_id(company.slug) is not None
    finally:
        # No transaction may be left open when the embedded server is stopped after the command.
        db.session.rollback()


def _share(company: Company, calls: int | None) -> int:
    return company.calls if calls is None else round(calls * company.calls / COMPANIES[0].calls)


def _load(company: Company, seed: int, now: datetime, calls: int, *, quiet: bool) -> Counter[str]:
    with (
        jobs_role(),
        work_as(organization_id(company, seed, now)),
        click.progressbar(length=calls, label=company.name, hidden=quiet) as bar,
    ):
        return load_company(company, seed, now, calls, bar.update)

"""`flask demo …`: three companies with a year of data, to try the product with."""

import json
from datetime import UTC, datetime
from http import HTTPStatus
from typing import BinaryIO

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.declarations.demonstration import Demonstration, install_demonstration
from app.extensions import db
from app.tenancy.organization_queries import find_organization_id
from demo.companies import COMPANIES, PLATFORM, Company
from demo.conversations.library import scenarios
from demo.conversations.script_files import ScriptError
from demo.deliveries import CannotDeliver, deliver
from demo.generator import DEFAULT_SEED
from demo.load import load_companies
from demo.office import Office
from demo.people import sign_ins

demo_commands = AppGroup("demo", help="Load the demonstration: three companies with a year of data.")


def add_demonstration(app: Flask) -> None:
    """Add `flask demo …`, and let `flask serve` offer the companies if there is no organization yet."""
    app.cli.add_command(demo_commands)
    install_demonstration(app, Demonstration(("demo", "load"), sign_ins))


@demo_commands.command("load")
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Seed of the generated data.")
@click.option(
    "--calls", type=click.IntRange(min=0), help="Total number of calls of all companies. Default: a year of calls."
)
@click.option("--json", "as_json", is_flag=True, help="Print the stored numbers as JSON.")
@needs_database
def load(seed: int, calls: int | None, as_json: bool) -> None:
    """Load the demonstration companies with a year of data up to now.

    Also creates the platform’s organization if it doesn’t exist. A company that fails to load leaves no data. The same
    seed at the same time generates the same data. Recorded visits are added to the calls. Don’t use this on an
    installation in use: its users would have to wait. `flask demo users` lists the sign-ins.
    """
    _refuse_to_load_twice()
    _refuse_broken_scripts()
    now = datetime.now(UTC)
    shares = _shares(calls)
    offices = [(Office(company, seed, now), shares[company.slug]) for company in COMPANIES]
    platform = Office(PLATFORM, seed, now)
    with click.progressbar(length=sum(shares.values()), label="Calls", hidden=as_json) as bar:
        stored = load_companies(current_app.config["SETTINGS"], offices, platform, bar.update)
    if as_json:
        click.echo(json.dumps(stored))
    else:
        for company in COMPANIES:
            counts = stored[company.slug]
            click.echo(f"{company.name}: {counts['calls']} calls, {counts['users']} people.")


@demo_commands.command("users")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_database
def users(as_json: bool) -> None:
    """List the sign-ins of the demonstration companies that are loaded."""
    loaded = {company.slug for company in (*COMPANIES, PLATFORM) if _is_there(company)}
    listed = [sign_in for sign_in in sign_ins() if sign_in.organization in loaded]
    if as_json:
        click.echo(json.dumps([sign_in.as_json() for sign_in in listed]))
        return
    for sign_in in listed:
        click.echo(f"{sign_in.organization:<12} {sign_in.role:<16} {sign_in.email:<40} {sign_in.password}")


@demo_commands.command("deliver")
@click.argument("path")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--organization", required=True, metavar="SLUG", help="URL name of the organization.")
@needs_database
def deliver_event(path: str, file: BinaryIO | None, organization: str) -> None:
    """Send a signed event of a provider to the running server.

    PATH is that of the address, such as billing or twilio/voice. FILE has the body (- for standard input); without one,
    billing reports a paid invoice.
    """
    body = file.read() if file else None
    try:
        with work_for(organization) as organization_id:
            status, text = deliver(current_app.config["SETTINGS"], organization_id, path, body)
    except CannotDeliver as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{status} {text}".strip())
    if status >= HTTPStatus.BAD_REQUEST:
        raise SystemExit(1)


def _refuse_to_load_twice() -> None:
    for company in COMPANIES:
        if _is_there(company):
            raise click.ClickException(f"An organization with the URL name “{company.slug}” already exists.")


def _refuse_broken_scripts() -> None:
    try:
        scenarios()
    except ScriptError as error:
        raise click.ClickException(str(error)) from None


def _is_there(company: Company) -> bool:
    try:
        return find_organization_id(company.slug) is not None
    finally:
        # No transaction must be left open when the embedded server is stopped after the command.
        db.session.rollback()


def _shares(calls: int | None) -> dict[str, int]:
    """Return the number of calls per company: its own, or its share of `calls` (the first gets the rest)."""
    if calls is None:
        return {company.slug: company.calls for company in COMPANIES}
    usual = sum(company.calls for company in COMPANIES)
    shares = {company.slug: calls * company.calls // usual for company in COMPANIES}
    shares[COMPANIES[0].slug] += calls - sum(shares.values())
    return shares

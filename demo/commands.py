"""`flask demo …`: three companies with a year of everything, to try the product with."""

import json
from datetime import UTC, datetime

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from app.cli.demonstration import Demonstration, install_demonstration
from app.cli.needs_database import needs_database
from app.extensions import db
from app.tenancy.organization_queries import find_organization_id
from demo.companies import COMPANIES, PLATFORM, Company
from demo.conversations.library import scenarios
from demo.conversations.script_files import ScriptError
from demo.generator import DEFAULT_SEED
from demo.load import load_companies
from demo.office import Office
from demo.people import sign_ins

demo_commands = AppGroup("demo", help="The demonstration: three companies with a year of everything.")


def add_demonstration(app: Flask) -> None:
    """Add `flask demo …`, and let `flask serve` offer the companies where there is no organization yet."""
    app.cli.add_command(demo_commands)
    install_demonstration(app, Demonstration(("demo", "load"), sign_ins))


@demo_commands.command("load")
@click.option("--seed", default=DEFAULT_SEED, show_default=True, help="Another seed makes other people and calls.")
@click.option(
    "--calls", type=click.IntRange(min=0), help="Calls of all companies together. Default: what they need for a year."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was stored as JSON.")
@needs_database
def load(seed: int, calls: int | None, as_json: bool) -> None:
    """Store the demonstration companies, with a year up to now, and the platform's own organization if there is none.

    Each is stored whole or not at all. The same seed at the same moment gives the same rows. Recorded visits come on
    top of the calls. Not for an installation that people work in: they would wait while it is stored. `flask demo
    users` tells how to sign in.
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
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@needs_database
def users(as_json: bool) -> None:
    """List the sign-ins of the demonstration companies that are there."""
    loaded = {company.slug for company in (*COMPANIES, PLATFORM) if _is_there(company)}
    listed = [sign_in for sign_in in sign_ins() if sign_in.organization in loaded]
    if as_json:
        click.echo(json.dumps([sign_in.as_json() for sign_in in listed]))
        return
    for sign_in in listed:
        click.echo(f"{sign_in.organization:<12} {sign_in.role:<16} {sign_in.email:<40} {sign_in.password}")


def _refuse_to_load_twice() -> None:
    for company in COMPANIES:
        if _is_there(company):
            raise click.ClickException(f"There is an organization with the short name “{company.slug}” already.")


def _refuse_broken_scripts() -> None:
    try:
        scenarios()
    except ScriptError as error:
        raise click.ClickException(str(error)) from None


def _is_there(company: Company) -> bool:
    try:
        return find_organization_id(company.slug) is not None
    finally:
        # No transaction may be left open when the embedded server is stopped after the command.
        db.session.rollback()


def _shares(calls: int | None) -> dict[str, int]:
    """How many calls each company gets: its own number, or its share of `calls`, the first one taking what is over."""
    if calls is None:
        return {company.slug: company.calls for company in COMPANIES}
    usual = sum(company.calls for company in COMPANIES)
    shares = {company.slug: calls * company.calls // usual for company in COMPANIES}
    shares[COMPANIES[0].slug] += calls - sum(shares.values())
    return shares

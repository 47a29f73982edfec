"""`flask repair …`: fix problems that can be fixed by a rule."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.organization_choice import chosen, organization_option
from app.cli.work import work_for
from app.db.session import jobs_role
from app.declarations.registry import registry
from app.extensions import db
from app.trust.integrity.repair_service import Line, Outcome, repair

repair_commands = AppGroup("repair", help="Fix problems automatically. Nothing changes without --apply.")

Command = TypeVar("Command", bound=Callable[..., Any])

_past_due = click.option("--clear-past-due", is_flag=True, help="Clear the due dates of overdue open tasks.")


def _options(command: Command) -> Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--apply", is_flag=True, help="Apply the changes. Default: dry run."),
        organization_option,
    ):
        command = option(command)
    return command


@repair_commands.command("users")
@_options
@needs_database
def users(slug: str | None, apply: bool, as_json: bool) -> None:
    """Deactivate people with invalid email addresses. Remove permissions that don’t exist."""
    _run(["users"], slug, apply=apply, as_json=as_json)


@repair_commands.command("tasks")
@_options
@_past_due
@needs_database
def tasks(slug: str | None, apply: bool, as_json: bool, clear_past_due: bool) -> None:
    """Unassign tasks of deleted people. List overdue open tasks."""
    _run(["tasks"], slug, apply=apply, as_json=as_json, clear_past_due=clear_past_due)


@repair_commands.command("events")
@_options
@needs_database
def events(slug: str | None, apply: bool, as_json: bool) -> None:
    """Swap start and end of events that end before they start. Remove deleted attendees."""
    _run(["events"], slug, apply=apply, as_json=as_json)


@repair_commands.command("all")
@_options
@_past_due
@needs_database
def everything(slug: str | None, apply: bool, as_json: bool, clear_past_due: bool) -> None:
    """Run all repairs."""
    _run(list(registry().repairs), slug, apply=apply, as_json=as_json, clear_past_due=clear_past_due)


def _run(
    subjects: Sequence[str], slug: str | None, *, apply: bool, as_json: bool, clear_past_due: bool = False
) -> None:
    """Run the repairs, each organization in a transaction of its own.

    A dry run does the same and rolls back, so it also finds what would be refused.
    """
    found: dict[str, Outcome] = {}
    with jobs_role():
        for one in chosen(slug):
            with work_for(one) as organization_id:
                outcome = found[one] = Outcome()
                for subject in subjects:
                    repair(subject, organization_id, outcome, clear_past_due=clear_past_due)
                if not apply:
                    db.session.rollback()
    if as_json:
        click.echo(json.dumps(_facts(found, apply=apply), default=str))
    else:
        _print_outcomes(found, apply=apply)
    if any(outcome.errors for outcome in found.values()):
        raise SystemExit(1)


def _facts(found: dict[str, Outcome], *, apply: bool) -> dict[str, object]:
    def told(kind: str) -> list[dict[str, object]]:
        return [
            {"organization": slug, **asdict(line), "why": str(line.why)}
            for slug, outcome in found.items()
            for line in getattr(outcome, kind)
        ]

    repairs = told("repaired")
    facts = {"applied": apply, "repaired": len(repairs), "repairs": repairs}
    return {**facts, "findings": told("findings"), "errors": told("errors")}


def _print_outcomes(found: dict[str, Outcome], *, apply: bool) -> None:
    for slug, outcome in found.items():
        for words, lines in (
            ("repaired", outcome.repaired),
            ("needs review", outcome.findings),
            ("refused", outcome.errors),
        ):
            for line in lines:
                click.echo(f"{slug}: {words}: {_words(line)}")
    number = sum(len(outcome.repaired) for outcome in found.values())
    click.echo(f"{number} repaired." if apply else f"Dry run, nothing was changed: {number} would be repaired.")


def _words(line: Line) -> str:
    return f"{line.resource} {line.id} {line.detail}. {line.why} {line.what}"

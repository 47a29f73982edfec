"""`flask repair …`: mend what can be mended by a rule."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import click
from flask.cli import AppGroup

from app.cli.everywhere import chosen, organization_option
from app.cli.needs_database import needs_database
from app.cli.work import work_for
from app.db.session import jobs_role
from app.declarations.registry import registry
from app.extensions import db
from app.trust.integrity.repair_service import Line, Outcome, repair

repair_commands = AppGroup("repair", help="Mend what can be mended by a rule; without --apply only say what would be.")

Command = TypeVar("Command", bound=Callable[..., Any])

_past_due = click.option("--clear-past-due", is_flag=True, help="Take the due date from open tasks that are past it.")


def _options(command: Command) -> Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Answer in JSON."),
        click.option("--apply", is_flag=True, help="Do it; without this it is a dry run."),
        organization_option,
    ):
        command = option(command)
    return command


@repair_commands.command("users")
@_options
@needs_database
def users(slug: str | None, apply: bool, as_json: bool) -> None:
    """Malformed addresses: their users become inactive. Permissions that do not exist are taken away."""
    _run(["users"], slug, apply=apply, as_json=as_json)


@repair_commands.command("tasks")
@_options
@_past_due
@needs_database
def tasks(slug: str | None, apply: bool, as_json: bool, clear_past_due: bool) -> None:
    """Assignees who are gone are taken off. Open tasks that are past their due date are listed."""
    _run(["tasks"], slug, apply=apply, as_json=as_json, clear_past_due=clear_past_due)


@repair_commands.command("events")
@_options
@needs_database
def events(slug: str | None, apply: bool, as_json: bool) -> None:
    """An end before its start changes places with it. Attendees who are gone are taken off."""
    _run(["events"], slug, apply=apply, as_json=as_json)


@repair_commands.command("all")
@_options
@_past_due
@needs_database
def everything(slug: str | None, apply: bool, as_json: bool, clear_past_due: bool) -> None:
    """All of these."""
    _run(list(registry().repairs), slug, apply=apply, as_json=as_json, clear_past_due=clear_past_due)


def _run(
    subjects: Sequence[str], slug: str | None, *, apply: bool, as_json: bool, clear_past_due: bool = False
) -> None:
    """Each organization is a transaction of its own. A dry run does the same and takes it back, so that it knows what
    would be refused."""
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
        _tell(found, apply=apply)
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


def _tell(found: dict[str, Outcome], *, apply: bool) -> None:
    for slug, outcome in found.items():
        for words, lines in (
            ("repaired", outcome.repaired),
            ("to be looked at", outcome.findings),
            ("refused", outcome.errors),
        ):
            for line in lines:
                click.echo(f"{slug}: {words}: {_words(line)}")
    number = sum(len(outcome.repaired) for outcome in found.values())
    click.echo(f"{number} repaired." if apply else f"Dry run, nothing was kept: {number} would be repaired.")


def _words(line: Line) -> str:
    return f"{line.resource} {line.id} {line.detail}. {line.why} {line.what}"

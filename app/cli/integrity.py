"""`flask integrity …`: find problems that database constraints cannot prevent."""

import json
import sys
from dataclasses import asdict

import click
from flask.cli import AppGroup

from app.cli.needs_database import needs_database
from app.cli.organization_choice import chosen, organization_option
from app.cli.work import work_for
from app.db.session import jobs_role
from app.declarations.registry import registry
from app.trust.integrity.service import Report, check_organization

integrity_commands = AppGroup("integrity", help="Find problems that the database can’t prevent.")


@integrity_commands.command("check")
@organization_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_database
def check(slug: str | None, as_json: bool) -> None:
    """Find invalid addresses, overdue tasks, broken references, lost files and similar problems.

    Changes nothing. Exit code 0: no problems, or only notes. 1: problems were found. “flask repair” fixes those that
    can be fixed automatically.
    """
    slugs = chosen(slug)
    found: dict[str, list[Report]] = {}
    with (
        click.progressbar(length=len(slugs) * len(registry().checks), label="Checking", file=sys.stderr) as bar,
        jobs_role(),
    ):
        for one in slugs:
            with work_for(one) as organization_id:
                found[one] = check_organization(organization_id, lambda _done, _total: bar.update(1))
    if as_json:
        click.echo(json.dumps([_facts(one, report) for one in slugs for report in found[one]], default=str))
    else:
        _print_reports(found)
    if any(not report.is_note for reports in found.values() for report in reports):
        raise SystemExit(1)


def _facts(slug: str, report: Report) -> dict[str, object]:
    rows = [asdict(row) for row in report.found]
    level = "note" if report.is_note else "finding"
    head = {"organization": slug, "check": report.check, "level": level, "sentence": str(report.sentence)}
    return {**head, "total": report.total, "found": rows}


def _print_reports(found: dict[str, list[Report]]) -> None:
    for slug, reports in found.items():
        for report in reports:
            level = "note: " if report.is_note else ""
            click.echo(f"{slug}: {level}{report.sentence} ({report.check}, {report.total})")
            for row in report.found:
                click.echo(f"  {row.resource} {row.id or ''} {row.detail}".rstrip())
            if report.total > len(report.found):
                click.echo(f"  … and {report.total - len(report.found)} more")
    reports = [report for of_one in found.values() for report in of_one]
    if all(report.is_note for report in reports):
        what = "only notes" if reports else "no problems"
        click.echo(f"{len(registry().checks)} checks in {len(found)} organizations found {what}.")

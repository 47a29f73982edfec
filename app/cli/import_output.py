"""Printed results of an import: rejected values, counts, and next steps."""

import json
from collections import Counter
from dataclasses import asdict

import click

from app.data.imports.mapping_rules import importable
from app.data.imports.queries import wrong_values
from app.data.imports.whole_file_rules import way_out
from app.errors import LazyText
from app.models import Import, ImportStatus

_SHOWN_OF_EACH = 10
_COUNTS = ("total", "rejected", "created", "updated", "unchanged", "remarked", "left_out")


def list_rejected(row: Import, *, as_json: bool) -> None:
    """List rejected values and warnings: the first ten per column and reason, and the number of others.

    As JSON, all of them are written one at a time, because there can be as many as the file has rows.
    """
    if not as_json:
        counts = Counter[tuple[str | None, str, bool]]()
        for error in wrong_values(row.organization_id, row.id):
            group = (error.column, str(error.reason), error.is_remark)
            counts[group] += 1
            if counts[group] <= _SHOWN_OF_EACH:
                place = f"Line {error.line}" + (f", {error.column}" if error.column else "")
                left = " (left empty)" if error.is_remark else ""
                click.echo(f"{place}{'' if error.value is None else f' “{error.value}”'}: {error.reason}{left}")
        for (column, reason, _is_remark), count in counts.items():
            if count > _SHOWN_OF_EACH:
                click.echo(f"{column or 'Whole row'}: {reason} {count - _SHOWN_OF_EACH} more.")
        return
    click.echo('{"errors": [', nl=False)
    for index, error in enumerate(wrong_values(row.organization_id, row.id)):
        click.echo(("," if index else "") + json.dumps(asdict(error)), nl=False)


def print_import(row: Import, *, dry_run: bool, as_json: bool) -> None:
    """Print the counts of an import; as JSON, they complete the object that `list_rejected` began."""
    if as_json:
        counts = {name: getattr(row, f"rows_{name}") for name in _COUNTS}
        facts = {**counts, "users_created": row.users_created, "status": row.status, "dry_run": dry_run}
        click.echo("], " + json.dumps(facts)[1:])
        return
    counted = (
        f"{row.rows_created} new, {row.rows_updated} updated, {row.rows_unchanged} unchanged, "
        f"{row.rows_rejected} rejected"
        + (f", {row.rows_remarked} with warnings" if row.rows_remarked else "")
        + (f", {row.rows_left_out} skipped" if row.rows_left_out else "")
    )
    if row.status == ImportStatus.CANCELLED:
        click.echo(f"This import was canceled at line {row.line_reached}.")
    click.echo(f"{'Dry run, nothing was imported: ' if dry_run else ''}{row.rows_total} rows: {counted}.")
    if row.users_created:
        click.echo(f"{'Would create' if dry_run else 'Created'} inactive people: {', '.join(row.users_created)}.")


def way_out_of(row: Import) -> LazyText | None:
    """Return what to do if no row of a completed import was ready; None if one was, or if it did not complete."""
    if row.status != ImportStatus.COMPLETED:
        return None
    return way_out(row.rows_total, row.rows_left_out, row.rows_created + row.rows_updated + row.rows_unchanged)


def print_next_steps(row: Import, *, create_users: bool) -> None:
    """Print what the operator can do about rejected rows, or if no row can be imported."""
    if nothing := way_out_of(row):
        click.echo(str(nothing), err=True)
    if not row.rows_rejected:
        return
    click.echo("Correct the rejected rows and import the file again. The other rows won’t change.", err=True)
    if importable(row.kind).people and not create_users:
        click.echo("Use --create-users to create inactive people for unknown names.", err=True)
    click.echo("Use --mapping to set how columns and values are read. See docs/imports.md.", err=True)

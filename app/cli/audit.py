"""`flask audit …`: seal and verify the audit trail."""

import json
from dataclasses import asdict
from uuid import UUID

import click
from flask import current_app
from flask.cli import AppGroup

from app.audit.chain_faults import FAULT_SENTENCES
from app.audit.heads import Heads, HeadsFile
from app.audit.seals import list_chains, seal_all
from app.audit.verify import ChainStatus, check_chain
from app.cli.needs_database import needs_database
from app.cli.work import work_as, work_for
from app.db.context import Context
from app.db.session import jobs_role
from app.tenancy.organization_queries import find_slug

audit_commands = AppGroup("audit", help="Seal and verify the audit trail.")


@audit_commands.command("seal")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_database
def seal(as_json: bool) -> None:
    """Seal the new audit entries of every organization, as the worker does every minute."""
    with jobs_role():
        try:
            sealed = seal_all(Context(actor_label="flask audit seal"))
        except OSError as error:
            raise click.ClickException(
                f"The entries are sealed, but AUDIT_HEADS_FILE can’t be written: {error.strerror}."
            ) from None
    chains, rows = len(sealed), sum(one.rows for one in sealed.values())
    if as_json:
        click.echo(json.dumps({"chains": chains, "seals": sum(one.seals for one in sealed.values()), "rows": rows}))
    else:
        click.echo(f"Sealed {rows} entries of {chains} audit trails.")


@audit_commands.command("verify")
@click.option(
    "--organization", "slug", metavar="SLUG", help="Verify only this organization. Default: all audit trails."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@needs_database
def verify(slug: str | None, as_json: bool) -> None:
    """Compare the audit trail with its seals, and the latest seals with their copies outside the database.

    Exit code 0: nothing was changed. 1: something was changed; the first affected entry and the seal that proves it
    are shown.
    """
    with jobs_role():
        found = [_verify(one, heads) for one, heads in _chains(slug)]
    if as_json:
        click.echo(json.dumps([facts for _, facts in found], default=str))
    else:
        for status, facts in found:
            click.echo(_words(status, facts["slug"]))
    if any(status.finding for status, _ in found):
        raise SystemExit(1)


def _chains(slug: str | None) -> list[tuple[UUID, Heads]]:
    """Return the ids of the selected organizations, with their chain heads recorded outside the database.

    Without `slug`, all organizations are selected, including those that only have heads.
    """
    heads = HeadsFile(current_app.config["SETTINGS"].audit_heads_path)
    if slug is not None:
        with work_for(slug) as organization_id:
            return [(organization_id, heads.of(organization_id))]
    outside = heads.by_organization()
    return [(one, outside.get(one, {})) for one in sorted({*list_chains(), *outside})]


def _verify(organization_id: UUID, heads: Heads) -> tuple[ChainStatus, dict[str, object]]:
    with work_as(organization_id):
        slug = find_slug(organization_id)
        status = check_chain(organization_id, heads)
    facts = {**asdict(status), "slug": slug}
    if status.finding is not None:
        facts["finding"] = {**asdict(status.finding), "sentence": str(FAULT_SENTENCES[status.finding.damage])}
    return status, facts


def _words(status: ChainStatus, slug: object) -> str:
    name = slug or status.organization_id
    if status.finding is not None:
        seal = f" Seal {status.finding.seal}." if status.finding.seal is not None else ""
        row = f" Entry {status.finding.row_id}." if status.finding.row_id is not None else ""
        return f"{name}: DAMAGED. {FAULT_SENTENCES[status.finding.damage]}{seal}{row}"
    until = f"sealed until {status.sealed_until:%Y-%m-%d %H:%M:%S} UTC" if status.sealed_until else "never sealed"
    dropped = f", {status.dropped} deleted by retention" if status.dropped else ""
    return (
        f"{name}: intact. {status.rows} entries in {status.seals} seals, {until}{dropped}; "
        f"{status.unsealed} not sealed yet; {status.heads} seals compared with copies outside the database."
    )

"""`flask audit …`: seal the audit trail, and verify it."""

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

audit_commands = AppGroup("audit", help="The audit trail: seal what was recorded, and verify that it is unchanged.")


@audit_commands.command("seal")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@needs_database
def seal(as_json: bool) -> None:
    """Seal all that is recorded and complete, in every organization. The worker does so each minute."""
    with jobs_role():
        try:
            sealed = seal_all(Context(actor_label="flask audit seal"))
        except OSError as error:
            raise click.ClickException(f"Sealed, but AUDIT_HEADS_FILE can’t be written: {error.strerror}.") from None
    chains, rows = len(sealed), sum(one.rows for one in sealed.values())
    if as_json:
        click.echo(json.dumps({"chains": chains, "seals": sum(one.seals for one in sealed.values()), "rows": rows}))
    else:
        click.echo(f"Sealed {rows} rows in {chains} chains.")


@audit_commands.command("verify")
@click.option("--organization", "slug", metavar="SLUG", help="Only this one; without it, every chain there is.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@needs_database
def verify(slug: str | None, as_json: bool) -> None:
    """Compare the trail with its seals, and the newest seals with those written down outside the database.

    Exit code 0: all is as it was recorded. 1: something is not; the first row and the seal that shows it are named.
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
    """The organizations whose chains are wanted, with what is written down of them outside the database."""
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
        row = f" Row {status.finding.row_id}." if status.finding.row_id is not None else ""
        return f"{name}: DAMAGED. {FAULT_SENTENCES[status.finding.damage]}{seal}{row}"
    until = f"until {status.sealed_until:%Y-%m-%d %H:%M:%S} UTC" if status.sealed_until else "never"
    dropped = f", {status.dropped} dropped on record" if status.dropped else ""
    return (
        f"{name}: intact. {status.rows} rows in {status.seals} seals, sealed {until}{dropped}; "
        f"{status.unsealed} not sealed yet; {status.heads} seals compared outside the database."
    )

"""What the pages that set changes back show: each field as it is and as it would be."""

from typing import NamedTuple

from app.security.actor import Actor
from app.trust.audit_log.field_kinds import FieldKind, field_kinds
from app.trust.audit_log.name_queries import Named, named_then, names_of, references_in
from app.trust.audit_log.operation_service import OperationProposal
from app.trust.audit_log.revert_rules import who_may
from app.trust.audit_log.revert_service import Proposal
from app.trust.audit_log.value_page import Change, Value, changes_between, value_of
from app.trust.audit_log.words import resource_label


class Step(NamedTuple):
    """A field as it is and as it would be; `recorded` is what the entry had set, which `has_moved` since or not."""

    change: Change
    recorded: Value
    has_moved: bool


class RecordSteps(NamedTuple):
    """One record of an operation: what it was called, what would be set, and why it cannot be, if it cannot."""

    proposal: Proposal
    record: Named
    kind: str
    steps: list[Step]
    refusal: str | None


def steps_of(actor: Actor, proposal: Proposal) -> list[Step]:
    """The fields of one change."""
    resource, fields = proposal.entry.resource_type, proposal.fields
    sides = [{state.name: getattr(state, side) for state in fields} for side in ("now", "wanted", "recorded")]
    names = names_of(actor, references_in(resource, sides))
    kinds, now, wanted, recorded = field_kinds(resource), *sides
    return [
        Step(
            change,
            value_of(recorded[change.name], kinds.get(change.name, FieldKind()), names),
            change.name in {state.name for state in fields if state.has_moved},
        )
        for change in changes_between(resource, now, wanted, names)
    ]


def records_of(actor: Actor, operation: OperationProposal) -> list[RecordSteps]:
    """The records of an operation."""
    entries = [one.entry for one in operation.records]
    names = names_of(actor, [(entry.resource_type, entry.resource_id) for entry in entries if entry.resource_id])
    return [
        RecordSteps(
            one,
            named_then(actor, one.entry, names),
            resource_label(one.entry.resource_type),
            steps_of(actor, one),
            _refusal(one),
        )
        for one in operation.records
    ]


def _refusal(proposal: Proposal) -> str | None:
    if proposal.refusal is not None:
        return str(proposal.refusal)
    return str(who_may(proposal.missing)) if proposal.missing else None

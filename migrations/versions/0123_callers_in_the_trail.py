"""An entry of the missed-call queue without a contact is named by the number that called."""

from importlib import import_module

revision = "0123_callers_in_the_trail"
down_revision = "0122_follow_ups"
branch_labels = None
depends_on = None

description = "The audit trail names missed callers without a contact by their number"
breaking = False

_NAMES = import_module("migrations.versions.0066_names_of_records")
_REPLACE = import_module("migrations.versions.0107_reverts_of_operations")._rename
_NUMBER = "(SELECT o.caller_number FROM calls o WHERE o.organization_id = r.organization_id AND o.id = r.call_id)"


def _branch(name: str) -> str:
    """Return the part of the function about entries, quoted for a replacement in it."""
    branch: str = _NAMES._branch("missed_call_entry", "missed_call_entries", name, False)
    return branch.replace("'", "''")


_BEFORE = _branch(_NAMES._OF_CARD)
_NAMED = _branch(f"coalesce({_NAMES._OF_CARD}, {_NUMBER})")


def upgrade() -> None:
    _REPLACE(_BEFORE, _NAMED)


def downgrade() -> None:
    _REPLACE(_NAMED, _BEFORE)

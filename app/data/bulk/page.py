"""What pages say of bulk changes."""

from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.security.actor import Actor


def bulk_label(action: str) -> str:
    """The words for an action; one that is not known any more is called by its name."""
    change = registry().bulk.get(action)
    return str(change.label) if change else action


def actions_on(actor: Actor, listed: Listed) -> list[tuple[str, str]]:
    """What `actor` may do to rows of a list, with its words; nothing for a guest, for whom no operation is kept."""
    if actor.reference_id is None:
        return []
    changes = (change for change in registry().bulk.values() if change.target.listed is listed)
    return [(change.action, str(change.label)) for change in changes if actor.may(change.permission)]

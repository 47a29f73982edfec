"""What pages say of bulk changes."""

from app.declarations.registry import registry


def bulk_label(action: str) -> str:
    """The words for an action; one that is not known any more is called by its name."""
    change = registry().bulk.get(action)
    return str(change.label) if change else action

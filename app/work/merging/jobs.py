"""Background job for merges that are too large for a request."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.job import job
from app.work.merging import merge_background_service


def _give_up(error: BaseException, merge_id: str) -> None:
    merge_background_service.stop(UUID(merge_id), error)


def _revive(merge_id: str) -> None:
    merge_background_service.revive(UUID(merge_id))


@job("contacts.merge", _l("Merge two contacts"), give_up=_give_up, revive=_revive)
def merge_contacts(merge_id: str) -> None:
    """Merge two contacts in the background."""
    merge_background_service.go_on(UUID(merge_id))

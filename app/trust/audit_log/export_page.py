"""What the list of entries offers as files: everything that its filters keep, made in the background."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.data.exports.forms import ExportForm
from app.errors import Sentence
from app.lists.listing import Listing
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.audit_log import export

_KINDS: Sequence[tuple[str, Sentence]] = (
    (export.CSV_FILE, _l("Export as CSV")),
    (export.LINES_OF_JSON, _l("Export as lines of JSON")),
)


def export_forms(actor: Actor, listing: Listing) -> list[tuple[Sentence, ExportForm]]:
    """The forms with their words; none for who may not export, and for guests, for whom no file is kept."""
    if not actor.may(Permission.EXPORTS_CREATE) or actor.reference_id is None:
        return []
    parameters = listing.filters.parameters()
    return [(words, ExportForm.of_list(kind, parameters, listing.chosen_sort)) for kind, words in _KINDS]

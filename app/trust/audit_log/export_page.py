"""Export forms of the entry list: everything that matches its filters, generated in the background."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.data.exports.forms import ExportForm
from app.errors import LazyText
from app.lists.listing import Listing
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.audit_log import export

_KINDS: Sequence[tuple[str, LazyText]] = (
    (export.CSV_FILE, _l("Export as CSV")),
    (export.LINES_OF_JSON, _l("Export as JSON Lines")),
)


def export_forms(actor: Actor, listing: Listing) -> list[tuple[LazyText, ExportForm]]:
    """Return the export forms with their labels.

    Empty for users who cannot export, and for guests, for whom no files are stored.
    """
    if not actor.may(Permission.EXPORTS_CREATE) or actor.reference_id is None:
        return []
    parameters = listing.filters.parameters()
    return [(words, ExportForm.of_list(kind, parameters, listing.chosen_sort)) for kind, words in _KINDS]

"""Declaration of the import of contacts."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.importable import Importable
from app.models import ImportKind
from app.security.permissions import Permission
from app.work.contacts.import_rules import ContactReader, ContactSettings
from app.work.contacts.import_service import (
    CONTACT_FIELDS,
    CONTACTS,
    check_contacts,
    settle_contacts,
    staged_columns,
    store_contacts,
)
from app.work.contacts.import_target_rules import CONFIRMABLE, CONSTANTS, LEFT_OUT, TARGETS, ContactTarget, gaps

CONTACTS_IMPORT = Importable(
    kind=ImportKind.CONTACTS,
    label=_l("Contacts"),
    title=_l("Import contacts"),
    note=lambda _zone: _(
        "Contacts with the same ID are updated, and contacts with only a number or a company get the "
        "missing details. Importing the same file twice changes nothing."
    ),
    page=("contacts.index", _l("Go to contacts")),
    rows_template="work/contacts/_imported_rows.html",
    permission=Permission.CONTACTS_IMPORT,
    own=TARGETS,
    gaps=gaps,
    confirmable=CONFIRMABLE,
    constants=CONSTANTS,
    left_out=LEFT_OUT,
    reader=lambda mapping, table, organization: (
        ContactReader(mapping, table, ContactSettings(mapping.country or organization.country), CONTACT_FIELDS).read
    ),
    records=CONTACTS,
    columns=staged_columns,
    check=lambda organization_id, _import_id, mapping, _create: check_contacts(organization_id, mapping),
    settle=settle_contacts,
    store=store_contacts,
    fields=CONTACT_FIELDS.all,
    order=tuple(ContactTarget),
    phones=(ContactTarget.PRIMARY_PHONE, ContactTarget.SECONDARY_PHONES),
)

"""The people who call."""

from app.declarations.feature import Feature
from app.work.contacts import integrity, privacy, resource, trash
from app.work.contacts.importing import CONTACTS_IMPORT

FEATURE = Feature(
    resources=(
        resource.CONTACT_CARD,
        resource.CONTACT_PHONE,
    ),
    imports=(CONTACTS_IMPORT,),
    deletes=(
        trash.CONTACT_DELETION,
        trash.CONTACT_NUMBER_DELETION,
    ),
    checks=(
        integrity.ADDRESS,
        integrity.NUMBER,
    ),
    personal=privacy.PERSONAL,
    columns=privacy.COLUMNS,
)

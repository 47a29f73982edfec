"""What a column of a file of contacts can become."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.importable import Target
from app.errors import FieldError


class ContactTarget(StrEnum):
    """Fields of an imported contact."""

    EXTERNAL_ID = "external_id"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    COMPANY_NAME = "company_name"
    PRIMARY_PHONE = "primary_phone"
    SECONDARY_PHONES = "secondary_phones"
    EMAIL = "email"
    ADDRESS_LINE_1 = "address_line_1"
    ADDRESS_LINE_2 = "address_line_2"
    CITY = "city"
    STATE = "state"
    ZIP = "zip"
    COUNTRY = "country"
    TAGS = "tags"


# A contact needs one of these.
IDENTIFYING: frozenset[str] = frozenset({
    ContactTarget.FIRST_NAME, ContactTarget.LAST_NAME, ContactTarget.FULL_NAME, ContactTarget.COMPANY_NAME,
    ContactTarget.PRIMARY_PHONE, ContactTarget.SECONDARY_PHONES, ContactTarget.EMAIL,
})  # fmt: skip

# The surest of these that a file has is the primary phone, the others are further ones.
_PHONE_NAMES = (
    "primary phone", "phone", "phone number", "phone 1", "main phone", "mobile phone", "mobile", "cell phone", "cell",
    "telephone", "телефон", "telefon", "home phone", "work phone", "business phone", "secondary phones",
    "secondary phone", "phone 2", "phone 3", "other phone", "alternate phone",
)  # fmt: skip

TARGETS: Mapping[str, Target] = {
    ContactTarget.EXTERNAL_ID: Target(
        _l("Contact id"), ("contact id", "external id", "customer id", "client id", "id")
    ),
    ContactTarget.FIRST_NAME: Target(
        _l("First name"), ("first name", "firstname", "given name", "first", "имя", "ism")
    ),
    ContactTarget.LAST_NAME: Target(
        _l("Last name"), ("last name", "lastname", "surname", "family name", "last", "фамилия", "familiya")
    ),
    ContactTarget.FULL_NAME: Target(
        _l("Full name"), ("full name", "fullname", "name", "contact name", "customer name", "contact", "фио", "f i sh")
    ),
    ContactTarget.COMPANY_NAME: Target(
        _l("Company"),
        ("company name", "company", "organization", "organisation", "business name", "компания", "kompaniya"),
    ),
    ContactTarget.PRIMARY_PHONE: Target(_l("Phone"), _PHONE_NAMES),
    ContactTarget.SECONDARY_PHONES: Target(_l("Further phones"), _PHONE_NAMES, repeatable=True),
    ContactTarget.EMAIL: Target(
        _l("Email"), ("email", "e mail", "email address", "e mail address", "email 1", "mail", "почта", "pochta")
    ),
    ContactTarget.ADDRESS_LINE_1: Target(
        _l("Address"),
        ("address line 1", "address 1", "address", "street", "street address", "mailing address", "адрес", "manzil"),
    ),
    ContactTarget.ADDRESS_LINE_2: Target(
        _l("Address, second line"), ("address line 2", "address 2", "street 2", "apartment", "suite", "unit")
    ),
    ContactTarget.CITY: Target(_l("City"), ("city", "town", "город", "shahar")),
    ContactTarget.STATE: Target(
        lazy_pgettext("address", "State"), ("state", "province", "region", "регион", "область", "viloyat")
    ),
    ContactTarget.ZIP: Target(
        _l("Zip"), ("zip", "zip code", "zipcode", "postal code", "postcode", "post code", "индекс", "pochta indeksi")
    ),
    ContactTarget.COUNTRY: Target(_l("Country"), ("country", "country code", "страна", "mamlakat")),
    ContactTarget.TAGS: Target(_l("Tags"), ("tags", "tag", "labels", "теги")),
}  # fmt: skip


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """What a mapping that gives these targets lacks to make contacts."""
    if IDENTIFYING & given:
        return ()
    sentence = _l("Choose a column that tells who a contact is: a name, company, phone or email.")
    return (FieldError(ContactTarget.FULL_NAME, sentence),)

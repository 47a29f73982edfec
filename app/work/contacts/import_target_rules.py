"""Targets for the columns of a file of contacts."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.field import Imported
from app.declarations.importable import LeftOut, Target
from app.errors import FieldError, LazyText
from app.work.contacts.rules import MAX_NAME_LENGTH


class ContactTarget(StrEnum):
    """Targets for the columns of a contact."""

    EXTERNAL_ID = "external_id"
    CLIENT_PROPERTY = "client_property"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    COMPANY_NAME = "company_name"
    PRIMARY_PHONE = "primary_phone"
    SECONDARY_PHONES = "secondary_phones"
    EMAIL = "email"
    WHOLE_ADDRESS = "whole_address"
    ADDRESS_LINE_1 = "address_line_1"
    ADDRESS_LINE_2 = "address_line_2"
    CITY = "city"
    STATE = "state"
    ZIP = "zip"
    COUNTRY = "country"
    TAGS = "tags"


# At least one of these is required.
IDENTIFYING: frozenset[str] = frozenset({
    ContactTarget.FIRST_NAME, ContactTarget.LAST_NAME, ContactTarget.FULL_NAME, ContactTarget.COMPANY_NAME,
    ContactTarget.PRIMARY_PHONE, ContactTarget.SECONDARY_PHONES, ContactTarget.EMAIL,
})  # fmt: skip

#: At least one of these is expected: without them, contacts would be called by their number.
NAMES: frozenset[str] = frozenset({
    ContactTarget.FIRST_NAME, ContactTarget.LAST_NAME, ContactTarget.FULL_NAME, ContactTarget.COMPANY_NAME,
})  # fmt: skip

#: Columns with the name of a contact, or with its code in the other system.
CODE_NAMES: frozenset[str] = frozenset({
    "contact", "customer", "client", "person", "контакт", "клиент", "заказчик", "mijoz",
})  # fmt: skip

# In order of preference: the first one in a file is the primary phone, the others are additional numbers.
_PHONE_NAMES = (
    "primary phone", "primary phone number", "phone", "phone number", "phone 1", "phone 1 value", "main phone",
    "mobile phone", "mobile phone number", "mobile number", "mobile", "cell phone", "cell", "telephone", "телефон",
    "telefon", "home phone", "home phone number", "home number", "work phone", "work phone number", "work number",
    "business phone", "company main phone", "secondary phones", "secondary phone", "phone 2", "phone 2 value",
    "phone 3", "phone 3 value", "home phone 2", "business phone 2", "other phone", "alternate phone",
)  # fmt: skip

# Headers used by other systems; docs/imports.md lists their documentation.
TARGETS: Mapping[str, Target] = {
    ContactTarget.EXTERNAL_ID: Target(
        _l("Contact ID"),
        ("contact id", "contactid", "external id", "customer id", "customerid", "client id", "clientid", "record id",
         "recordid", "id"),
    ),
    ContactTarget.CLIENT_PROPERTY: Target(_l("Contact and property ID"), ("j id",)),
    ContactTarget.FIRST_NAME: Target(
        _l("First name"), ("first name", "firstname", "given name", "first", "имя", "ism")
    ),
    ContactTarget.LAST_NAME: Target(
        _l("Last name"), ("last name", "lastname", "surname", "family name", "last", "фамилия", "familiya")
    ),
    ContactTarget.FULL_NAME: Target(
        _l("Full name"),
        ("full name", "fullname", "name", "contact name", "customer name", "client name", "display name", "contact",
         "customer", "client", "customer full name", "client full name", "person", "person name", "фио", "клиент",
         "имя клиента", "заказчик", "f i sh", "mijoz", "mijoz ismi"),
        code_names=CODE_NAMES,
    ),
    ContactTarget.PRIMARY_PHONE: Target(_l("Phone"), _PHONE_NAMES),
    ContactTarget.SECONDARY_PHONES: Target(_l("Other phone numbers"), _PHONE_NAMES, repeatable=True),
    ContactTarget.EMAIL: Target(
        _l("Email"),
        ("email", "e mail", "email address", "e mail address", "primary email", "email 1", "e mail 1 value",
         "email 1 value", "e mails", "emails", "mail", "почта", "pochta"),
    ),
    ContactTarget.WHOLE_ADDRESS: Target(
        _l("Full address"),
        ("full address", "whole address", "complete address", "formatted address", "one line address"),
    ),
    ContactTarget.ADDRESS_LINE_1: Target(
        _l("Address"),
        ("address line 1", "address 1", "address", "street", "street address", "street line 1", "service address",
         "address 1 street", "mailing address", "mailing street", "home street", "business street",
         "service street 1", "service street", "billing street 1", "billing street",
         "адрес", "manzil"),
    ),
    ContactTarget.ADDRESS_LINE_2: Target(
        _l("Address line 2"),
        ("address line 2", "address 2", "street 2", "street line 2", "address 1 extended address", "home street 2",
         "business street 2", "service street 2", "billing street 2", "apartment", "suite", "unit"),
    ),
    ContactTarget.CITY: Target(
        _l("City"),
        ("city", "town", "address 1 city", "mailing city", "home city", "business city", "service city",
         "billing city", "город",
         "shahar"),
    ),
    ContactTarget.STATE: Target(
        lazy_pgettext("address", "State or region"),
        ("state", "state region", "state province", "province", "region", "address 1 region", "mailing state province",
         "mailing state", "home state", "business state", "service state", "billing state province", "billing state",
         "регион",
         "область", "viloyat"),
    ),
    ContactTarget.ZIP: Target(
        _l("ZIP or postal code"),
        ("zip", "zip code", "zipcode", "zip postal code", "postal code", "postcode", "post code",
         "address 1 postal code", "mailing zip postal code", "mailing zip", "mailing postal code", "home postal code",
         "business postal code", "service zip code", "billing zip code", "billing zip postal code", "billing zip",
         "индекс", "pochta indeksi"),
    ),
    ContactTarget.COUNTRY: Target(
        _l("Country"),
        ("country", "country region", "country code", "address 1 country", "mailing country", "home country region",
         "business country region", "service country", "billing country", "страна", "mamlakat"),
    ),
    ContactTarget.TAGS: Target(
        _l("Tags"), ("tags", "tag", "labels", "categories", "group membership", "теги")
    ),
}  # fmt: skip


COMPANY_NAME = Imported(
    ("company name", "company", "organization name", "organization 1 name", "organization", "organisation",
     "business name", "account name", "account", "компания", "kompaniya"),
    longest=MAX_NAME_LENGTH,
)  # fmt: skip

_OF_SEVERAL = LeftOut(_l("Several people can share an account, so this isn’t the contact’s ID. The column is skipped."))
#: Known columns of other systems that are skipped; Jobber derives the first one from the others.
LEFT_OUT: Mapping[str, LeftOut] = {
    "display name": LeftOut(_l("Repeats the name or the company"), beside=("is company",)),
    **dict.fromkeys(
        ("account id", "accountid", "account number", "account no", "account code", "account ref", "account reference",
         "account uuid", "account key", "account external id", "customer account", "customer account id",
         "customer account number", "customer account no", "client account", "client account id",
         "client account number", "parent account id", "billing account", "billing account id",
         "billing account number", "company id", "organization id", "household id"),
        _OF_SEVERAL,
    ),
}  # fmt: skip

#: Targets that a mapping can set for a whole file, and the columns that provide the same value.
CONSTANTS: Mapping[str, tuple[str, ...]] = {
    ContactTarget.TAGS: (),
    ContactTarget.CITY: (ContactTarget.WHOLE_ADDRESS,),
    ContactTarget.STATE: (ContactTarget.WHOLE_ADDRESS,),
    ContactTarget.COUNTRY: (),
}


#: Targets that a file can be confirmed to lack, with the label of the check box.
CONFIRMABLE: Mapping[str, LazyText] = {ContactTarget.FULL_NAME: _l("This file has no names")}


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """Return an error if `given` has no target that identifies a contact, or none that names it."""
    if lacking := identity_gaps(given):
        return lacking
    if NAMES & given:
        return ()
    sentence = _l(
        "No column was recognized as a name, so contacts would have only numbers or email addresses. Choose the column "
        "that has the names, or confirm that there is none."
    )
    return (FieldError(ContactTarget.FULL_NAME, sentence),)


def identity_gaps(targets: frozenset[str]) -> tuple[FieldError, ...]:
    """Return an error if `given` has no target that identifies a contact."""
    if IDENTIFYING & targets:
        return ()
    sentence = _l("Choose a column that identifies the contact: a name, company, number or email.")
    return (FieldError(ContactTarget.PRIMARY_PHONE, sentence),)

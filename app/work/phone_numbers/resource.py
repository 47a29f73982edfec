"""Resource declaration of phone numbers."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext
from sqlalchemy import func

from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Phone, Priority, YesOrNo
from app.declarations.listed import Listed
from app.declarations.resource import Resource, Words
from app.models import NumberProvider, NumberPurpose, PhoneNumber
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.phone_numbers.filters import PhoneNumberFilters
from app.work.phone_numbers.queries import SORTS, phone_number_list

PHONE_NUMBER_LIST = Listed(
    name="phone_numbers",
    label=_l("Phone numbers"),
    endpoint="phone_numbers.index",
    permission=Permission.PHONE_NUMBERS_READ,
    filters=PhoneNumberFilters,
    query=phone_number_list,
    sorts=SORTS,
    bar_label=_l("Filter phone numbers"),
    pickers=("purpose", "provider", "in_use"),
    filter_words={"q": _l("Name or number")},
)

PHONE_NUMBER = Resource(
    name="phone_number",
    model=PhoneNumber,
    words=Words(
        _l("phone number"),
        _l("phone numbers"),
        lambda n, count: ngettext("%(count)s phone number", "%(count)s phone numbers", n, count=count),
    ),
    icon="phone",
    title=lambda: func.coalesce(PhoneNumber.display_name, PhoneNumber.number),
    page=("phone_numbers.show", "phone_number_id"),
    scope=Scope((Permission.PHONE_NUMBERS_READ,), own_rows.nothing),
    revert=_l("Edit phone numbers on their own page, which also updates the phone provider."),
    listed=PHONE_NUMBER_LIST,
    fields=(
        Field("number", _l("Number"), Phone(), Column(is_fixed=True), is_fact=True),
        Field("display_name", lazy_pgettext("thing", "Name"), column=Column(Priority.WIDE), is_fact=True),
        Field("purpose", _l("Purpose"), Choice(NumberPurpose), Column(Priority.WIDE), is_fact=True),
        Field(
            "forwarding_number", _l("Forwarding number"), Phone(), Column(Priority.WIDER, is_whole=True), is_fact=True
        ),
        Field(
            "in_use",
            _l("Active"),
            YesOrNo("neutral"),
            Column(),
            shows="is_active",
            recorded=("is_active",),
            is_fact=True,
        ),
        Field("provider", _l("Provider"), Choice(NumberProvider), file=FileColumn(), is_fact=True),
        Field(
            "created_at",
            _l("Added at"),
            Moment("date"),
            Column(Priority.WIDER, is_whole=True),
            sort="createdAt",
            recorded=(),
            is_fact=True,
        ),
    ),
)

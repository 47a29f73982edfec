"""The JSON API of phone numbers."""

from app.declarations.api import Action, Api, Write
from app.errors import ActiveCalls, QuotaExceeded
from app.security.permissions import Permission
from app.trust.trash.delete_service import delete
from app.work.phone_numbers import service
from app.work.phone_numbers.queries import phone_number_records
from app.work.phone_numbers.record_service import add_number, change_number
from app.work.phone_numbers.resource import PHONE_NUMBER
from app.work.phone_numbers.schemas import NewPhoneNumber, PhoneNumberChanges, PhoneNumberRecord

PHONE_NUMBERS = Api(
    PHONE_NUMBER,
    path="phone-numbers",
    key="phoneNumber",
    records=phone_number_records,
    record=PhoneNumberRecord,
    read=Permission.PHONE_NUMBERS_READ,
    create=Write(
        Permission.PHONE_NUMBERS_WRITE,
        add_number,
        NewPhoneNumber,
        example={
            "number": "+12125550188",
            "provider": "twilio",
            "purpose": "tracking",
            "displayName": "Yard signs",
            "forwardingNumber": "+12125550100",
        },
        errors=(QuotaExceeded,),
    ),
    change=Write(
        Permission.PHONE_NUMBERS_WRITE,
        change_number,
        PhoneNumberChanges,
        example={"displayName": "Website", "forwardingNumber": None},
        errors=(ActiveCalls,),
    ),
    delete=Write(
        Permission.PHONE_NUMBERS_DELETE,
        lambda actor, number_id: delete(actor, "phone_number", [number_id]),
        errors=(ActiveCalls,),
    ),
    actions=(
        Action(
            Permission.PHONE_NUMBERS_WRITE,
            lambda actor, number_id: service.set_active(actor, number_id, is_active=True),
            verb="activate",
        ),
        Action(
            Permission.PHONE_NUMBERS_WRITE,
            lambda actor, number_id: service.set_active(actor, number_id, is_active=False),
            errors=(ActiveCalls,),
            verb="deactivate",
        ),
    ),
)

API = (PHONE_NUMBERS,)

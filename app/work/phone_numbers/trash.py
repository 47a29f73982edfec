"""Deleting and restoring phone numbers of the organization."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.declarations.deletable import Deletable, Rename
from app.errors import ActiveCalls
from app.models import Call, CallStatus, PhoneNumber
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.restore_quota_service import plan_limit
from app.trust.trash.refusal_queries import count_uses
from app.work.contacts.trash import read_number
from app.work.phone_numbers.resource import PHONE_NUMBER


def _refuse_in_use(numbers: Sequence[PhoneNumber], _actor: Actor) -> None:
    """Raise ActiveCalls if there are active calls on any of the numbers."""
    count = count_uses(Call.phone_number_id, numbers, Call.status == CallStatus.ACTIVE)
    if count:
        raise ActiveCalls(count)


PHONE_NUMBER_DELETION = Deletable(
    resource=PHONE_NUMBER,
    label=lambda row: row.display_name or row.number,
    permission=Permission.PHONE_NUMBERS_DELETE,
    renames={"uq_phone_numbers_number": Rename(column="number", label=_l("New number"), read=read_number)},
    check=_refuse_in_use,
    limited_by=plan_limit(QuotaKind.PHONE_NUMBERS, _l("All phone numbers in the plan are in use.")),
)

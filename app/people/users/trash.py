"""Deletion, restore and permanent removal of people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.declarations.deletable import Deletable, Handover, Rename
from app.declarations.events import OwnerAdded, raise_event
from app.models import BusySource, Event, RecordingSession, User
from app.people.users.access_service import end_access
from app.people.users.edit_service import check_address_change, follow_new_address
from app.people.users.purge_service import purge_person
from app.people.users.queries import has_other_owner, list_owners_among
from app.people.users.resource import USER
from app.people.users.return_work_service import count_handed_over, give_back
from app.people.users.service import check_deletion
from app.security.actor import Actor
from app.security.confirmation import Effect, require_confirmation
from app.security.permissions import Permission, Role
from app.security.rank_rules import refuse_higher_role
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.restore_quota_service import plan_limit
from app.trust.trash.refusal_queries import count_uses, still_in_use


def _check(people: Sequence[User], actor: Actor) -> None:
    check_deletion(people, actor)
    _refuse_what_only_they_have(people)


def _refuse_what_only_they_have(people: Sequence[User]) -> None:
    """Raise if events or recordings are still assigned to these people; their own time off stays theirs."""
    uses = {
        "events": count_uses(Event.organizer_id, people, Event.type != BusySource.TIME_OFF),
        "recordings": count_uses(RecordingSession.sales_rep_id, people),
    }
    words = {
        "events": _ln("%(num)s event", "%(num)s events", uses["events"]),
        "recordings": _ln("%(num)s recording", "%(num)s recordings", uses["recordings"]),
    }
    if any(uses.values()):
        raise still_in_use(uses, words, _l("Reassign them first."))


def _may_restore(actor: Actor, people: Sequence[User]) -> None:
    """Raise Forbidden for a person above the actor, and ReauthenticationRequired in an unconfirmed session.

    Restoring a person assigns their role again.
    """
    above = _l("You can’t restore someone with a higher role. Ask someone with that role.")
    for user in people:
        refuse_higher_role(actor, Role(user.role), Permission.TRASH_RESTORE, above)
    require_confirmation(actor, Effect.PERSON_BACK)


def _tell_of_owners(organization_id: UUID, ids: Sequence[UUID]) -> None:
    """Raise OwnerAdded for each restored owner, unless all owners of the organization were restored with it."""
    if has_other_owner(organization_id, ids):
        for user in list_owners_among(organization_id, ids):
            raise_event(OwnerAdded(user.id, user.name))


def _check_new_address(actor: Actor, user: Any) -> None:
    actor.requires(Permission.USERS_UPDATE)
    check_address_change(actor, user)


USER_DELETION = Deletable(
    resource=USER,
    permission=Permission.USERS_DELETE,
    renames={
        "idx_users_email_org": Rename(
            column="email",
            label=_l("New email address"),
            check=_check_new_address,
            renamed=follow_new_address,
        )
    },
    holds_organization=True,
    check=_check,
    then=end_access,
    may_restore=_may_restore,
    limited_by=plan_limit(QuotaKind.TEAM_MEMBERS, _l("All seats in the plan are in use.")),
    restored=_tell_of_owners,
    purge=purge_person,
)

USER_HANDOVER = Handover(USER.name, count_handed_over, give_back)

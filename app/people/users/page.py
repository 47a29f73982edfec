"""The page of a person, used by its own view and by actions on it that were refused."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, make_response, render_template, url_for

from app.errors import DomainError
from app.lists.cells import draw
from app.lists.facts import facts_of
from app.models import User
from app.people.users.account_actions import list_account_actions
from app.people.users.detail_queries import get_person, get_person_detail
from app.people.users.forms import NewMemberForm
from app.people.users.open_work_queries import OpenWork
from app.people.users.resource import USER
from app.people.users.rules import MANAGING
from app.people.users.takeover_forms import words_of_work
from app.people.users.words import LISTS, history_line
from app.security.actor import current_actor
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give, refuse_higher_role
from app.web.representation import Representation, wanted_representation


def person_page(
    user_id: UUID, *, refusal: DomainError | None = None, new_member: NewMemberForm | None = None
) -> Response:
    """Return the page; `refusal` is the reason why an action on it was not carried out.

    Raises `refusal` if the client prefers JSON.
    """
    if refusal is not None and wanted_representation() is Representation.JSON:
        raise refusal
    actor = current_actor()
    detail = get_person_detail(actor, user_id, datetime.now(UTC))
    may_lead = detail.user.role in MANAGING and detail.user.is_active
    page = render_template(
        "people/users/show.html",
        detail=detail,
        person=detail.user,
        labels=USER.labels,
        known=facts_of(USER, detail.user),
        status=draw(USER, "status", detail.user.status),
        account_actions=list_account_actions(actor, detail.user),
        work=[(words_of_work(one.kind, one.count), _list_of(one, user_id), one.records) for one in detail.work],
        history=[history_line(entry) for entry in detail.history],
        new_member=new_member or NewMemberForm(formdata=None),
        is_above=actor.may(Permission.USERS_UPDATE) and not may_give(actor.role, Role(detail.user.role)),
        may_lead=may_lead,
        may_set_hours=actor.may(Permission.USERS_UPDATE) and may_give(actor.role, Role(detail.user.role)),
        may_change_team=actor.may(Permission.USERS_UPDATE) and may_give(actor.role, Role(detail.user.role)),
        refusal=refusal,
    )
    return make_response(page, HTTPStatus.OK if refusal is None else refusal.status)


def person_to_change(user_id: UUID, permission: Permission) -> User:
    """Return the person whom a form changes.

    Raises NotFound, and Forbidden for a person above the actor, because submitting the form could only fail.
    """
    actor = current_actor()
    user = get_person(actor, user_id)
    refuse_higher_role(actor, Role(user.role), permission)
    return user


def _list_of(work: OpenWork, user_id: UUID) -> str | None:
    """Return the URL of the list with all work of this kind, or None if there is no such list."""
    if work.kind not in LISTS:
        return None
    endpoint, named, filters = LISTS[work.kind]
    values: dict[str, Any] = {named: str(user_id), **filters}
    return url_for(endpoint, **values)

"""Actions on the team of a manager."""

from uuid import UUID

from flask import Response, flash, url_for
from flask_babel import gettext as _

from app.errors import Forbidden, NotFound, ValidationFailed
from app.people.users import edit_service
from app.people.users.detail_queries import get_person
from app.people.users.forms import MemberForm, NewMemberForm
from app.people.users.page import person_page
from app.people.users.queries import get_colleague_by_email
from app.people.users.views import users
from app.security.actor import current_actor
from app.security.guard import requires
from app.security.permissions import Permission
from app.web.forms import submitted
from app.web.htmx import redirect


@users.post("/users/<uuid:user_id>/team")
@requires(Permission.USERS_UPDATE)
def add_to_team(user_id: UUID) -> Response:
    """Move a colleague into this person's team."""
    form, actor = NewMemberForm(), current_actor()
    with submitted(also=(Forbidden, NotFound)) as sent:
        _check(form)
        member = get_colleague_by_email(actor, form.email.data or "")
        edit_service.set_team(actor, user_id, member.id, is_member=True)
        flash(_("%(name)s was added to the team.", name=member.name), "good")
        return redirect(url_for(".show", user_id=user_id))
    return person_page(user_id, refusal=sent.error, new_member=form)


@users.post("/users/<uuid:user_id>/team/remove")
@requires(Permission.USERS_UPDATE)
def remove_from_team(user_id: UUID) -> Response:
    """Remove a colleague from this person's team."""
    form, actor = MemberForm(), current_actor()
    get_person(actor, user_id)
    form.check()
    with submitted(also=(Forbidden,)) as sent:
        member = edit_service.set_team(actor, user_id, form.person_id, is_member=False)
        flash(_("%(name)s no longer reports to a manager.", name=member.name), "good")
        return redirect(url_for(".show", user_id=user_id))
    return person_page(user_id, refusal=sent.error)


def _check(form: NewMemberForm) -> None:
    """Raise the form's errors as one sentence, because the page shows it at the top."""
    if not form.validate():
        raise ValidationFailed([], form.shown_again or " ".join(str(message) for message in form.email.errors))

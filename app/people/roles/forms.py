"""Forms of what people may do."""

from collections.abc import Sequence
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import AnyOf, DataRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.people.roles.queries import Grant
from app.people.roles.words import Area, permission_label, words_of_permission
from app.people.users.handover_service import Handover
from app.people.users.takeover_forms import TakeoverMixin
from app.security.permissions import Permission, Role, role_label
from app.web.forms import Form, VersionedForm, reason_field, until_field, version_field

_NOT_OFFERED = _l("Choose one of the values offered.")


class RoleForm(TakeoverMixin, VersionedForm):
    """Another role, why, which grants stay, and who takes over. Made for a person by `for_person`."""

    role = SelectField(
        _l("Role"),
        [AnyOf(list(Role), _NOT_OFFERED)],
        choices=lambda: [(one.value, str(role_label(one))) for one in Role],
        validate_choice=False,
    )
    kept = SelectMultipleField(
        _l("Stays beyond the new role"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("What is not ticked is taken, if the new role does not have it anyway."),
    )
    reason = reason_field(_l("Say why, in 3 to 500 characters. It stands in the audit trail."))
    version = version_field()

    @classmethod
    def for_person(cls, work: Sequence[Handover], grants: Sequence[Grant], **values: Any) -> Self:
        """The form for somebody with this open work and these grants; `values` where it begins."""
        form = cls.about(work, **values)
        form.kept.choices = [(one.permission.value, str(permission_label(one.permission))) for one in grants]
        if not grants:
            del form.kept
        return form

    @property
    def chosen(self) -> Role | None:
        """The role that was sent, once the form has been read; None for what is none."""
        return Role(self.role.data) if self.role.data in list(Role) else None

    @property
    def dropped(self) -> list[Permission]:
        """The grants that were not ticked."""
        if "kept" not in self:
            return []
        return [Permission(value) for value, *_rest in self.kept.iter_choices() if value not in (self.kept.data or [])]


class GrantForm(Form):
    """One permission more. Made for what can be granted by `offering`."""

    # What is not offered is for the service to refuse, which says why, and is recorded.
    permission = SelectField(
        _l("Permission"),
        [DataRequired(_l("Choose a permission.")), AnyOf(list(Permission), _NOT_OFFERED)],
        validate_choice=False,
    )
    reason = reason_field(_l("Say why, in 3 to 500 characters. It stands in the audit trail."))
    until = until_field(_l("It ends as this day begins. Without a day it stays until it is taken away."))

    @classmethod
    def offering(cls, permissions: Sequence[Permission], **values: Any) -> Self:
        """With these to choose from, by area."""
        form = cls(**values)
        worded = [(one, words_of_permission(one)) for one in permissions]
        form.permission.choices = [("", str(_("Choose …")))] + [
            (one.value, f"{area.value}: {words.label}") for area in Area for one, words in worded if words.area is area
        ]
        return form

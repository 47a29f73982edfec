"""Forms for roles and permissions."""

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

_NOT_OFFERED = _l("Choose one of the options.")


class RoleForm(TakeoverMixin, VersionedForm):
    """Form for changing a person's role; built with `for_person`.

    It asks for the new role, the reason, the grants to keep, and who takes over the open work.
    """

    role = SelectField(
        _l("Role"),
        [AnyOf(list(Role), _NOT_OFFERED)],
        choices=lambda: [(one.value, str(role_label(one))) for one in Role],
        validate_choice=False,
    )
    kept = SelectMultipleField(
        _l("Permissions to keep"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Unselected permissions are removed, unless the new role includes them."),
    )
    reason = reason_field(_l("Enter a reason, 3 to 500 characters. It’s saved in the audit trail."))
    version = version_field()

    @classmethod
    def for_person(cls, work: Sequence[Handover], grants: Sequence[Grant], **values: Any) -> Self:
        """Build the form for a person with this open work and these grants; `values` are its initial data."""
        form = cls.about(work, **values)
        form.kept.choices = [(one.permission.value, str(permission_label(one.permission))) for one in grants]
        if not grants:
            del form.kept
        return form

    @property
    def chosen(self) -> Role | None:
        """The submitted role, once the form has been read; None if it is not a valid role."""
        return Role(self.role.data) if self.role.data in list(Role) else None

    @property
    def dropped(self) -> list[Permission]:
        """The grants that were not selected to be kept."""
        if "kept" not in self:
            return []
        return [Permission(value) for value, *_rest in self.kept.iter_choices() if value not in (self.kept.data or [])]


class GrantForm(Form):
    """Form for granting one extra permission; built with `offering`."""

    # A permission that is not offered passes here: the service refuses it with a reason, and the refusal is recorded.
    permission = SelectField(
        _l("Permission"),
        [DataRequired(_l("Choose a permission.")), AnyOf(list(Permission), _NOT_OFFERED)],
        validate_choice=False,
    )
    reason = reason_field(_l("Enter a reason, 3 to 500 characters. It’s saved in the audit trail."))
    until = until_field(_l("The permission expires at the start of this day. Leave empty for no expiration."))

    @classmethod
    def offering(cls, permissions: Sequence[Permission], **values: Any) -> Self:
        """Build the form with these permissions as choices, ordered by area."""
        form = cls(**values)
        worded = [(one, words_of_permission(one)) for one in permissions]
        form.permission.choices = [("", str(_("Choose…")))] + [
            (one.value, f"{area.value}: {words.label}") for area in Area for one, words in worded if words.area is area
        ]
        return form

"""Forms of leads: a new lead, its details, its stage, and its assignee."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from wtforms import HiddenField, SelectField, TelField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Optional

from app.declarations.entered_fields import asks_for
from app.declarations.input_forms import text_length
from app.errors import LazyText
from app.lists.choices import Choice
from app.lists.listing import as_options
from app.models import ContactSource, Lead, LeadStage, Qualification
from app.web.forms import NewRowForm, VersionedForm, is_id, version_field
from app.web.labels import options
from app.work.leads.filters import ForNewLead
from app.work.leads.resource import LEAD, LEAD_INPUT, NEW_LEAD_INPUT
from app.work.leads.rules import LeadInput, NewLeadInput, StageInput

_NOT_OFFERED = _l("Choose one of the options.")
#: Value in place of a rep: the rep whose turn it is.
FEWEST = "fewest"


def reason_validators(*first: Any) -> list[Any]:
    """Return the validators of the reason for a dead lead; `first` specifies whether it is required."""
    return [*first, text_length(StageInput, "dead_reason")]


def _qualification_field(field_id: str) -> SelectField:
    return SelectField(
        _l("Qualification"),
        choices=lambda: [("", _l("Unknown")), *options(Qualification)],
        validators=[AnyOf(["", *Qualification], _NOT_OFFERED)],
        validate_choice=False,
        id=field_id,
    )


def _source_field(field_id: str) -> SelectField:
    return SelectField(
        _l("Source"),
        choices=lambda: options(ContactSource),
        validators=[AnyOf(list(ContactSource), _NOT_OFFERED)],
        validate_choice=False,
        id=field_id,
    )


class StageForm(VersionedForm):
    """Form for the stage of a lead, with the reason for a dead one."""

    stage = SelectField(
        _l("Stage"), validators=[AnyOf(list(LeadStage), _NOT_OFFERED)], validate_choice=False, id="lead-stage"
    )
    reason = TextAreaField(_l("Reason"), reason_validators(Optional()), render_kw={"rows": 3}, id="lead-stage-reason")
    back = HiddenField()
    version = version_field("lead-stage-version")

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.offer(list(LeadStage))

    def offer(self, stages: Collection[str]) -> None:
        """Enable these stages; the others are shown as disabled."""
        disabled = {"disabled": True}
        self.stage.choices = [(value, text, {} if value in stages else disabled) for value, text in options(LeadStage)]

    @classmethod
    def of(cls, lead: Lead, stage: str, back: str) -> "StageForm":
        """Return a form that moves the lead to `stage`, and then returns to the page `back`."""
        return cls(formdata=None, stage=stage, reason=lead.dead_reason or "", back=back, version=lead.version)

    @property
    def given(self) -> StageInput:
        """The stage from a valid form."""
        return StageInput.of({"stage": self.stage.data, "dead_reason": self.reason.data or None})


class ReopenForm(VersionedForm):
    """Form of the button that reopens a lead."""

    version = version_field("lead-reopen-version")


class AssignForm(VersionedForm):
    """Form for the assignee of a lead: a rep, no one, or the rep whose turn it is."""

    rep = SelectField(_l("Sales rep"), validate_choice=False, id="lead-rep")
    back = HiddenField()
    version = version_field("lead-rep-version")

    def offer(self, reps: Sequence[Choice]) -> None:
        """Offer the reps to whom leads can be assigned."""
        in_turn = [(FEWEST, _("Rep with the fewest open leads"))] if reps else []
        self.rep.choices = [("", pgettext("assigned", "Unassigned")), *in_turn, *as_options(reps)]
        self.rep.validators = [AnyOf(["", *(value for value, _text in [*in_turn, *as_options(reps)])], _NOT_OFFERED)]

    @classmethod
    def of(cls, lead: Lead, back: str) -> "AssignForm":
        """Return the form filled with the current assignee."""
        return cls(formdata=None, rep=str(lead.assigned_rep_id or ""), back=back, version=lead.version)

    @property
    def chosen(self) -> UUID | None:
        """The ID of the chosen rep, or None for no one, from a valid form in which `FEWEST` isn't chosen."""
        return UUID(self.rep.data) if self.rep.data else None


@asks_for(LEAD)
class LeadForm(VersionedForm):
    """Form for the qualification, the source and the CSR of a lead."""

    stored_as: ClassVar = {"qualification": "qualification", "source": "source", "csr": "csr"}

    qualification = _qualification_field("lead-qualification")
    source = _source_field("lead-source")
    csr = SelectField(_l("CSR"), validate_choice=False, id="lead-csr")
    version = version_field("lead-version")

    def offer(self, csrs: Sequence[Choice] | None) -> None:
        """Offer the CSRs who can be credited. With None, the field is removed, as the user can't set it."""
        if csrs is None:
            del self.csr
            return
        self.csr.choices = [("", pgettext("assigned", "Unassigned")), *as_options(csrs)]
        self.csr.validators = [AnyOf(["", *(str(one.id) for one in csrs)], _NOT_OFFERED)]

    @classmethod
    def of(cls, lead: Lead) -> "LeadForm":
        """Return the form filled with the current lead."""
        return cls(
            formdata=None,
            qualification=lead.qualification_status or "",
            source=lead.source,
            csr=str(lead.csr_id or ""),
            version=lead.version,
            **LEAD.entered_values(lead),
        )

    def given(self, lead: Lead) -> LeadInput:
        """Return the values of a valid form. The CSR of `lead` is unchanged if the user can't set it."""
        credited = (self.csr.data or None) if "csr" in self else lead.csr_id
        values = {"qualification_status": self.qualification.data or None, "source": self.source.data}
        return LEAD_INPUT.of({**values, **self.declared_values, "csr_id": credited})


@asks_for(LEAD)
class NewLeadForm(NewRowForm):
    """Form for a new lead of a contact, known or found by number, and optionally of a call."""

    contact = HiddenField(validators=[Optional(), is_id])
    call = HiddenField(validators=[Optional(), is_id])
    number = TelField(_l("Contact’s number"), validators=[DataRequired(_l("Enter a contact’s number."))])
    qualification = _qualification_field("new-lead-qualification")
    source = _source_field("new-lead-source")

    def for_known_contact(self) -> None:
        """Remove the number, which is only needed to find a contact."""
        del self.number

    def given(self, contact_id: UUID, call_id: UUID | None) -> NewLeadInput:
        """Return the values of a valid form for this contact."""
        values = {"qualification_status": self.qualification.data or None, "source": self.source.data}
        about = {"contact_card_id": contact_id, "call_id": call_id}
        return NEW_LEAD_INPUT.of({**values, **self.declared_values, **about})

    @property
    def begun_with(self) -> tuple[UUID | None, UUID | None]:
        """The IDs of the contact and the call that the form was opened for, each None if it is invalid."""
        given = ForNewLead.parse({"contact": [self.contact.data or ""], "call": [self.call.data or ""]})
        return given.contact, given.call

    def refuse_number(self, why: LazyText) -> None:
        """Add `why` as an error of the number field, for a number that no contact has."""
        self.number.errors = [*self.number.errors, str(why)]

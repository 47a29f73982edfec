"""Forms of leads: a new one, what is known of it, its stage, and who has it."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from wtforms import HiddenField, SelectField, TelField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Optional

from app.declarations.input_forms import text_length
from app.errors import Sentence
from app.lists.choices import Choice
from app.lists.listing import as_options
from app.models import ContactSource, Lead, LeadStage, Qualification
from app.web.forms import NewRowForm, VersionedForm, is_id, version_field
from app.web.labels import options
from app.work.leads.filters import ForNewLead
from app.work.leads.rules import LeadInput, NewLeadInput, StageInput

_NOT_OFFERED = _l("Choose one of the values offered.")
#: In place of a rep: whose turn it is.
FEWEST = "fewest"


def reason_validators(*first: Any) -> list[Any]:
    """Of a field that says why a lead is dead; `first` says whether it has to."""
    return [*first, text_length(StageInput, "dead_reason")]


def _qualification_field(field_id: str) -> SelectField:
    return SelectField(
        _l("Qualification"),
        choices=lambda: [("", _l("Not known")), *options(Qualification)],
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
    """The stage of a lead, with the reason of a dead one."""

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
        """Let these be chosen; the others are shown."""
        disabled = {"disabled": True}
        self.stage.choices = [(value, text, {} if value in stages else disabled) for value, text in options(LeadStage)]

    @classmethod
    def of(cls, lead: Lead, stage: str, back: str) -> "StageForm":
        """The form that puts a lead into `stage`, and leads back."""
        return cls(formdata=None, stage=stage, reason=lead.dead_reason or "", back=back, version=lead.version)

    @property
    def given(self) -> StageInput:
        """Once the form is valid."""
        return StageInput.of({"stage": self.stage.data, "dead_reason": self.reason.data or None})


class ReopenForm(VersionedForm):
    """The button that opens a lead again."""

    version = version_field("lead-reopen-version")


class AssignForm(VersionedForm):
    """Who has a lead: a rep, nobody, or whose turn it is."""

    rep = SelectField(_l("Sales rep"), validate_choice=False, id="lead-rep")
    back = HiddenField()
    version = version_field("lead-rep-version")

    def offer(self, reps: Sequence[Choice]) -> None:
        """Fill in who can be given leads."""
        in_turn = [(FEWEST, _("Whoever has the fewest open leads"))] if reps else []
        self.rep.choices = [("", pgettext("assigned", "Nobody")), *in_turn, *as_options(reps)]
        self.rep.validators = [AnyOf(["", *(value for value, _text in [*in_turn, *as_options(reps)])], _NOT_OFFERED)]

    @classmethod
    def of(cls, lead: Lead, back: str) -> "AssignForm":
        """The form as the lead stands."""
        return cls(formdata=None, rep=str(lead.assigned_rep_id or ""), back=back, version=lead.version)

    @property
    def chosen(self) -> UUID | None:
        """Once the form is valid, and nobody’s turn was asked for."""
        return UUID(self.rep.data) if self.rep.data else None


class LeadForm(VersionedForm):
    """The qualification, the source and the CSR of a lead."""

    stored_as: ClassVar = {"qualification": "qualification", "source": "source", "csr": "csr"}

    qualification = _qualification_field("lead-qualification")
    source = _source_field("lead-source")
    csr = SelectField(_l("CSR"), validate_choice=False, id="lead-csr")
    version = version_field("lead-version")

    def offer(self, csrs: Sequence[Choice] | None) -> None:
        """Fill in who can be credited; None: this is not theirs to say."""
        if csrs is None:
            del self.csr
            return
        self.csr.choices = [("", pgettext("assigned", "Nobody")), *as_options(csrs)]
        self.csr.validators = [AnyOf(["", *(str(one.id) for one in csrs)], _NOT_OFFERED)]

    @classmethod
    def of(cls, lead: Lead) -> "LeadForm":
        """The form as the lead stands."""
        return cls(
            formdata=None,
            qualification=lead.qualification_status or "",
            source=lead.source,
            csr=str(lead.csr_id or ""),
            version=lead.version,
        )

    def given(self, lead: Lead) -> LeadInput:
        """Once the form is valid; the CSR of `lead` stays where it is not theirs to say."""
        credited = (self.csr.data or None) if "csr" in self else lead.csr_id
        values = {"qualification_status": self.qualification.data or None, "source": self.source.data}
        return LeadInput.of({**values, "csr_id": credited})


class NewLeadForm(NewRowForm):
    """A new lead of a contact, who is known or found by a number; perhaps of a call."""

    contact = HiddenField(validators=[Optional(), is_id])
    call = HiddenField(validators=[Optional(), is_id])
    number = TelField(_l("Number of the contact"), validators=[DataRequired(_l("Type the number of a contact."))])
    qualification = _qualification_field("new-lead-qualification")
    source = _source_field("new-lead-source")

    def for_known_contact(self) -> None:
        """Nobody has to be found."""
        del self.number

    def given(self, contact_id: UUID, call_id: UUID | None) -> NewLeadInput:
        """Once the form is valid, and the contact is known."""
        values = {"qualification_status": self.qualification.data or None, "source": self.source.data}
        return NewLeadInput.of({**values, "contact_card_id": contact_id, "call_id": call_id})

    @property
    def begun_with(self) -> tuple[UUID | None, UUID | None]:
        """The contact and the call that it comes from, as far as they are ids."""
        given = ForNewLead.parse({"contact": [self.contact.data or ""], "call": [self.call.data or ""]})
        return given.contact, given.call

    def refuse_number(self, why: Sentence) -> None:
        """Say beside the number that it finds nobody."""
        self.number.errors = [*self.number.errors, str(why)]

"""Common behavior of all forms: cleaned text, and a service's refusal shown at its field."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest
from flask import Flask
from flask_babel import Babel
from wtforms import IntegerField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.errors import (
    Conflict,
    DatabaseUnavailable,
    DomainError,
    FieldError,
    Forbidden,
    InvalidCredentials,
    LastOwner,
    NotFound,
    QuotaExceeded,
    TokenInvalid,
    ValidationFailed,
    VersionConflict,
)
from app.web.forms import Difference, Form, NewRowForm, VersionedForm, submitted, version_field

bare = Flask(__name__)
bare.config.update(SECRET_KEY="only for tests", WTF_CSRF_ENABLED=False)
Babel(bare)


class PersonForm(Form):
    """A form with several types of fields."""

    name = StringField(validators=[DataRequired("Enter a name."), Length(max=10)])
    note = TextAreaField()
    password = PasswordField()
    age = IntegerField()


FORBIDDEN = Forbidden(required_permission="calls:update", required_role="manager", current_role="csr")
AS_JSON = {"Accept": "application/json"}


def sent(data: Mapping[str, str]) -> PersonForm:
    """Submit the form with `data` in addition to valid values, validate it, and return it."""
    with bare.test_request_context(method="POST", data={"name": "Ann", "age": "7", **data}):
        form = PersonForm()
        form.validate()
        return form


def test_text_is_trimmed_and_has_one_form_of_each_character() -> None:
    assert sent({"name": "  Jose\u0301 \t"}).name.data == "Jos\u00e9"


def test_line_ends_are_those_of_the_database() -> None:
    assert sent({"note": "one\r\ntwo\rthree\r\n"}).note.data == "one\ntwo\nthree"


def test_password_is_left_as_it_was_typed() -> None:
    assert sent({"password": "  two spaces  "}).password.data == "  two spaces  "


@pytest.mark.parametrize("field", ["name", "note", "password"])
def test_nul_is_refused_beside_its_field(field: str) -> None:
    form = sent({field: "a\0b"})

    assert list(form.errors) == [field]
    assert "can’t be used" in form.errors[field][0]


@pytest.mark.parametrize("field", ["name", "age"])
def test_nul_comes_back_as_a_box(field: str) -> None:
    assert 'value="7\N{REPLACEMENT CHARACTER}"' in str(sent({field: "7\0"})[field]())


def test_text_is_measured_when_it_is_clean() -> None:
    assert sent({"name": "   123456789   "}).errors == {}


def test_only_spaces_are_no_answer() -> None:
    assert sent({"name": "   "}).errors == {"name": ["Enter a name."]}


def test_form_that_was_not_sent_shows_the_row_as_it_is() -> None:
    with bare.test_request_context():
        form = PersonForm(data={"name": None, "age": 7})

    assert (form.name.data, form.age.data) == (None, 7)


class TestRefusal:
    """Refusals by a service, which are shown where the user can correct the input."""

    @pytest.fixture(autouse=True)
    def _in_a_request(self) -> Iterator[None]:
        with bare.test_request_context():
            yield

    def test_refused_field_has_its_sentence(self) -> None:
        form = sent({})

        form.refuse(Conflict("name", "Somebody has this name already."))
        assert form.errors == {"name": ["Somebody has this name already."]}

    def test_all_wrong_fields_have_theirs(self) -> None:
        form = sent({})

        form.refuse(ValidationFailed([FieldError("name", "Too short."), FieldError("age", "Too young.")]))
        assert form.errors == {"name": ["Too short."], "age": ["Too young."]}

    def test_field_of_another_name_is_found(self) -> None:
        form = sent({})

        form.refuse(Conflict("full_name", "Somebody has this name already."), names={"full_name": "name"})
        assert form.errors == {"name": ["Somebody has this name already."]}

    def test_field_that_the_form_has_not_stands_on_top(self) -> None:
        form = sent({})

        form.refuse(Conflict("slug", "This short name is taken."))
        assert form.form_errors == ["This short name is taken."]

    def test_refusal_of_the_whole_stands_on_top(self) -> None:
        form = sent({})

        form.refuse(LastOwner(count=1))
        assert form.form_errors == [LastOwner(count=1).sentence]

    def test_refusals_add_up(self) -> None:
        form = sent({"name": "longer than ten"})

        form.refuse(Conflict("name", "Taken."))
        assert len(form.errors["name"]) == 2


class TestJson:
    """Clients that prefer JSON, which get errors instead of the form."""

    def test_wrong_fields_are_raised_all_at_once(self) -> None:
        with (
            bare.test_request_context(method="POST", data={"name": "", "age": "old"}, headers=AS_JSON),
            pytest.raises(ValidationFailed) as raised,
        ):
            PersonForm().validate()

        wrong = {error.field: str(error.message) for error in raised.value.field_errors}
        assert wrong == {"name": "Enter a name.", "age": "Not a valid integer value."}

    def test_what_a_service_refused_is_raised_as_it_is(self) -> None:
        refusal = Conflict("name", "Taken.")
        with bare.test_request_context(headers=AS_JSON), pytest.raises(Conflict) as raised, submitted(PersonForm()):
            raise refusal

        assert raised.value is refusal


class TestSubmitted:
    """Handling of a submitted form: success, or its errors on the form shown again."""

    @pytest.fixture
    def form(self) -> Iterator[PersonForm]:
        with bare.test_request_context(method="POST", data={"name": "Ann", "age": "7"}):
            yield PersonForm()

    def test_what_is_done_leads_on(self, form: PersonForm) -> None:
        with submitted(form) as sent:
            form.check()

        assert (sent.error, sent.status) == (None, 200)

    def test_wrong_field_is_told_once(self) -> None:
        with bare.test_request_context(method="POST", data={"name": "", "age": "7"}):
            form = PersonForm()
            with submitted(form) as sent:
                form.check()

        assert sent.status == 400
        assert (form.errors, form.form_errors) == ({"name": ["Enter a name."]}, [])

    @pytest.mark.parametrize(
        ("refusal", "status"),
        [
            (ValidationFailed([FieldError("name", "Too short.")]), 400),
            (LastOwner(count=1), 409),
            (QuotaExceeded(limit=1, used=1), 422),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, DomainError) else "",
    )
    def test_what_a_service_refuses_is_on_the_form(self, form: PersonForm, refusal: DomainError, status: int) -> None:
        with submitted(form) as sent:
            raise refusal

        assert (sent.error, sent.status) == (refusal, status)
        assert form.errors or form.form_errors == [refusal.sentence]

    def test_fields_of_another_name_are_found(self, form: PersonForm) -> None:
        with submitted(form, {"full_name": "name"}):
            raise Conflict("full_name", "Taken.")

        assert form.errors == {"name": ["Taken."]}

    def test_a_button_has_no_form(self) -> None:
        refusal = LastOwner(count=1)
        with bare.test_request_context(method="POST"), submitted() as sent:
            raise refusal

        assert (sent.error, sent.status) == (refusal, 409)

    @pytest.mark.parametrize(
        "error",
        [FORBIDDEN, NotFound("call"), TokenInvalid(), DatabaseUnavailable(), KeyError("a bug")],
        ids=lambda error: type(error).__name__,
    )
    def test_what_no_form_can_say_is_raised(self, form: PersonForm, error: Exception) -> None:
        with pytest.raises(type(error)) as raised, submitted(form):
            raise error

        assert raised.value is error
        assert (form.errors, form.form_errors) == ({}, [])

    @pytest.mark.parametrize("error", [InvalidCredentials(), FORBIDDEN], ids=lambda error: type(error).__name__)
    def test_unless_the_view_says_so(self, form: PersonForm, error: DomainError) -> None:
        with submitted(form, also=(type(error),)) as sent:
            raise error

        assert (sent.error, sent.status) == (error, error.status)
        assert form.form_errors == [error.sentence]


class NamedForm(VersionedForm):
    """A versioned form for a name, a choice and a note."""

    stored_as: ClassVar = {"kind": "kind_of_person"}

    name = StringField("Name")
    kind = SelectField("Kind", choices=lambda: [("", "Not known"), ("csr", "CSR")])
    note = TextAreaField("Note")
    version = version_field()


class TestStaleForm:
    """Concurrent changes, for which the form shows both values before saving again overwrites them."""

    @pytest.fixture
    def stale(self) -> Iterator[NamedForm]:
        data = {"name": "Ann", "kind": "csr", "note": "mine", "version": "1"}
        with bare.test_request_context(method="POST", data=data):
            form = NamedForm()
            form.refuse(VersionConflict(4, {"name": "Anna", "kind_of_person": None}))
            yield form

    def test_it_tells_the_fields_that_differ_in_words(self, stale: NamedForm) -> None:
        assert stale.is_stale
        assert list(stale.differences) == [
            Difference("Name", now="Anna", yours="Ann"),
            Difference("Kind", now="Not known", yours="CSR"),
        ]

    def test_it_takes_over_the_version(self, stale: NamedForm) -> None:
        assert stale.opened_with == 4
        assert 'value="4"' in stale.version()

    def test_what_is_the_same_meanwhile_is_no_difference(self) -> None:
        data = {"name": "Anna", "kind": "", "version": "1"}
        with bare.test_request_context(method="POST", data=data):
            form = NamedForm()
            form.refuse(VersionConflict(2, {"name": "Anna", "kind_of_person": None}))

            assert list(form.differences) == []


class TestNewRow:
    """Forms that create a row, which contain its ID before they are submitted."""

    def test_each_form_has_an_id_of_its_own(self) -> None:
        with bare.test_request_context():
            assert NewRowForm.new().new_id != NewRowForm.new().new_id

    @pytest.mark.parametrize("row_id", ["", "7", "x" * 36])
    def test_what_is_no_id_is_refused(self, row_id: str) -> None:
        with bare.test_request_context(method="POST", data={"row_id": row_id}):
            form = NewRowForm()

            assert not form.validate()
            assert list(form.errors) == ["row_id"]

    def test_a_form_of_buttons_raises_what_is_wrong(self) -> None:
        with (
            bare.test_request_context(method="POST", data={"row_id": "7"}),
            pytest.raises(ValidationFailed) as refused,
        ):
            NewRowForm().check()

        assert [error.field for error in refused.value.field_errors] == ["row_id"]

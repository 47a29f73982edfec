"""The forms of a knowledge item."""

from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length

from app.models import KnowledgeItem
from app.models.organizations import Language
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.web.labels import options
from app.web.validators import at_most
from app.work.knowledge.rules import MAX_ANSWER, MAX_CATEGORY, MAX_QUESTION, MIN_TEXT
from app.work.knowledge.service import shown


def _length(most: int) -> Length:
    return Length(MIN_TEXT, most, _l("Use %(least)s to %(most)s characters.", least=MIN_TEXT, most=most))


class ItemFields(Form):
    """A question of callers, and what they are told."""

    question = StringField(_l("Question"), [DataRequired(_l("Enter a question.")), _length(MAX_QUESTION)])
    answer = TextAreaField(
        _l("Answer"),
        [DataRequired(_l("Enter an answer.")), _length(MAX_ANSWER)],
        description=_l("Plain text, as it is read out. Lines stay as you break them."),
        render_kw={"rows": 8},
    )
    category = StringField(
        _l("Category"),
        [
            DataRequired(_l("Enter a category.")),
            at_most(MAX_CATEGORY),
        ],
        render_kw={"list": "known-categories", "autocomplete": "off"},
    )
    language = SelectField(
        _l("Language"),
        choices=lambda: options(Language),
        validators=[AnyOf(list(Language), _l("Choose one of the values offered."))],
        validate_choice=False,
    )
    is_active = BooleanField(_l("In use: offered beside calls, and known to the assistant"))

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, once the form is valid."""
        return {
            "question": self.question.data,
            "answer": self.answer.data,
            "category": self.category.data,
            "language": Language(self.language.data),
            "is_active": bool(self.is_active.data),
        }


class NewItemForm(ItemFields, NewRowForm):
    """What callers ask that is not answered yet; sent twice, it is there once."""


class ItemForm(ItemFields, VersionedForm):
    """An answer as it is."""

    version = version_field()

    @classmethod
    def of(cls, item: KnowledgeItem) -> Self:
        """The form as the item stands."""
        return cls(formdata=None, version=item.version, **shown(item))


class UseForm(NewRowForm):
    """The button that says an answer was of use; sent twice, it counts once."""


class ConfirmForm(VersionedForm):
    """The button that says an answer is right still."""

    version = version_field()

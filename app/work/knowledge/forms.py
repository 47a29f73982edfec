"""Forms of a knowledge item."""

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
    """Fields for a caller's question and its answer."""

    question = StringField(_l("Question"), [DataRequired(_l("Enter a question.")), _length(MAX_QUESTION)])
    answer = TextAreaField(
        _l("Answer"),
        [DataRequired(_l("Enter an answer.")), _length(MAX_ANSWER)],
        description=_l("Plain text that can be read aloud. Line breaks are kept."),
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
        validators=[AnyOf(list(Language), _l("Choose one of the options."))],
        validate_choice=False,
    )
    is_active = BooleanField(_l("Active: suggested during calls and known to the assistant"))

    @property
    def values(self) -> dict[str, Any]:
        """Values of a valid form."""
        return {
            "question": self.question.data,
            "answer": self.answer.data,
            "category": self.category.data,
            "language": Language(self.language.data),
            "is_active": bool(self.is_active.data),
        }


class NewItemForm(ItemFields, NewRowForm):
    """Form for a new item. Submitting it twice creates one item."""


class ItemForm(ItemFields, VersionedForm):
    """Form for editing an item."""

    version = version_field()

    @classmethod
    def of(cls, item: KnowledgeItem) -> Self:
        """Return the form filled with the current item."""
        return cls(formdata=None, version=item.version, **shown(item))


class UseForm(NewRowForm):
    """Form of the button that marks an answer as used. Submitting it twice counts once."""


class ConfirmForm(VersionedForm):
    """Form of the button that confirms that an answer is still right."""

    version = version_field()

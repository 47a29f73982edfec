"""Targets for the columns of a file of answers."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.declarations.field import Imported
from app.declarations.importable import Target
from app.errors import FieldError
from app.models.organizations import Language
from app.work.knowledge.rules import MAX_ANSWER, MAX_CATEGORY, MAX_QUESTION


class AnswerTarget(StrEnum):
    """Targets for the columns of an answer, in addition to the fields of the resource."""

    EXTERNAL_ID = "external_id"


# Headers used by other systems; docs/imports.md lists their documentation.
TARGETS: Mapping[str, Target] = {
    AnswerTarget.EXTERNAL_ID: Target(
        _l("Knowledge item ID"),
        ("article id", "answer id", "question id", "faq id", "external id", "record id", "article number", "id"),
    ),
}

QUESTION = Imported(
    ("question", "title", "article title", "question title", "name", "subject", "faq", "вопрос", "заголовок", "savol"),
    longest=MAX_QUESTION,
    is_needed=True,
)
ANSWER = Imported(
    ("answer", "body", "article body", "answer text", "content", "article content", "text", "description", "reply",
     "response", "ответ", "текст", "javob"),
    longest=MAX_ANSWER,
    is_needed=True,
)  # fmt: skip
CATEGORY = Imported(
    ("category", "category name", "section", "section name", "topic", "kind", "type", "folder", "collection", "tag",
     "категория", "раздел", "тема", "turkum", "bo lim", "mavzu"),
    longest=MAX_CATEGORY,
)  # fmt: skip
LANGUAGE = Imported(
    ("language", "article language", "locale", "lang", "язык", "til"),
    words={
        **dict.fromkeys(("en_us", "en_gb", "eng", "english", "английский"), Language.ENGLISH),
        **dict.fromkeys(("ru_ru", "rus", "russian", "русский"), Language.RUSSIAN),
        **dict.fromkeys(("uz_uz", "uzb", "uzbek", "oʻzbekcha", "o'zbekcha", "узбекский"), Language.UZBEK),  # noqa: RUF001 - a letter of Uzbek
    },
)


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """Return an error for each target that importing answers requires and that isn't among `given`."""
    found = []
    if "question" not in given:
        found.append(FieldError("question", _l("Choose the column with the questions.")))
    if "answer" not in given:
        found.append(FieldError("answer", _l("Choose the column with the answers.")))
    return tuple(found)

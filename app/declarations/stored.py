"""The declaration of a resource's columns: how each one merges, whether the API returns it, and how it is entered.

    stored=(
        merged(Furthest(), "stage", "csr_id"),
        not_merged("The lead that stays keeps its own.", "id", "created_at"),
        returned_as("due_date", "due_at"),
        not_entered("Closing the lead sets it.", "closed_at"),
    )

Much follows from other declarations and isn't repeated: the record of the API has the columns that it returns, its
inputs those that it accepts, `Imported` those that files contain. A column that has a `Field` says the rest there. The
app does not start if anything remains open (`app.declarations.stored_checks`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeAlias

from app.declarations.merging import Rule


class Question(Enum):
    """A question that each column answers; the value is the question in words."""

    MERGED = "how it merges"
    RETURNED = "whether the API returns it"
    ENTERED = "how it is entered"


@dataclass(frozen=True, slots=True)
class Why:
    """The reason why a column isn't merged, returned or entered. Raises ValueError if it isn't an English sentence."""

    sentence: str

    def __post_init__(self) -> None:
        if not is_sentence(self.sentence):
            raise ValueError(f"“{self.sentence}” isn’t a sentence. Begin it with a capital and end it with a period.")


@dataclass(frozen=True, slots=True)
class As:
    """The name of a column in a record or an input of the API, if that isn't the column's own."""

    name: str


class Means(Enum):
    """The way in which a column is entered that no input of the API has."""

    PAGE = "a form of a page"
    IMPORT = "a file to import"


Answer: TypeAlias = Rule | As | Means | Why


@dataclass(frozen=True, slots=True)
class Stored:
    """The answer to a question for some columns."""

    question: Question
    answer: Answer
    columns: tuple[str, ...]


def merged(rule: Rule, *columns: str) -> Stored:
    """Return the rule by which a merge determines the value of each of these columns."""
    return Stored(Question.MERGED, rule, columns)


def not_merged(why: str, *columns: str) -> Stored:
    """Return the reason why the row that stays in a merge keeps its own value of these columns."""
    return Stored(Question.MERGED, Why(why), columns)


def returned_as(name: str, column: str) -> Stored:
    """Return the name under which the API returns a column."""
    return Stored(Question.RETURNED, As(name), (column,))


def not_returned(why: str, *columns: str) -> Stored:
    """Return the reason why the API doesn't return these columns."""
    return Stored(Question.RETURNED, Why(why), columns)


def entered_as(name: str, column: str) -> Stored:
    """Return the name under which an input of the API accepts a column."""
    return Stored(Question.ENTERED, As(name), (column,))


def entered_on_page(*columns: str) -> Stored:
    """Return the columns that are only entered on a page, since the API has no input for them."""
    return Stored(Question.ENTERED, Means.PAGE, columns)


def entered_by_import(*columns: str) -> Stored:
    """Return the columns that only files contain, in targets of the importer's own."""
    return Stored(Question.ENTERED, Means.IMPORT, columns)


def not_entered(why: str, *columns: str) -> Stored:
    """Return the reason why nobody enters these columns."""
    return Stored(Question.ENTERED, Why(why), columns)


def is_sentence(text: str) -> bool:
    """Return whether the text has several words, begins with a capital and ends with a period."""
    return text[:1].isupper() and text.endswith(".") and text.count(" ") >= 2 and text == " ".join(text.split())


#: Columns of the bases of models and of the authors of rows; a resource that answers otherwise takes precedence.
_SHARED: Sequence[Stored] = (
    not_merged("It identifies the row that stays.", "organization_id", "id"),
    not_merged("It belongs to the row that stays, whatever is merged into it.", "version", "created_at", "updated_at"),
    not_merged("The row that stays is not in the trash.", "deleted_at", "deleted_by", "deletion_batch_id"),
    not_merged("An import would no longer find the row that stays.", "external_source", "external_id"),
    not_merged("An import would no longer find the row that stays.", "external_fingerprint"),
    not_merged("The row that stays was created by the person who created it.", "created_by", "created_by_label"),
    not_returned("The key or the token of the request names the organization.", "organization_id"),
    not_returned("The record is a part or a setting, which others contain or which exists once.", "id"),
    not_returned("The record has the times that matter under names of their own.", "created_at", "updated_at"),
    not_returned("The record can't be changed by programs.", "version"),
    not_returned("The API returns no records in the trash.", "deleted_at", "deleted_by", "deletion_batch_id"),
    not_returned("Programs know records by their IDs here.", "external_source", "external_id", "external_fingerprint"),
    not_returned("The person who created the record is not shown.", "created_by"),
    not_returned("It only replaces the name of a person who was deleted.", "created_by_label"),
    not_entered("The app assigns it when the row is created.", "organization_id", "id", "created_at", "created_by"),
    not_entered("The app assigns it when the row is created.", "created_by_label", "api_key_id"),
    not_entered("The database keeps it up to date.", "version", "updated_at"),
    not_entered("Moving the row to the trash sets it.", "deleted_at", "deleted_by", "deletion_batch_id"),
    not_entered("The import that brings the row sets it.", "external_source", "external_id", "external_fingerprint"),
)


def answers_of(declared: Sequence[Stored]) -> dict[tuple[str, Question], list[Answer]]:
    """Return the answers by column and question."""
    answers: dict[tuple[str, Question], list[Answer]] = {}
    for stored in declared:
        for column in stored.columns:
            answers.setdefault((column, stored.question), []).append(stored.answer)
    return answers


#: Answers of the columns that several models share, by column and question.
SHARED: Mapping[tuple[str, Question], Any] = {key: answer for key, (answer,) in answers_of(_SHARED).items()}

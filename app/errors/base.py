"""Domain errors: what can go wrong, each with a stable code, a status and a sentence.

Raised anywhere, caught nowhere but in `app.web.errors`, which makes a page, a fragment or JSON of them. The codes are
public: renaming a class changes nothing for a client, renaming a code breaks it. `message` says what happened and
`advice` what to do; both may be lazy, so that they are read in the language of whoever reads them. `extra` holds the
further fields of the answer in snake case (JSON shows them in camel case).
"""

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from flask_babel import LazyString

Sentence: TypeAlias = str | LazyString

INVALID_INPUT = "INVALID_INPUT"
MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: its name as the form or body calls it, a sentence, and a code for programs."""

    field: str
    message: Sentence
    code: str = INVALID_INPUT


class DomainError(Exception):
    """Root of all of them. A message of one's own replaces the class's message and its advice."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[Sentence]
    default_message: ClassVar[Sentence]
    default_advice: ClassVar[Sentence] = ""

    def __init__(self, message: Sentence | None = None, **extra: Any) -> None:
        super().__init__(self.code)
        self.message: Sentence = self.default_message if message is None else message
        self.advice: Sentence = self.default_advice if message is None else ""
        self.extra: dict[str, Any] = extra

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def sentence(self) -> str:
        """Message and advice in one, for JSON and the log."""
        return " ".join(part for part in (str(self.message), str(self.advice)) if part)

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """The fields at fault, where the error is about fields: a form shows these in place."""
        return ()

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait before a new try, where waiting helps."""
        return self.extra.get("retry_after")

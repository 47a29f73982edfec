"""Base class of the domain errors, each with a stable code, a status and a message.

They can be raised anywhere; those that nothing else handles reach `app.web.errors`, which renders them as a page, a
fragment or JSON. The codes are public: renaming a class changes nothing for a client, renaming a code breaks it.
`message` states what happened and `advice` what to do; both can be lazy, so that they are translated into the language
of the reader. `extra` holds further fields of the response in snake case (JSON shows them in camel case).
"""

from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from flask_babel import LazyString

LazyText: TypeAlias = str | LazyString

INVALID_INPUT = "INVALID_INPUT"
MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"


@dataclass(frozen=True, slots=True)
class FieldError:
    """An invalid field: its name in the form or body, a message, and a machine-readable code."""

    field: str
    message: LazyText
    code: str = INVALID_INPUT


class DomainError(Exception):
    """Base class of all domain errors.

    A custom message replaces both the class's message and its advice.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[LazyText]
    default_message: ClassVar[LazyText]
    default_advice: ClassVar[LazyText] = ""
    #: Message and advice for programs, where those for people speak of pages and buttons.
    program_sentence: ClassVar[LazyText] = ""
    #: Whether full or unavailable storage is the only cause, so that the same work succeeds once storage works again.
    is_storage_fault: ClassVar[bool] = False

    def __init__(self, message: LazyText | None = None, **extra: Any) -> None:
        super().__init__(self.code)
        self._is_default = message is None
        self.message: LazyText = self.default_message if message is None else message
        self.advice: LazyText = self.default_advice if message is None else ""
        self.extra: dict[str, Any] = extra

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def sentence(self) -> str:
        """The message and the advice in one string, for JSON and the log."""
        return " ".join(part for part in (str(self.message), str(self.advice)) if part)

    @property
    def sentence_for_programs(self) -> str:
        """The message and the advice in one string for clients of the API."""
        return str(self.program_sentence) if self._is_default and self.program_sentence else self.sentence

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """The invalid fields, if the error concerns fields; a form shows them next to their inputs."""
        return ()

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait before trying again, if waiting helps."""
        return self.extra.get("retry_after")

"""Content of the coaching panel: the notes at a turn with their answers, and the forms available to the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import request

from app.models import Call
from app.security.actor import Actor
from app.work.calls import coaching_rules
from app.work.calls.coaching_queries import Thread, list_threads
from app.work.calls.forms import AnswerForm, CoachingForm


@dataclass(frozen=True, slots=True)
class CoachingPage:
    """Values for the coaching templates. A form is None if the user can't use it."""

    call_id: UUID
    turn: int | None
    beside: str | None
    threads: Sequence[Thread]
    form: CoachingForm | None
    #: Answer forms by the ID of the note that they answer.
    answers: dict[UUID, AnswerForm]
    may_finish: bool

    def thread_of(self, note_id: UUID | None) -> Thread | None:
        """Return the thread that starts with this note, or None if it is not shown."""
        return next((one for one in self.threads if one.note.id == note_id), None)


def coaching_page(
    actor: Actor,
    call: Call,
    turn: int | None,
    beside: str | None,
    submitted: CoachingForm | AnswerForm | None = None,
    answered: UUID | None = None,
) -> CoachingPage:
    """Build the coaching panel for `actor`, for one turn of the call or for all.

    `submitted` is a form that was rejected, and `answered` the note that it answers.
    """
    threads = list_threads(actor, call.id, turn)
    form = submitted if isinstance(submitted, CoachingForm) else CoachingForm.at(turn)
    answers = {}
    if coaching_rules.may_answer(call.csr_id, actor):
        answers = {one.note.id: AnswerForm.to(one.note.id) for one in threads}
    if answered in answers and isinstance(submitted, AnswerForm):
        answers[answered] = submitted.named(answered)
    return CoachingPage(
        call_id=call.id,
        turn=turn,
        beside=beside,
        threads=threads,
        form=form if coaching_rules.may_coach(actor) else None,
        answers=answers,
        may_finish=coaching_rules.is_coached(call.csr_id, actor),
    )


def requested_turn() -> int | None:
    """Return the turn in the query string, or None for all turns if it is missing or invalid."""
    text = request.args.get("turn", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None

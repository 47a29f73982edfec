"""The job that sends an e-mail (`JobName.SEND_MAIL`); argument: `message_id`."""

from uuid import UUID

from app.jobs.work import Work
from app.outbox.sending import fail_message, send_message


def _run(message_id: str) -> None:
    send_message(UUID(message_id))


def _give_up(error: BaseException, message_id: str) -> None:
    fail_message(UUID(message_id), error)


MAIL_WORK = Work(run=_run, give_up=_give_up)

"""A worker that is killed in the middle of its seventh payment; run as a separate process."""

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.declarations.delivery import DeliveredEvent, Effect
from app.declarations.registry import install_registry, registry_of
from app.extensions import db
from app.organization.billing.delivery_service import PAYMENTS, record_payment
from app.organization.webhooks.process_service import process_due

_numbers = count(1)


def _die_in_the_seventh(event: DeliveredEvent) -> Sequence[Effect]:
    effects = record_payment(event)
    if next(_numbers) == 7:
        db.session.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    return effects


if __name__ == "__main__":
    from wsgi import app

    handler = replace(PAYMENTS, handle=_die_in_the_seventh)
    install_registry(app, replace(registry_of(app), deliveries=(handler,)))
    with app.app_context(), jobs_role(), use_context(Context()):
        process_due()

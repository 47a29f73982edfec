"""The job that verifies an organization's chain of seals (`JobName.VERIFY_AUDIT`), when somebody asks for it."""

from datetime import timedelta

from app.audit_log.chain import verify_chain
from app.jobs.retries import Retries
from app.jobs.work import Work

# Somebody is looking at its page and waits.
VERIFY_AUDIT_WORK = Work(run=verify_chain, retries=Retries(most_tries=3, first_wait=timedelta(seconds=5)))

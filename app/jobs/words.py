"""What people call the kinds of jobs."""

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.jobs.queue import JobName

JOB_LABELS: dict[JobName, Sentence] = {
    JobName.RUN_IMPORT: _l("Import a file"),
    JobName.RUN_EXPORT: _l("Make an export"),
    JobName.REMOVE_EXPORTS: _l("Delete exports whose time is over"),
    JobName.RUN_BULK: _l("Change many rows"),
    JobName.UNDO_BULK: _l("Undo a change of many rows"),
    JobName.LAPSE_MISSED_CALLS: _l("Let claims of missed calls run out"),
    JobName.CLEAN_UP_ACCOUNTS: _l("Delete ended sessions and used links"),
    JobName.CLEAN_UP_IMPORTS: _l("Delete uploads that were never imported"),
    JobName.CLEAN_UP_JOBS: _l("Delete old jobs from this list"),
    JobName.PRUNE_RATE_LIMITS: _l("Delete counters of limits"),
    JobName.SEAL_AUDIT: _l("Seal the audit trail"),
    JobName.SEND_MAIL: _l("Send an e-mail"),
    JobName.PURGE_TRASH: _l("Empty the trash of what is due"),
    JobName.PURGE_ORGANIZATIONS: _l("Remove deleted organizations that are due"),
    JobName.REMOVE_FILE: _l("Remove a file"),
    JobName.VERIFY_BACKUP: _l("Make a backup and verify it"),
}


def job_label(name: str) -> str:
    """The words for a kind of job; one that is not known any more is called by its name."""
    known = {str(kind): words for kind, words in JOB_LABELS.items()}
    return str(known.get(name, name))

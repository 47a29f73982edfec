"""What people call the kinds of jobs."""

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.jobs.queue import JobName

JOB_LABELS: dict[JobName, Sentence] = {
    JobName.RUN_IMPORT: _l("Import a file"),
    JobName.RUN_EXPORT: _l("Make an export"),
    JobName.REMOVE_EXPORTS: _l("Delete exports whose time is over"),
    JobName.EXPORT_PERSON: _l("Export a person’s data"),
    JobName.EXPORT_ORGANIZATION: _l("Export all data of the organization"),
    JobName.ERASE_PERSON: _l("Erase a person"),
    JobName.REMOVE_ERASED_FILES: _l("Remove the files of an erased person"),
    JobName.RUN_BULK: _l("Change many rows"),
    JobName.UNDO_BULK: _l("Undo a change of many rows"),
    JobName.LAPSE_MISSED_CALLS: _l("Let claims of missed calls run out"),
    JobName.CLEAN_UP_ACCOUNTS: _l("Delete ended sessions and used links"),
    JobName.CLEAN_UP_IMPORTS: _l("Delete uploads that were never imported"),
    JobName.CLEAN_UP_JOBS: _l("Delete old jobs from this list"),
    JobName.PRUNE_RATE_LIMITS: _l("Delete counters of limits"),
    JobName.APPLY_DOWNGRADES: _l("Begin a smaller plan that was scheduled"),
    JobName.START_BILLING_PERIODS: _l("Begin a billing period"),
    JobName.QUOTA_WARNINGS: _l("Warn of limits of the plan"),
    JobName.SEAL_AUDIT: _l("Seal the audit trail"),
    JobName.VERIFY_AUDIT: _l("Verify the audit trail"),
    JobName.SEND_STREAMS: _l("Send the audit trail to its streams"),
    JobName.TEST_STREAM: _l("Send a test to a stream"),
    JobName.SEND_MAIL: _l("Send an e-mail"),
    JobName.PURGE_TRASH: _l("Empty the trash of what is due"),
    JobName.PURGE_ORGANIZATIONS: _l("Remove deleted organizations that are due"),
    JobName.RESTORE_DELETION: _l("Restore what was deleted"),
    JobName.APPLY_RETENTION: _l("Remove what was kept long enough"),
    JobName.PURGE_ORGANIZATION: _l("Remove an organization for good"),
    JobName.REMOVE_FILE: _l("Remove a file"),
    JobName.VERIFY_BACKUP: _l("Make a backup and verify it"),
}


def job_label(name: str) -> str:
    """The words for a kind of job; one that is not known any more is called by its name."""
    known = {str(kind): words for kind, words in JOB_LABELS.items()}
    return str(known.get(name, name))

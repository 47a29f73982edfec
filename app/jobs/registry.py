"""What each kind of job does."""

from collections.abc import Mapping

from app.jobs.bulk import RUN_BULK_WORK, UNDO_BULK_WORK
from app.jobs.clean_up import CLEAN_UP_ACCOUNTS_WORK, CLEAN_UP_IMPORTS_WORK, CLEAN_UP_JOBS_WORK
from app.jobs.exports import EXPORT_WORK, REMOVE_EXPORTS_WORK
from app.jobs.imports import IMPORT_WORK
from app.jobs.mail import MAIL_WORK
from app.jobs.missed_calls import LAPSE_MISSED_CALLS_WORK
from app.jobs.purge_trash import PURGE_ORGANIZATIONS_WORK, PURGE_TRASH_WORK, REMOVE_FILE_WORK
from app.jobs.queue import JobName
from app.jobs.rate_limits import PRUNE_RATE_LIMITS_WORK
from app.jobs.seal_audit import SEAL_AUDIT_WORK
from app.jobs.verify_backup import VERIFY_BACKUP_WORK
from app.jobs.work import Work

WORK: Mapping[JobName, Work] = {
    JobName.RUN_IMPORT: IMPORT_WORK,
    JobName.RUN_EXPORT: EXPORT_WORK,
    JobName.REMOVE_EXPORTS: REMOVE_EXPORTS_WORK,
    JobName.RUN_BULK: RUN_BULK_WORK,
    JobName.UNDO_BULK: UNDO_BULK_WORK,
    JobName.LAPSE_MISSED_CALLS: LAPSE_MISSED_CALLS_WORK,
    JobName.CLEAN_UP_ACCOUNTS: CLEAN_UP_ACCOUNTS_WORK,
    JobName.CLEAN_UP_IMPORTS: CLEAN_UP_IMPORTS_WORK,
    JobName.CLEAN_UP_JOBS: CLEAN_UP_JOBS_WORK,
    JobName.PRUNE_RATE_LIMITS: PRUNE_RATE_LIMITS_WORK,
    JobName.SEAL_AUDIT: SEAL_AUDIT_WORK,
    JobName.SEND_MAIL: MAIL_WORK,
    JobName.PURGE_TRASH: PURGE_TRASH_WORK,
    JobName.PURGE_ORGANIZATIONS: PURGE_ORGANIZATIONS_WORK,
    JobName.REMOVE_FILE: REMOVE_FILE_WORK,
    JobName.VERIFY_BACKUP: VERIFY_BACKUP_WORK,
}

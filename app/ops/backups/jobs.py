"""Nightly job that backs up the database and verifies the backup by restoring it.

The result, even a failure, is stored in `backup_checks`. Installations that are backed up by other means disable the
job (DAILY_BACKUP).
"""

from contextlib import suppress
from datetime import timedelta

import structlog
from flask import current_app
from flask_babel import lazy_gettext as _l

from app.config import Settings
from app.declarations.job import JobScope, Retries, Schedule, job, nothing
from app.ops.backups.create_service import create_backup
from app.ops.backups.folder_service import Folder
from app.ops.backups.manifest import BackupError
from app.ops.backups.verify_service import Checked, record_check, verify_backup

_NO_FILE = "none"

_log = structlog.get_logger("switchboard.backup")


def _back_up(settings: Settings) -> Checked:
    """Back up the database, verify the backup, and return the result; a BackupError becomes a finding.

    The stored files are not included, because they would be duplicated daily. Old backups are deleted only after the
    new one has been verified.
    """
    name, size = _NO_FILE, 0
    try:
        backup = create_backup(settings, with_files=False, report=nothing)
        name, size = backup.manifest.dump.name, backup.manifest.dump.bytes
        checked = verify_backup(settings, backup, nothing)
        if not checked.findings:
            Folder(settings.backup_path).prune(backup.manifest.database, settings.backups_kept)
    except BackupError as error:
        return Checked(name, size, [str(error)], is_storage_fault=error.is_storage_fault)
    return checked


@job(
    "backup.verify",
    _l("Create and verify a backup"),
    schedule=Schedule("30 3 * * *", scope=JobScope.SYSTEM),
    # Each attempt dumps the database.
    retries=Retries(max_tries=2, first_wait=timedelta(minutes=10)),
)
def verify_nightly_backup() -> None:
    """Back up the database, verify the backup, and store the result in `backup_checks` and in the log.

    If DAILY_BACKUP is off, it only deletes what is left of interrupted backups. Raises BackupError if storage is the
    only cause of a failure, so that another backup is tried within an hour.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.daily_backup:
        with suppress(BackupError):  # one is being written, and has deleted them
            Folder(settings.backup_path).remove_unfinished()
        return
    checked = _back_up(settings)
    record_check(checked)
    if checked.findings:
        _log.error("backup not verified", file=checked.file_name, findings=checked.findings)
    else:
        _log.info("backup verified", file=checked.file_name, bytes=checked.file_bytes)
    if checked.is_storage_fault:
        raise BackupError(" ".join(checked.findings), is_storage_fault=True)

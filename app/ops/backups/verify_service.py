"""Verification of a backup: it is restored into a scratch database, compared, and dropped."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.config import Settings
from app.db.transaction import own_transaction
from app.models import BackupCheck
from app.ops.backups.copy_service import admin_url, contents_of, damage_to_trails, differences, fill, new_copy
from app.ops.backups.create_service import ReportProgress
from app.ops.backups.file_service import check_files
from app.ops.backups.folder_service import Backup
from app.ops.backups.manifest import BackupError


@dataclass(frozen=True, slots=True)
class Checked:
    """Result of a check; a good backup has no findings. `rows` are the restored rows by table.

    With `is_storage_fault`, storage is the only cause of the findings.
    """

    file_name: str
    file_bytes: int
    findings: list[str]
    rows: Mapping[str, int] = field(default_factory=dict)
    is_storage_fault: bool = False


def verify_backup(settings: Settings, backup: Backup, report: ReportProgress) -> Checked:
    """Restore the backup into a scratch database, and return the result of comparing them.

    Raises BackupError if that can't be tried at all.
    """
    damage = backup.damage()
    if damage:
        return _checked(backup, damage)
    with new_copy(settings) as name:
        url = admin_url(settings, name)
        try:
            fill(url, backup, report)
        except BackupError as error:
            return replace(_checked(backup, [str(error)]), is_storage_fault=error.is_storage_fault)
        found = contents_of(url)
        findings = [*differences(backup.manifest, found), *damage_to_trails(settings, url)]
    if backup.files is not None:
        findings += check_files(backup.files)
    return _checked(backup, findings, found.rows)


def record_check(checked: Checked) -> None:
    """Store the result of a check for the system page. Requires the jobs role."""
    with own_transaction() as session:
        session.add(
            BackupCheck(
                file_name=checked.file_name,
                file_bytes=checked.file_bytes,
                succeeded=not checked.findings,
                findings=checked.findings,
                counts=dict(checked.rows),
            )
        )


def _checked(backup: Backup, findings: list[str], rows: Mapping[str, int] | None = None) -> Checked:
    dump = backup.manifest.dump
    return Checked(dump.name, dump.bytes, findings, rows or {})

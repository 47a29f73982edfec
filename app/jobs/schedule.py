"""What is done by the clock: every scheduled job in one list.

Where the clocks go forward over a job's hour it is done right after, and an hour that comes twice is meant once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from croniter import croniter

from app.jobs.queue import JobName
from app.retention.rules import RUNS as RETENTION_RUNS


class Scope(StrEnum):
    """Whether a job is done for each active organization, by its own clock, or once for all of them, by UTC."""

    EACH_ORGANIZATION = "each_organization"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job that takes no arguments, and when it is due (five fields of cron).

    `only` names a function of the database that tells which organizations have something to do; without it, all have.
    """

    name: JobName
    cron: str
    scope: Scope = Scope.EACH_ORGANIZATION
    only: str | None = None

    def last_due(self, now: datetime, zone: str) -> datetime:
        """The last moment, up to `now`, at which it was due by the clocks of `zone`; in UTC."""
        local = now.astimezone(ZoneInfo(zone))
        if croniter.match(self.cron, local):
            due = local.replace(second=0, microsecond=0)
        else:
            due = croniter(self.cron, local).get_prev(datetime)
        if self.cron.split()[1] != "*":
            due = due.replace(fold=0)  # an hour that comes twice is meant once
        return due.astimezone(UTC)


SCHEDULE = (
    Scheduled(JobName.LAPSE_MISSED_CALLS, "* * * * *", only="organizations_with_missed_calls_due"),
    Scheduled(JobName.APPLY_DOWNGRADES, "* * * * *", only="organizations_with_downgrades_due"),
    Scheduled(JobName.START_BILLING_PERIODS, "* * * * *", only="organizations_with_billing_periods_due"),
    Scheduled(JobName.QUOTA_WARNINGS, "*/10 * * * *", only="organizations_with_quota_warnings_due"),
    Scheduled(JobName.CLEAN_UP_ACCOUNTS, "10 4 * * *"),
    Scheduled(JobName.CLEAN_UP_IMPORTS, "20 4 * * *"),
    Scheduled(JobName.CLEAN_UP_JOBS, "30 4 * * *"),
    Scheduled(JobName.PURGE_TRASH, "50 4 * * *", only="organizations_with_trash_due"),
    Scheduled(JobName.PURGE_ORGANIZATIONS, "50 5 * * *", scope=Scope.SYSTEM),
    Scheduled(JobName.APPLY_RETENTION, RETENTION_RUNS),
    Scheduled(JobName.REMOVE_EXPORTS, "40 * * * *"),
    Scheduled(JobName.PRUNE_RATE_LIMITS, "*/10 * * * *", scope=Scope.SYSTEM),
    Scheduled(JobName.SEAL_AUDIT, "* * * * *", scope=Scope.SYSTEM),
    Scheduled(JobName.SEND_STREAMS, "* * * * *", only="organizations_with_streams"),
    Scheduled(JobName.VERIFY_BACKUP, "30 3 * * *", scope=Scope.SYSTEM),
)

"""Queries for facts about the installation, for the system page and the comprehensive health check."""

import os
import platform
import shutil
from dataclasses import dataclass
from typing import cast

from flask import current_app
from sqlalchemy.pool import QueuePool

from app.config import Settings
from app.db import migrate
from app.extensions import db
from app.ops.jobs.queries import QueueNumbers, queue_numbers
from app.ops.system.check_queries import Check, State, readiness
from app.ops.system.queries import DatabaseFacts, database_facts
from app.ops.system.version import version
from app.sandbox.runner import filters_system_calls


@dataclass(frozen=True, slots=True)
class Pool:
    """Pool of database connections of this process."""

    size: int
    in_use: int
    idle: int


@dataclass(frozen=True, slots=True)
class Disk:
    """File system of uploads, audio and exports."""

    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """Facts about the installation.

    `process_id` is the process whose pool and slow statements are shown.
    """

    version: str
    schema_wanted: str
    python_version: str
    process_id: int
    web_processes: int
    web_threads: int
    checks: tuple[Check, ...]
    database: DatabaseFacts
    queue: QueueNumbers
    pool: Pool
    disk: Disk
    sends_mail: bool
    #: True if the kernel filters the system calls of the programs that decode uploads.
    filters_system_calls: bool

    @property
    def is_healthy(self) -> bool:
        """True if every check succeeded."""
        return all(check.state is State.OK for check in self.checks)


def system_facts() -> SystemFacts:
    """Return the current facts, from the perspective of this process."""
    settings: Settings = current_app.config["SETTINGS"]
    return SystemFacts(
        version=version(),
        schema_wanted=migrate.head(),
        python_version=platform.python_version(),
        process_id=os.getpid(),
        web_processes=settings.web_processes,
        web_threads=settings.web_threads,
        checks=readiness(),
        database=database_facts(),
        queue=queue_numbers(),
        pool=_pool(),
        disk=_disk(settings),
        sends_mail=settings.smtp_url is not None,
        filters_system_calls=filters_system_calls(),
    )


def _pool() -> Pool:
    pool = cast(QueuePool, db.engine.pool)  # created in `app.db.engine`
    return Pool(size=pool.size(), in_use=pool.checkedout(), idle=pool.checkedin())


def _disk(settings: Settings) -> Disk:
    place = next(folder for folder in (settings.storage_dir, *settings.storage_dir.parents) if folder.exists())
    usage = shutil.disk_usage(place)
    return Disk(usage.total, usage.free)

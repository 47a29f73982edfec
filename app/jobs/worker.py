"""The worker: takes jobs from the queue, one at a time, until it is told to stop.

It wakes when a job is committed (NOTIFY) and finishes the job at hand before it stops. A worker that dies leaves its
job marked as being done; the next one to notice that no life sign has come for a while puts the job back.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition
from procrastinate.worker import Worker

from app.db.server import addresses
from app.jobs.imports import IMPORT_WORK
from app.jobs.queue import QUEUE, JobName
from app.jobs.work import Work, perform

LIFE_SIGN_SECONDS = 5.0
DEAD_AFTER_SECONDS = 20.0
_MOST_CONNECTIONS = 4

WORK: Mapping[JobName, Work] = {JobName.RUN_IMPORT: IMPORT_WORK}

_log = structlog.get_logger("switchboard.worker")


class QueueUnavailable(Exception):
    """The database that holds the queue cannot be reached, or was lost; the next worker goes on from there."""


def run_worker(app: Flask, work: Mapping[JobName, Work] = WORK, *, until_idle: bool = False) -> None:
    """Do jobs until SIGTERM or SIGINT, or with `until_idle` until none is left. Raises QueueUnavailable."""
    # The library's lines repeat ours, with all arguments of the job in them.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    try:
        asyncio.run(_work(_queue(app, work), until_idle=until_idle))
    except ConnectorException as error:
        raise QueueUnavailable(str(error.__cause__ or error)) from error


def _queue(app: Flask, work: Mapping[JobName, Work]) -> App:
    address = addresses(app.config["SETTINGS"]).jobs.get_secret_value()
    connector = PsycopgConnector(
        conninfo=address,
        min_size=1,
        max_size=_MOST_CONNECTIONS,
        kwargs={"application_name": "switchboard-worker", "prepare_threshold": None},
    )
    queue = App(connector=connector)
    for name, one in work.items():
        queue.task(name=name, queue=QUEUE, pass_context=True)(_task(app, name, one))
    return queue


def _task(app: Flask, name: JobName, work: Work) -> Callable[..., None]:
    def run(job: JobContext, /, **stored: Any) -> None:
        perform(app, name, work, stored, job.job.attempts)

    return run


async def _work(queue: App, *, until_idle: bool) -> None:
    async with queue.open_async():
        await _put_back_stalled(queue)
        worker = Worker(
            queue,
            queues=[QUEUE],
            wait=not until_idle,
            # What people want to know of a job stands in what it made; a failed one is kept for whoever looks into it.
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
            install_signal_handlers=False,
            update_heartbeat_interval=LIFE_SIGN_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
        )
        # The library's own handlers go away after the first signal, so that a second one would kill the job at hand.
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        looking_after = asyncio.create_task(_look_after_stalled(queue))
        try:
            await worker.run()  # type: ignore[no-untyped-call]  # the library annotates its arguments only
        finally:
            looking_after.cancel()


async def _look_after_stalled(queue: App) -> None:
    while True:
        await asyncio.sleep(LIFE_SIGN_SECONDS)
        try:
            await _put_back_stalled(queue)
        except ConnectorException as error:
            _log.warning("stalled jobs not looked after", error=str(error.__cause__))


async def _put_back_stalled(queue: App) -> None:
    """Put back the jobs of workers that have given no life sign; the number of starts is kept with each."""
    manager = queue.job_manager
    for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        try:
            await manager.retry_job(job)
        except ConnectorException:  # another worker was quicker
            continue
        _log.warning("job put back: its worker died", job=job.task_name, number=job.id, starts=job.attempts + 1)

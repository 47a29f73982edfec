"""Worker that takes jobs from the queue until it is told to stop.

It is woken by a committed job (NOTIFY), and finishes current jobs before it stops. A dead worker leaves its job marked
as running; the next worker that notices its missing heartbeat puts the job back. If the database goes away, the worker
waits for it.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import time
from typing import Any
from uuid import UUID

import psycopg
import structlog
from flask import Flask
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Job
from procrastinate.worker import Worker
from sqlalchemy.exc import SQLAlchemyError

from app.db.server import addresses
from app.declarations import job as declared
from app.declarations.registry import registry_of
from app.ops.jobs.clock import Clock
from app.ops.jobs.consuming import consume
from app.ops.jobs.queue import QUEUE
from app.ops.jobs.run_service import UNKNOWN_JOB, TryAgain, line_up_again, perform, perform_for_all
from app.ops.jobs.watch_service import end_overlong_work

LIFE_SIGN_SECONDS = 5.0
DEAD_AFTER_SECONDS = 20.0
WATCH_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_SECONDS_BETWEEN_CONNECTIONS = 2.0
_SECONDS_UNTIL_DELIVERED_AGAIN = 5
# In addition to those of the jobs: one for listening, and some for the heartbeat and for finishing jobs.
_MAX_CONNECTIONS = 4

#: Beginning of the lock of a delivery that lets others pass. No key of `one_by_one` begins with it.
_ASIDE = "aside: "

#: For immediate retries: the database's clock decides what is due, and this process's clock may be ahead of it.
_LONG_DUE = datetime(2000, 1, 1, tzinfo=UTC)

#: The library wraps errors on its connections, but not the failure to open one.
_LOST = (ConnectorException, psycopg.OperationalError)

_log = structlog.get_logger("switchboard.worker")


class QueueUnavailable(Exception):
    """Failure to reach the database that contains the queue."""


class _AsTheJobSays(BaseRetryStrategy):
    """Retry strategy that follows the job's record.

    Errors outside of the job's work, such as a lost database, are retried soon. A job that lets others pass waits under
    a lock of its own: in the library, a waiting job keeps those behind it waiting.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, TryAgain):
            lock = f"{_ASIDE}{job.id}" if exception.lets_others_pass and job.lock else None
            return RetryDecision(retry_at=exception.at, lock=lock)
        return RetryDecision(retry_in={"seconds": _SECONDS_UNTIL_DELIVERED_AGAIN})


class _Tasks(dict[str, Any]):
    """Tasks by name, with one for unknown names: the library drops jobs without a task."""

    def get(self, name: str, _default: object = None) -> Any:
        """Return the task of this name, or the one for unknown jobs."""
        return super().get(name, self[UNKNOWN_JOB.name])


def run_worker(
    app: Flask,
    jobs: Iterable[declared.Job] | None = None,
    *,
    schedule: Iterable[declared.Job] | None = None,
    at_once: int = 1,
    until_idle: bool = False,
) -> None:
    """Run `jobs`, and start those of `schedule` by the clock, until SIGTERM or SIGINT.

    With `until_idle`, the worker also stops when no job is due. None means all jobs of the app. `at_once` is the number
    of concurrent jobs. Raises QueueUnavailable if the database cannot be reached at the start.
    """
    # The library's log lines repeat ours.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    try:
        known = registry_of(app).jobs
        process = _Process(
            app,
            known if jobs is None else tuple(jobs),
            known if schedule is None else tuple(schedule),
            at_once,
            until_idle=until_idle,
        )
        asyncio.run(process.run())
    except _LOST as error:
        raise QueueUnavailable(_cause(error)) from error


class _Process:
    """A worker from its start to the stop signal; it reconnects if the connection is lost."""

    def __init__(
        self,
        app: Flask,
        jobs: Sequence[declared.Job],
        schedule: Sequence[declared.Job],
        at_once: int,
        *,
        until_idle: bool,
    ) -> None:
        self._app = app
        self._jobs = jobs
        self._clock = Clock(app, schedule) if schedule else None
        self._at_once = at_once
        self._until_idle = until_idle
        self._stopping = asyncio.Event()
        self._worker: Worker | None = None

    async def run(self) -> None:
        """Work, and reconnect after each loss of the database, provided the first connection succeeded."""
        # The library removes its handlers after the first signal, so a second one would kill the current job.
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop)
        was_connected = False
        while not self._stopping.is_set():
            try:
                async with self._queue().open_async() as queue:
                    was_connected = True
                    await self._work_on(queue)
                if self._until_idle:
                    return
            except _LOST as error:
                if not was_connected:
                    raise
                _log.warning("database lost, waiting for it", error=_cause(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _SECONDS_BETWEEN_CONNECTIONS)

    def _stop(self) -> None:
        self._stopping.set()
        if self._worker is not None:
            self._worker.stop()  # type: ignore[no-untyped-call]  # the library annotates its arguments only

    async def _work_on(self, queue: App) -> None:
        await _put_back_stalled(queue)
        if self._clock is not None:
            await asyncio.to_thread(_tick, self._clock)
        if self._stopping.is_set():  # no await between this check and the run
            return
        self._worker = Worker(
            queue,
            queues=[QUEUE],
            concurrency=self._at_once,
            wait=not self._until_idle,
            # All relevant information about a job is in its record.
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            # No notification is sent for a job that waits for another to end (`one_by_one`).
            fetch_job_polling_interval=_LOOK_SECONDS,
            update_heartbeat_interval=LIFE_SIGN_SECONDS,
            stalled_worker_timeout=DEAD_AFTER_SECONDS,
        )
        beside = [
            asyncio.create_task(_give_life_signs(queue, self._worker)),
            asyncio.create_task(_watch(self._app)),
        ]
        if self._clock is not None:
            beside.append(asyncio.create_task(_run_clock(self._clock, self._stopping)))
        if not self._until_idle:
            consumers = registry_of(self._app).consumers
            beside += [asyncio.create_task(consume(self._app, consumer, self._stopping)) for consumer in consumers]
        try:
            await self._worker.run()  # type: ignore[no-untyped-call]
        finally:
            self._worker = None
            for task in beside:
                task.cancel()

    def _queue(self) -> App:
        connector = PsycopgConnector(
            conninfo=addresses(self._app.config["SETTINGS"]).jobs.get_secret_value(),
            min_size=1,
            max_size=_MAX_CONNECTIONS,
            kwargs={"application_name": "switchboard-worker", "prepare_threshold": None},
        )
        queue = App(connector=connector)
        for kind in (*self._jobs, UNKNOWN_JOB):
            task = _task(self._app, kind)
            queue.task(name=kind.name, queue=QUEUE, pass_context=True, retry=_AsTheJobSays())(task)
        queue.tasks = _Tasks(queue.tasks)
        return queue


def _task(app: Flask, kind: declared.Job) -> Callable[..., None]:
    def run(context: JobContext, /, organization_id: str | None = None, job_id: str | None = None) -> None:
        if organization_id is None or job_id is None:
            perform_for_all(app, replace(kind, name=context.job.task_name), context.job.attempts + 1)
        elif (context.job.lock or "").startswith(_ASIDE):
            line_up_again(app, UUID(organization_id), UUID(job_id))
        else:
            perform(app, kind, UUID(organization_id), UUID(job_id))

    return run


async def _run_clock(clock: Clock, stopping: asyncio.Event) -> None:
    """Check the schedule at the beginning of each minute."""
    while not stopping.is_set():
        try:
            await asyncio.wait_for(stopping.wait(), 60 - time() % 60)
        except TimeoutError:
            await asyncio.to_thread(_tick, clock)


def _tick(clock: Clock) -> None:
    try:
        clock.tick(datetime.now(UTC))
    except SQLAlchemyError as error:
        _log.warning("schedule not looked at", error=str(error))


async def _give_life_signs(queue: App, worker: Worker) -> None:
    """Send heartbeats for this worker, and put back the jobs of workers that have stopped sending them.

    The library stops its own heartbeats as soon as it is told to stop, while the current job goes on. After some
    seconds without a heartbeat, that job would be considered abandoned and started a second time.
    """
    while True:
        await asyncio.sleep(LIFE_SIGN_SECONDS)
        try:
            if worker.worker_id is not None:
                await queue.job_manager.update_heartbeat(worker.worker_id)
            await _put_back_stalled(queue)
        except ConnectorException as error:
            _log.warning("stalled jobs not looked after", error=_cause(error))


async def _watch(app: Flask) -> None:
    """Terminate work of the app's database role beyond its limits, every WATCH_SECONDS."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            await asyncio.to_thread(end_overlong_work, app)
        except SQLAlchemyError as error:
            _log.warning("overlong statements not looked for", error=str(error))


async def _put_back_stalled(queue: App) -> None:
    """Put back the jobs of workers without a heartbeat."""
    manager = queue.job_manager
    for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        try:
            await manager.retry_job(job, retry_at=_LONG_DUE)
        except ConnectorException:  # another worker was faster
            continue
        _log.warning("job put back: its worker died", job=job.task_name, arguments=dict(job.task_kwargs))


def _cause(error: Exception) -> str:
    return str(error.__cause__ or error)

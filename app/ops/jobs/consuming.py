"""Work of the worker beside its jobs: it begins when the database notifies it of something to do.

It is done in a thread, so it neither waits for a slot of a job nor takes one.
"""

import asyncio
from contextlib import suppress

import psycopg
import structlog
from flask import Flask
from psycopg import sql

from app.db.context import Context, use_context
from app.db.server import addresses
from app.db.session import jobs_role
from app.declarations.consumer import Consumer

_SECONDS_BETWEEN_ATTEMPTS = 2.0

_log = structlog.get_logger("switchboard.worker")


async def consume(app: Flask, consumer: Consumer, stopping: asyncio.Event) -> None:
    """Run a consumer whenever its channel is notified, and at its interval, until `stopping` is set.

    It reconnects if the database is lost, and goes on after an error, which is logged.
    """
    while not stopping.is_set():
        try:
            await _listen(app, consumer, stopping)
        except psycopg.OperationalError as error:
            _log.warning("database lost, waiting for it", consumer=consumer.channel, error=str(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _SECONDS_BETWEEN_ATTEMPTS)


async def _listen(app: Flask, consumer: Consumer, stopping: asyncio.Event) -> None:
    address = addresses(app.config["SETTINGS"]).jobs.get_secret_value()
    connection = await psycopg.AsyncConnection.connect(
        address, autocommit=True, application_name=f"switchboard-{consumer.channel}"
    )
    async with connection:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(consumer.channel)))
        while not stopping.is_set():
            await asyncio.to_thread(_run, app, consumer, stopping)
            # What was notified in the meantime is received at once.
            async for _notice in connection.notifies(timeout=consumer.interval_seconds, stop_after=1):
                pass


def _run(app: Flask, consumer: Consumer, stopping: asyncio.Event) -> None:
    try:
        with app.app_context(), jobs_role(), use_context(Context()):
            consumer.run(stopping.is_set)
    except Exception:  # noqa: BLE001 - it is tried again at the next interval
        _log.exception("consumer failed", consumer=consumer.channel)

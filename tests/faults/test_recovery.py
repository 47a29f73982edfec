"""The whole product with parts of it killed: it recovers by itself, and ends completely with its supervisor."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from app.db.embedded import DATABASE, SUPERUSER
from bench.product import PARTS, Product
from tests.faults.conftest import wait_until
from tests.support.database import worker_database


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """The running product with one organization, so that no demonstration is loaded."""
    with worker_database(tmp_path, DATABASE) as database, psycopg.connect(database.url(SUPERUSER)) as connection:
        connection.execute("SET session_replication_role = replica")  # allows an organization without an owner
        connection.execute(
            "INSERT INTO organizations (id, name, slug, webhook_key) "
            "VALUES (gen_random_uuid(), 'Comfort', 'comfort', 'key')"
        )
    product = Product(tmp_path)
    with product.database.running():
        product.start()
        yield product
        if product.is_running():
            product.stop()


def test_it_comes_back_whatever_part_is_killed_and_ends_with_its_supervisor(product: Product) -> None:
    for part in PARTS:
        wait_until(partial(is_replaced, product, part, kill(product, part)), seconds=30)
        product.wait_until_ready()

    left_behind = [product.process_of(part) for part in ("web server", "web process", "worker")]
    product.kill()
    wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in left_behind), seconds=30)


def is_replaced(product: Product, part: str, killed: int) -> bool:
    return product.process_of(part) not in (killed, None)


def kill(product: Product, part: str) -> int:
    """Send SIGKILL to a part and return the process ID that it had."""
    process = product.process_of(part)
    assert process is not None, part
    os.kill(process, signal.SIGKILL)
    return process

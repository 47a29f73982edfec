"""Rows of a list's CSV file, as a person downloads it."""

import csv
import io

from tests.support.client import Client


def csv_rows(client: Client, url: str) -> list[dict[str, str]]:
    """Return the rows of the file by column heading, in order."""
    return list(csv.DictReader(io.StringIO(client.get(url).html.removeprefix("\ufeff"))))

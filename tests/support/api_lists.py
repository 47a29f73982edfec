"""Lists of the JSON API next to those of the pages."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from tests.support.api_client import ApiClient, data_of
from tests.support.client import Client

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")

Queries = Callable[[], AbstractContextManager[list[str]]]


def ids_in(client: ApiClient, path: str) -> list[str]:
    """Return the ids of a list of the API, in its order."""
    return [record["id"] for record in data_of(client.get(path))]


def ids_on_page(client: Client, path: str) -> list[str]:
    """Return the ids of the records that a page lists, in its order."""
    links = client.get(path).all(".//tbody//tr//a[@href]")
    found = (_ID.search(link.get("href") or "") for link in links)
    return list(dict.fromkeys(match[0] for match in found if match is not None))


def statements_of(client: ApiClient, path: str, queries: Queries) -> int:
    """Return the number of statements that a request for a list sends, after one that fills the caches."""
    data_of(client.get(path))
    with queries() as sent:
        data_of(client.get(path))
    return len(sent)

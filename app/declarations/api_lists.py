"""Addresses of lists in the JSON API: the page's filters under the names and values that programs send."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import url_for

from app.declarations.api import Api
from app.declarations.api_filters import filter_names, is_flag
from app.declarations.listed import Listed
from app.declarations.registry import registry
from app.security.api_requests import API_ROOT

#: Texts of a filter on pages, and in the API.
_FLAGS = {"yes": "true", "no": "false"}


def api_link(listed: Listed, filters: Mapping[str, str]) -> str:
    """Return the address in the API of the rows that the list's page shows with `filters`.

    A list without an API of its own yet has the path of its page.
    """
    parameters = {}
    for shown, name in filter_names(listed.filters).items():
        value = filters.get(listed.filters.model_fields[name].alias or name)
        if value is not None:
            parameters[shown] = _FLAGS[value] if is_flag(listed.filters, name) else value
    path = _path_of(listed)
    return f"{path}?{urlencode(parameters, safe=',')}" if parameters else path


def _path_of(listed: Listed) -> str:
    known = registry()
    api = known.apis.get(known.listed[listed.endpoint].name)
    return f"{API_ROOT}/{api.path}" if isinstance(api, Api) else f"{API_ROOT}{url_for(listed.endpoint)}"

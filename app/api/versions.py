"""Versions of records: what a caller has read must still be true when they change it."""

import re
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from app.declarations.api import Api
from app.errors import FieldError, ValidationFailed
from app.models.base import Versioned

HEADER = "If-Match"
#: A server in front that compresses responses makes their tags weak.
_TAG = re.compile(r'(?:W/)?"(?P<version>[0-9]{1,9})(\.[0-9a-f]+)?"')
_MAX_VERSION = 2**31 - 1


def asked_version(api: Api, body: Any) -> int | None:
    """Return the version that the caller has read, from If-Match or `version` in the body; None if they state none.

    Raises ValidationFailed for a malformed version, for two that differ, and for a record without versions.
    """
    of_header, of_body = _in_header(), _in_body(body)
    given = of_body if of_header is None else of_header
    if given is None:
        return None
    name = "version" if of_header is None else HEADER
    if not issubclass(api.resource.model, Versioned):
        raise ValidationFailed([FieldError(name, _l("This record has no versions."))])
    if of_body is not None and of_body != given:
        raise ValidationFailed([FieldError("version", _l("The version differs from the one in If-Match."))])
    return given


def _in_header() -> int | None:
    text = request.headers.get(HEADER, "").strip()
    if text in {"", "*"}:
        return None
    found = _TAG.fullmatch(text)
    if found is None:
        raise ValidationFailed([FieldError(HEADER, _l("Send the ETag of the record as you have read it."))])
    return int(found["version"])


def _in_body(body: Any) -> int | None:
    version = body.get("version") if isinstance(body, dict) else None
    if version is None:
        return None
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= _MAX_VERSION:
        raise ValidationFailed([FieldError("version", _l("Enter the version of the record as you have read it."))])
    return version

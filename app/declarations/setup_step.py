"""Declarations of the steps with which a new organization is set up; its page lists them."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import LazyString
from sqlalchemy import ColumnElement

from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupStep:
    """A step, done on the page at `endpoint` by people with `permission`.

    `is_done` returns a condition on what is stored, so that nothing has to be marked as done. Steps are sorted by
    `order`.
    """

    label: LazyString
    hint: LazyString
    endpoint: str
    permission: Permission
    is_done: Callable[[Actor], ColumnElement[bool]]
    order: int

"""Photos of people, shown instead of their initials."""

import json
from pathlib import Path
from tempfile import TemporaryFile
from uuid import UUID

from app.errors import NotFound
from app.extensions import db
from app.models import User
from app.ops.jobs.queue import enqueue
from app.people.users.detail_queries import get_person
from app.people.users.picture_rules import check_size, unusable
from app.people.users.queries import lock_user
from app.people.users.service import lock_person
from app.sandbox.runner import Limits, SandboxFailed, Unreadable, read_in_sandbox
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.storage import new_key, storage
from app.trust.trash.file_jobs import remove_file

_PROGRAM = Path(__file__).with_name("picture_process.py")
_LIMITS = Limits(cpu_seconds=5, memory_bytes=512 * 1024**2)


def set_picture(actor: Actor, user_id: UUID, content: bytes) -> User:
    """Set a person's photo.

    Raises ValidationFailed for an unusable file, NotFound, and Forbidden without permission or for a person above the
    actor.
    """
    made = cleaned_picture(content)
    user = _held(actor, user_id)
    forget_picture(user)
    key = new_key(user.organization_id, "pictures")
    storage().write(key, [made])
    user.avatar_key = key
    db.session.flush()
    return user


def cleaned_picture(content: bytes) -> bytes:
    """Convert a photo to a small square WebP, in a sandbox.

    Raises ValidationFailed for a file that is not an image or is too large.
    """
    check_size(content)
    with TemporaryFile() as file:
        file.write(content)
        file.flush()
        try:
            made = read_in_sandbox(_PROGRAM, file, limits=_LIMITS)
        except SandboxFailed as error:
            raise unusable(error.reason) from None
    if made[:4] == b"RIFF" and made[8:12] == b"WEBP":
        return made
    raise unusable(_problem_in(made))


def _problem_in(answer: bytes) -> str:
    """Return the problem that the sandbox reports.

    Its output isn't trusted, because a malicious file could have taken over the process.
    """
    try:
        return str(json.loads(answer)["problem"])
    except (ValueError, KeyError, TypeError):
        return Unreadable.DAMAGED


def remove_picture(actor: Actor, user_id: UUID) -> User:
    """Remove a person's photo, so that their initials are shown again.

    Raises NotFound, and Forbidden without permission or for a person above the actor.
    """
    user = _held(actor, user_id)
    forget_picture(user)
    return user


def forget_picture(user: User) -> None:
    """Clear the photo of a user; a job removes its file after the commit."""
    if user.avatar_key is not None:
        enqueue(remove_file, key=user.avatar_key)
        user.avatar_key = None


def _held(actor: Actor, user_id: UUID) -> User:
    """Return the person, locked; people can always change their own photo.

    Raises NotFound, and Forbidden without permission or for a person above the actor.
    """
    if user_id == actor.reference_id:
        return lock_user(actor.organization_id, user_id)
    actor.requires(Permission.USERS_UPDATE)
    return lock_person(get_person(actor, user_id), actor, Permission.USERS_UPDATE)


def find_picture(actor: Actor, user_id: UUID) -> str:
    """Return the storage key of a person's photo, for everyone in the organization.

    Raises NotFound if there is none.
    """
    shown = unscoped(User, why="photos are visible to everyone in the organization")
    user = db.session.get(shown, (actor.organization_id, user_id))
    if user is None or user.avatar_key is None:
        raise NotFound("picture", user_id)
    return user.avatar_key

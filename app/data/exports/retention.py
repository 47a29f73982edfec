"""Retention of exports."""

from app.data.exports.resource import EXPORT
from app.declarations.retained import Retained

EXPORTS = Retained(kind="exports", resource=EXPORT, files=("file_path",))

"""Structured logs: JSON in production, readable lines on a terminal; secrets are masked in both.

structlog and libraries that use the standard library's logging share one pipeline, so no record bypasses the masking.
"""

import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

MASK = "•••"

#: Names whose value is always a secret, alone or as part of a longer name.
_SECRET_NAME = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api_?key|totp|signature|credential", re.IGNORECASE
)

#: Secrets inside text: our opaque tokens, bearer headers, passwords in connection URLs, `password=…` pairs.
_SECRET_TEXTS = (
    (re.compile(r"(?<![\w-])[\w-]{22}\.[\w-]{43}(?![\w-])"), MASK),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {MASK}"),
    (re.compile(r"(\w+://[^\s:/@]*):[^\s/@]+@"), rf"\1:{MASK}@"),
    (re.compile(r"(?i)\b(\w*(?:password|secret|token|api_?key)['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&}]+"), rf"\1{MASK}"),
)
#: Every secret in a text comes with one of these characters. Most values, such as IDs, have none: no more to search.
_MARK_OF_SECRETS = re.compile(r"[.:=\s]")
#: Limit for the names that are known to be those of secrets, or not.
_MAX_NAMES = 1_000


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask secrets by name and by pattern at any depth; a structlog processor."""
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: str, value: object) -> Any:
    if _names_secret(name) and value is not None and not isinstance(value, bool | int | float):
        return MASK
    if isinstance(value, str):
        return _without_secrets(value)
    if isinstance(value, Mapping):
        return {str(key): _masked(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(name, item) for item in value]
    return value


@lru_cache(_MAX_NAMES)
def _names_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _without_secrets(text: str) -> str:
    if _MARK_OF_SECRETS.search(text) is None:
        return text
    for pattern, replacement in _SECRET_TEXTS:
        text = pattern.sub(replacement, text)
    return text


class _Output(logging.StreamHandler[TextIO]):
    """The app's own log handler, a separate class to tell it from those of a test or a tracing agent."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Drop a line that can't be written, such as to a file on a full disk; report any other error."""
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)


def configure_logging(log_format: Literal["json", "console"], level: int = logging.INFO) -> None:
    """Send every log record of this process to standard error in one format. Safe to call again."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = _Output(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [*(other for other in root.handlers if not isinstance(other, _Output)), handler]
    root.setLevel(level)

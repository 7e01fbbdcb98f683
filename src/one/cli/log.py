"""What ONE logs while a command runs: a sentence on stderr, so that stdout holds answers alone.

Servers and workers log for those who run the deployment instead: as JSON, with tracebacks.
"""

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger


def say_on_stderr() -> None:
    """Warnings and worse, each in a sentence."""
    structlog.configure(
        processors=[structlog.processors.add_log_level, _sentence],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _sentence(logger: WrappedLogger, method: str, event: EventDict) -> str:
    del logger, method
    said, broke = event.pop("event"), event.pop("exc_info", None)
    level = str(event.pop("level")).capitalize()
    why = f": {type(broke).__name__}: {broke}" if isinstance(broke, Exception) else ""
    facts = ", ".join(f"{key} {value}" for key, value in event.items())
    return f"{level}: {said}{why}" + (f" ({facts})" if facts else "")

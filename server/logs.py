"""Logs: one line an event on standard error, quiet by default, and never a key, a token or a card number."""

import logging
import re
import sys

# Stripe's keys and secrets, bearer tokens, and anything as long as a card number.
_SECRET = re.compile(
    r"\b(?:sk|rk|pk|whsec|pdt)_[A-Za-z0-9_]{4,}|\b\w+_secret_\w+|(?i:bearer)\s+[\w.~+/-]+=*|\b(?:\d[ -]?){13,19}\b"
)


class Redacting(logging.Formatter):
    """Formats a record, cuts secrets out, and leaves tracebacks to debug level.

    A traceback carries values of customers; its last line's type is enough to find the place again.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line: time, level, logger, message."""
        if record.exc_info and record.exc_info[0] is not None and logging.getLogger().level > logging.DEBUG:
            record.msg = f"{record.getMessage()} ({record.exc_info[0].__name__})"
            record.args, record.exc_info, record.exc_text = None, None, None
        return redact(super().format(record))


def redact(text: str) -> str:
    """The text with every secret replaced by `***`."""
    return _SECRET.sub("***", text)


def set_up_logs(level: str) -> None:
    """Log to standard error at this level; libraries only from warning on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("mcp", "stripe", "uvicorn", "sqlalchemy", "alembic", "asyncio", "aiohttp"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level) if level != "debug" else logging.INFO)

"""run.log: what a run did, beside its results."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger("workforce")


class _RunLog(logging.FileHandler):
    """A log that a full disk cuts short; what filled it is told by the step that fails."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say once that the file has no more; `logging` would print a traceback each time."""
        log.removeHandler(self)
        log.warning("%s is cut short: it cannot be written to", self.baseFilename)

    def close(self) -> None:
        """Close the file; what is still in memory is lost where the disk is full."""
        try:
            super().close()
        except OSError as error:
            log.warning("%s is cut short: %s", self.baseFilename, error)


@contextmanager
def logged_to(file: Path) -> Iterator[None]:
    """Put what the run logs within the block at the end of a file."""
    handler = _RunLog(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()

"""Failures seen in readers of files, as functions for a guarded child. Imports little, as readers do."""

import os
import signal
import sys
import time
from typing import BinaryIO


class PanicException(BaseException):
    """Raised by Rust libraries: a BaseException, not an Exception."""


def misbehave(_output: BinaryIO, *, way: str) -> str:
    """Fail in the given way. The number in a message stands for a confidential cell."""
    match way:
        case "sleep":
            time.sleep(600)
        case "hoard":
            return str(len([bytearray(1_000_000) for _ in range(10_000)]))
        case "abort":
            print("memory of 123-45-6789", file=sys.stderr, flush=True)
            os.abort()
        case "fault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "quit":
            os._exit(0)
        case "fail":
            raise ValueError("123-45-6789")
        case "panic":
            raise PanicException("123-45-6789")
        case "quiet":
            print("a library that talks")
    return "done"

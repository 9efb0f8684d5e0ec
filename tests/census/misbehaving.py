"""What readers of files have been seen to do: functions for a guarded child. Imports little, as those do."""

import os
import signal
import sys
import time
from typing import BinaryIO


class PanicException(BaseException):
    """What Rust libraries raise: no Exception."""


def misbehave(_output: BinaryIO, *, way: str) -> str:
    """Do what `way` says. The number stands for a cell of somebody's data."""
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

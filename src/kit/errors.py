"""Exit codes, and the exceptions that carry a sentence with a way out."""

from __future__ import annotations

import errno
import os

OK = 0
SOME_ROWS_FAILED = 1
NOTHING_DONE = 2
STOPPED_EARLY = 3
IN_DOUBT = 4
INPUT_OUTPUT = 74
LOCKED = 75
AUTHORIZE_AGAIN = 77
SIGNALLED = 128  # plus the signal's number, as shells count


class Refused(Exception):
    """The door cannot go on; the message is a sentence for the person who typed it."""

    exit_code = NOTHING_DONE


class BrokenDisk(Refused):
    """Reading or writing failed: full, read-only, not permitted, gone."""

    exit_code = INPUT_OUTPUT


class Locked(Refused):
    """Another run is at the same work."""

    exit_code = LOCKED
    work = ""  # what it is, where the holder of a lock wrote that down


def sentence(error: OSError) -> str:
    """Return what the operating system refused, as place, reason and way out."""
    named = isinstance(error.filename, (str, bytes, os.PathLike))  # else a descriptor
    place = os.fsdecode(error.filename) if named else "a file"
    return f"{place}: {error.strerror or error}; {_WAYS_OUT.get(error.errno, _RETRY)}"


_RETRY = "put that right and start the same command again, nothing is lost"
_WAYS_OUT = {
    errno.ENOSPC: "free some disk space and start the same command again, "
    "nothing is lost",
    errno.EDQUOT: "the disk quota is used up; free some space and start again",
    errno.EFBIG: "the file may not grow further; raise the limit and start again",
    errno.EROFS: "choose a folder that may be written (DATA_DIR, LOG_DIR)",
    errno.EACCES: "allow this user to use it (or close it in the spreadsheet), "
    "then start again",
    errno.EPERM: "allow this user to use it, then start again",
}

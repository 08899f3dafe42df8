"""Processes that end with the one that started them."""

import ctypes
import multiprocessing
import os
import signal
import sys

# From linux/prctl.h.
_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Requests SIGTERM when the parent dies in whatever way (Linux): a process left over would run unsupervised."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # A parent that has died before sends nothing.
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        os.kill(os.getpid(), signal.SIGTERM)

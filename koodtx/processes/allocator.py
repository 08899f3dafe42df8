"""How the C library keeps memory."""

import ctypes

# From glibc's malloc.h.
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 4_194_304


def return_freed_memory() -> None:
    """Has freed large blocks returned to the system at once, and threads share two heaps (glibc; else no effect).

    By default glibc raises the size from which it does so to that of the largest block it has seen, and has a heap per
    thread: a process that once held some bodies of 20 MB keeps their memory permanently.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_ARENA_MAX, 2)

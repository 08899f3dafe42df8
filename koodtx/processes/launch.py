"""Becomes another program: `python launch.py '{"parent": 1, ...}' program argument...`. Only child.py runs it.

What has to happen between fork and exec happens here, in a process of its own: Python code that runs in a forked child
of a process with threads can hang.
"""

import ctypes
import json
import os
import sys

# From linux/prctl.h.
_PR_SET_PDEATHSIG = 1


def main(options: str, *command: str) -> None:
    """Changes the user, requests a signal at the death of the parent, and runs `command`."""
    wanted = json.loads(options)
    if wanted["user"]:
        uid, gid = wanted["user"]
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which would clear it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, wanted["death_signal"])
    if os.getppid() != wanted["parent"]:
        raise SystemExit("parent process has exited")
    os.execvpe(command[0], command, wanted["env"] or os.environ)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Becomes another program: `python launch.py '{"parent": 1, ...}' program argument...`. Run by process.py only.

What has to happen between fork and exec happens here, in a process of its own: Python code run in a forked child
of a process with threads can hang for ever.
"""

import ctypes
import json
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(wishes: str, *command: str) -> None:
    """Change the user, ask for a signal at the parent's death, and run `command`."""
    wanted = json.loads(wishes)
    if wanted["account"]:
        uid, gid = wanted["account"]
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user, which would clear it again.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, wanted["death_signal"])
    if os.getppid() != wanted["parent"]:
        raise SystemExit("the process that wanted this is gone")
    os.execvpe(command[0], command, wanted["env"] or os.environ)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])

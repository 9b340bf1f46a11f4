"""supervisord, tied to the life of the `up` that started it: `python -m vibenv_site.setup.supervised PID ARGS...`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from supervisor import supervisord

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, *arguments = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit(1)  # it was gone before the kernel could be asked to tell

    supervisord.main(arguments)


if __name__ == "__main__":
    main()

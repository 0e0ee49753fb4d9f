"""Ends what is left of a stack whose supervisor was killed.

The kernel tells each child that its parent died, but a child's own children (a job, npm) hear
nothing. The guard holds one end of a pipe; when the supervisor is gone, it reads the end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from ecomops.local.strays import MARK, end_marked

GRACE_SECONDS = 2.0


class Guard:
    """A process that outlives us by a few seconds, and our children by none."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ecomops.local.guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Send it away: everything was stopped in order."""
        self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Wait for the end of the supervisor, then for its children; kill those that remain."""
    # Whoever interrupts a whole session of processes must not take the guard away first.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    time.sleep(GRACE_SECONDS)
    mark = os.environ[MARK]
    end_marked(lambda found: found == mark)


if __name__ == "__main__":
    main()

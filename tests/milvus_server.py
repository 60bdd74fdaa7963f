"""A Milvus server on this machine: Milvus Lite, in a process of its own, so that it can be stopped.

Run as `python -m tests.milvus_server FOLDER`: prints its address, serves until its input ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path


class MilvusServer:
    """The server with its data in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.milvus_server", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).resolve().parent.parent,
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()

    def stall(self) -> None:
        """It is there, and answers nobody."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """After `stall`."""
        os.kill(self._process.pid, signal.SIGCONT)

    def close(self) -> None:
        """End it; once is enough."""
        self._process.kill()
        self._process.communicate()


if __name__ == "__main__":
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    *_, port = start_server_in_thread(data_dir=sys.argv[1])
    print(f"http://127.0.0.1:{port}", flush=True)
    sys.stdin.read()

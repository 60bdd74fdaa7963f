"""A page in a process of its own, for many readers: says its address as JSON and, once a line comes
in, whether anybody was overtaken while waiting for the model.

    python load_server.py FOLDER EMBEDDER
"""

from __future__ import annotations

import json
import sys
import threading
from itertools import pairwise
from pathlib import Path

from assistant.app.models import Turns
from tests.hardening.served import served


class Watched(Turns):
    """Turns that write down who came and who was let in."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[object] = []
        self.entered: list[object] = []
        self._writing = threading.Lock()

    def take(self, parallel: int = 1) -> object:
        with self._writing:
            ticket = super().take(parallel)
            self.came.append(ticket)
        return ticket

    def wait(self, ticket: object, seconds: float = 0.25) -> int:
        ahead = super().wait(ticket, seconds)
        if ahead == 0:
            with self._writing:
                self.entered.append(ticket)
        return ahead

    def overtaken(self) -> int:
        """How many were let in after somebody who came later."""
        place = {ticket: n for n, ticket in enumerate(self.came)}
        order = [place[ticket] for ticket in self.entered if ticket in place]
        return sum(later < earlier for earlier, later in pairwise(order))


def main() -> None:
    folder, embedder = map(Path, sys.argv[1:])
    with served(folder, embedder) as page:
        page.desk.turns = turns = Watched()
        print(json.dumps({"address": page.address}), flush=True)
        sys.stdin.readline()
        told = {"overtaken": turns.overtaken(), "entered": len(turns.entered)}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()

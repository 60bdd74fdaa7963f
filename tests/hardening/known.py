"""What a store must show after a row of changes, kept beside it."""

from __future__ import annotations

import random

from tests.hardening.work import Step

View = dict[str, tuple[str, str | None, str | None]]
_COMPANIES = ("Alder", "Birch", "Cedar", "Dogwood")


class Known:
    """What a store must show: for every filing its inventories, who filed it, and the correction
    that is kept of its content."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        self._corrected: dict[tuple[str, int], str] = {}

    def steps(self, rng: random.Random, count: int) -> list[Step]:
        """Steps that can be taken one after the other; replacing is adding other content."""
        held, steps = set(self._held), []
        for _ in range(count):
            company = rng.choice(_COMPANIES)
            what = rng.choice(("add", "add", "remove", "correct")) if company in held else "add"
            if what == "add":
                steps.append(("add", company, rng.randrange(200, 204)))
                held.add(company)
            elif what == "remove":
                steps.append(("remove", company))
                held.remove(company)
            else:
                steps.append(("correct", company, f"{company} Group {rng.randrange(9)}"))
        return steps

    def take(self, step: Step) -> None:
        what, company, *more = (str(part) for part in step)
        if what == "add":
            self._held[company] = int(more[0])
        elif what == "remove":
            del self._held[company]
        else:
            self._corrected[company, self._held[company]] = more[0]

    def view(self) -> View:
        shown: View = {}
        for company, inventories in self._held.items():
            corrected = self._corrected.get((company, inventories))
            name = corrected or f"{company} Works Inc"
            shown[f"{company.lower()}-2023"] = (f"Inventories {inventories} 200", name, corrected)
        return shown

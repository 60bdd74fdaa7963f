"""Where the numbers of a fictional company live, and whole-number arithmetic on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from index.samples.company import Company, Kind


def share(amount: int | Decimal, bp: int) -> int:
    """`bp` basis points of `amount`, rounded half up to a whole unit."""
    return int((Decimal(amount) * bp / 10000).quantize(Decimal(1), ROUND_HALF_UP))


def split(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Whole parts of `total` in proportion to `weights` that add up to it (largest remainder)."""
    whole = sum(weights.values())
    parts = {key: total * weight // whole for key, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda key: (-(total * weights[key] % whole), key))
    for key in by_remainder[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


@dataclass
class Accounts:
    """Every number of a company by (key, fiscal year), in the reporting unit (see `Company`)."""

    company: Company
    values: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def __call__(self, key: str, year: int) -> Decimal:
        """The value; KeyError where the model has none."""
        return self.values[key, year]

    def whole(self, key: str, year: int) -> int:
        """A value that is a whole number of units."""
        return int(self.values[key, year])

    def put(self, year: int, kind: Kind = "money", **numbers: int | Decimal) -> None:
        """Store values of one year."""
        for key, number in numbers.items():
            self.put_one(key, year, number, kind)

    def put_one(self, key: str, year: int, number: int | Decimal, kind: Kind = "money") -> None:
        """Store one value (keys such as "sales:stores" are no identifiers)."""
        self.values[key, year] = Decimal(number)
        self.kinds[key] = kind

    def put_split(self, name: str, year: int) -> None:
        """Store the parts of the split `name` under "name:part"."""
        total = self.whole(self.company.splits[name].of, year)
        for part, number in split(total, self.company.weights(name, year)).items():
            self.put_one(f"{name}:{part}", year, number)

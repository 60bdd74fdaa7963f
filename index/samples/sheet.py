"""From lines ("this label is that number of the accounts") to tables with tagged cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from index.samples.accounts import Accounts
from index.samples.company import Company, Kind
from index.samples.document import Cell, Fact, Row, RowStyle, Table, Unit, digits

Members = tuple[tuple[str, str], ...]
UNITS: dict[Kind, Unit] = {
    "money": "usd",
    "shares": "shares",
    "per_share": "usdPerShare",
    "percent": "pure",
    "count": "pure",
}


@dataclass(frozen=True)
class Line:
    """One row of a table. The number printed is `shown` times the accounts' value, the number
    tagged with `concept` is `tagged` times it (concepts such as "payments" count outflows as
    positive). `offset` looks at another year, for opening balances. "co:" in a concept or member
    stands for the company's own prefix. Without a key the row is a heading."""

    label: str
    key: str = ""
    concept: str = ""
    shown: int = 1
    tagged: int = 1
    instant: bool = False
    style: RowStyle = "line"
    indent: int = 0
    offset: int = 0
    members: Members = ()
    keep: bool = False


@dataclass(frozen=True)
class Sheet:
    """The accounts as one filing shows them: those of `year` and the years before it."""

    books: Accounts
    year: int

    @property
    def company(self) -> Company:
        """Whose accounts."""
        return self.books.company

    def years(self, count: int) -> tuple[int, ...]:
        """The filing's year and those before it, newest first."""
        return tuple(range(self.year, self.year - count, -1))

    def label(self, key: str, usual: str) -> str:
        """The company's own wording of a line, where it has one."""
        return self.company.labels.get(key, usual)

    def lines(self, text: str, *, instant: bool = False) -> tuple[Line, ...]:
        """Lines written as they print, one a row: `label | key | concept | flags`.

        Two spaces indent, "= " marks a total and "== " a grand total, a row without bars is a
        heading. Flags: `out` prints a positive number as an outflow, `inverse` tags the opposite
        of what is printed, `opening` takes the year before, `instant` an amount at a moment,
        `keep` prints the row even if it is nil. The company's own labels replace the usual ones.
        """
        made: list[Line] = []
        for row in text.strip("\n").splitlines():
            label, *rest = (part.strip() for part in row.split("|"))
            mark, _, words = label.rpartition("= ")
            style: RowStyle = "line" if words == label else ("grand" if mark == "=" else "total")
            key, concept, flags = (*rest, "", "", "")[:3]
            made.append(
                Line(
                    label=self.label(key, words) if key else words,
                    key=key,
                    concept=f"us-gaap:{concept}" if concept and ":" not in concept else concept,
                    shown=-1 if "out" in flags else 1,
                    tagged=-1 if "inverse" in flags else 1,
                    instant=instant or "instant" in flags,
                    style=style,
                    indent=(len(row) - len(row.lstrip())) // 2,
                    offset=-1 if "opening" in flags else 0,
                    keep="keep" in flags,
                )
            )
        return tuple(made)

    def units(self, extra: str = "") -> str:
        """The line under a table's title: "(in millions, except per share data)"."""
        return f"(in {self.company.unit_words}{', ' + extra if extra else ''})"

    def cell(self, line: Line, year: int, dollar: bool = False) -> Cell:
        """One number of one year; an empty cell where the accounts have none."""
        source = (line.key, year + line.offset)
        if source not in self.books.values:
            return Cell()
        value, kind = self.books(*source), self.books.kinds[line.key]
        return Cell(
            text=digits(value, kind, self.company.share_step),
            dollar=dollar and kind in ("money", "per_share"),
            negative=value * line.shown < 0,
            percent=kind == "percent",
            fact=self._fact(line, source, value, kind) if line.concept else None,
            source=source,
        )

    def rows(self, lines: Sequence[Line], years: Sequence[int]) -> tuple[Row, ...]:
        """The rows, leaving out those that are nil in every year or unknown here;
        dollar signs on the first row of money, grand totals and amounts per share."""
        made: list[Row] = []
        first = True
        for line in lines:
            if not line.key:
                made.append(Row(line.label, (Cell(),) * len(years), "head", line.indent))
                continue
            if line.key not in self.books.kinds:
                continue
            kind = self.books.kinds[line.key]
            dollar = kind == "per_share" or (kind == "money" and (first or line.style == "grand"))
            cells = tuple(self.cell(line, year, dollar) for year in years)
            values = [self.books.values.get((line.key, year + line.offset)) for year in years]
            if not any(values) and not line.keep and line.style == "line":
                continue
            first = first and kind != "money"
            made.append(Row(line.label, cells, line.style, line.indent))
        return tuple(made)

    def table(
        self,
        key: str,
        lines: Sequence[Line],
        count: int = 3,
        *,
        extra: str = "",
        units: str | None = None,
    ) -> Table:
        """A table with one column per year, newest first, headed as the company heads them."""
        years = self.years(count)
        ends = [self.company.year_ends[year] for year in years]
        instant = all(line.instant for line in lines if line.key)
        columns = tuple(str(year) for year in years)
        spanner = f"{ends[0]:%B} {ends[0].day},"
        if self.company.year_word:  # a year that is not the calendar's: name it, or give its end
            columns = tuple(f"Fiscal {year}" for year in years)
            if instant:
                columns = tuple(f"{end:%B} {end.day}, {end.year}" for end in ends)
            spanner = ""
        elif not instant:
            spanner = f"Year ended {spanner}"
        return Table(
            key=key,
            columns=columns,
            rows=self.rows(lines, years),
            units=self.units(extra) if units is None else units,
            spanner=spanner,
        )

    def member(self, axis: str, label: str) -> Members:
        """The company's own member of an axis, named after its label."""
        return ((axis, "co:" + camel(label) + "Member"),)

    def named(self, name: str) -> str:
        """A qualified name with the company's prefix in place of "co:"."""
        return name.replace("co:", self.company.prefix + ":", 1) if name[:3] == "co:" else name

    def _fact(self, line: Line, source: tuple[str, int], value: Decimal, kind: Kind) -> Fact:
        year = source[1]
        end = self.company.year_ends[year]
        start = None
        if not line.instant:
            before = self.company.year_ends.get(year - 1)
            start = (before or end - timedelta(days=365)) + timedelta(days=1)
        exact = -int(self.company.share_step.as_tuple().exponent)
        scale, decimals = {
            "money": (self.company.scale, -self.company.scale),
            "shares": (self.company.scale, exact - self.company.scale),
            "per_share": (0, 2),
            "percent": (-2, 3),
            "count": (0, 0),
        }[kind]
        return Fact(
            concept=self.named(line.concept),
            number=value * line.tagged,
            scale=scale,
            decimals=decimals,
            unit=UNITS[kind],
            start=start,
            end=end,
            members=tuple((axis, self.named(member)) for axis, member in line.members),
        )


def camel(label: str) -> str:
    """ "Process Pumps" -> "ProcessPumps"."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", label))

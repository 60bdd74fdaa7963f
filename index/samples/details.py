"""The model's subsidiary ledgers: what the notes show and the statements only sum up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from index.samples.accounts import Accounts, share, split
from index.samples.company import Drivers

STATUTORY_TAX_BP = 2100


def goodwill(books: Accounts, year: int, drivers: Drivers) -> None:
    """Goodwill by segment: what was bought and what exchange rates did to it."""
    bought = drivers.acquired.goodwill if drivers.acquired else 0
    before = {
        key: books.whole(f"goodwill:{key}", year - 1) for key in books.company.goodwill_segments
    }
    moved = split(drivers.translation_goodwill, before) if before else {}
    for place, (key, number) in enumerate(before.items()):
        # What is bought joins the last segment named (the service business of the pump maker).
        gained = bought if place == len(before) - 1 else 0
        books.put_one(f"goodwill_acquired:{key}", year, gained)
        books.put_one(f"goodwill_translation:{key}", year, moved[key])
        books.put_one(f"goodwill:{key}", year, number + gained + moved[key])
    books.put(
        year,
        goodwill_acquired=bought,
        goodwill_translation=drivers.translation_goodwill,
        goodwill=books("goodwill", year - 1) + bought + drivers.translation_goodwill,
    )


def leases(books: Accounts, year: int, owed: int) -> None:
    """The lease liability: payments by year, less imputed interest, current and later."""
    weights = {str(place): weight for place, weight in enumerate((20, 18, 15, 13, 11, 23), 1)}
    interest = share(owed, 1250)
    due = split(owed + interest, weights)
    for place, number in due.items():
        books.put_one(f"lease_due:{place}", year, number)
    current = due["1"] - share(owed, books.company.lease_rate_bp)
    books.put(
        year,
        lease_liability=owed,
        lease_undiscounted=owed + interest,
        lease_imputed=interest,
        lease_current=current,
        lease_later=owed - current,
    )


def debt(books: Accounts, year: int) -> None:
    """Balances by instrument, and what falls due in each of the next five years and later."""
    instruments = books.company.instruments
    due = dict.fromkeys(range(1, 7), 0)
    for item in instruments:
        books.put_one(f"debt:{item.key}", year, item.balance(year))
        left = item.balance(year)
        for when, amount in sorted(item.repaid.items()):
            if when > year:  # what is drawn later is repaid last
                amount = min(amount, left)
                left -= amount
                due[min(when - year, 6)] += amount
    for place, amount in due.items():
        books.put_one(f"debt_due:{place}", year, amount)
    total = sum(item.balance(year) for item in instruments)
    books.put(year, debt=total, debt_current=due[1], debt_later=total - due[1])


def tax(books: Accounts, year: int, drivers: Drivers) -> None:
    """The rate reconciliation, and the same total as current and deferred."""
    pretax = books.whole("pretax_income", year)
    parts = {"statutory": share(pretax, STATUTORY_TAX_BP)}
    parts |= {key: share(pretax, bp) for key, bp in drivers.tax_bp.items()}
    for key, number in parts.items():
        books.put_one(f"tax:{key}", year, number)
    total = sum(parts.values())
    current = total - drivers.deferred_tax
    owed = books.whole("deferred_tax", year - 1) + drivers.deferred_tax
    books.put(
        year,
        tax_expense=total,
        current_tax=current,
        deferred_tax_expense=drivers.deferred_tax,
        deferred_tax=owed,
    )


def segments(books: Accounts, year: int) -> None:
    """Segment profit: in proportion to sales times margin, adding up to what is left before
    corporate cost, amortization, restructuring and impairment."""
    company = books.company
    corporate = company.corporate_cost[year]
    total = (
        sum(
            books.whole(key, year)
            for key in ("operating_income", "amortization", "restructuring", "impairment")
        )
        + corporate
    )
    weights = {
        key: books.whole(f"sales:{key}", year) * bp for key, bp in company.segment_margin_bp.items()
    }
    for key, number in split(total, weights).items():
        books.put_one(f"profit:{key}", year, number)
    books.put(year, segment_profit=total, corporate_cost=corporate)


def notes(books: Accounts, year: int, drivers: Drivers) -> None:
    """Lease cost, accrued expenses, deferred taxes, amortization to come, rolls and splits."""
    before = year - 1
    average = (books("lease_liability", year) + books("lease_liability", before)) / 2
    interest = share(average, books.company.lease_rate_bp)
    cost = drivers.lease_amortization + interest
    variable, short = share(cost, 1900), share(cost, 450)
    books.put(
        year,
        lease_cost=cost,
        lease_variable=variable,
        lease_short=short,
        lease_total_cost=cost + variable + short,
        lease_paid=drivers.lease_principal + interest,
        depreciation_amortization=books("depreciation", year) + books("amortization", year),
        ebitda=books("operating_income", year)
        + books("depreciation", year)
        + books("amortization", year),
        warranty_charged=drivers.warranty_charged,
        warranty_paid=drivers.warranty_paid,
        restructuring_paid=drivers.restructuring_paid,
        orders=share(books("net_sales", year), drivers.orders_bp),
    )
    for part, number in drivers.bridge.items():
        books.put_one(f"bridge:{part}", year, number)
    grown = books.whole("net_sales", year) - sum(
        books.whole(f"sales:{key}", before) for key in books.company.segments
    )
    books.put(year, sales_change=grown)
    books.put_one("bridge:volume", year, grown - sum(drivers.bridge.values()))
    ahead = {str(place): weight for place, weight in enumerate((17, 16, 15, 13, 11, 28), 1)}
    for place, number in split(books.whole("intangibles", year), ahead).items():
        books.put_one(f"amortization_due:{place}", year, number)
    for key, (added, taken) in books.company.rolls.items():
        opening = books(key, before)
        moved = sum(books(item, year) for item in added) - sum(books(item, year) for item in taken)
        books.put_one(key, year, opening + moved, books.kinds[key])
    compensation = share(books("accrued", year), 4100)
    named = compensation + books("warranty", year) + books("restructuring_owed", year)
    books.put(year, accrued_compensation=compensation, accrued_other=books("accrued", year) - named)
    _deferred_tax(books, year)
    for name in books.company.splits:
        books.put_split(name, year)
    if "intangible_gross" in books.company.splits:
        for part in books.company.splits["intangible_gross"].parts:
            gross = books(f"intangible_gross:{part}", year)
            net = gross - books(f"intangible_worn:{part}", year)
            books.put_one(f"intangible_net:{part}", year, net)
    if drivers.acquired:
        bought = drivers.acquired
        for part in ("receivables", "inventories", "equipment", "intangibles", "goodwill"):
            books.put_one(f"bought:{part}", year, getattr(bought, part))
        books.put_one("bought:payables", year, bought.payables)
    _ratios(books, year)


def _deferred_tax(books: Accounts, year: int) -> None:
    """What the net deferred tax liability consists of; property is what is left over."""
    assets = {
        "leases": share(books("lease_liability", year), 2400),
        "accrued": share(books("accrued", year), 1200),
        "inventories": share(books("inventories", year), 200),
        "stock": share(books("stock_compensation", year), 2100),
    }
    owed = {
        "leases": share(books("lease_assets", year), 2400),
        "intangibles": share(books("intangibles", year) + books("goodwill", year), 900),
    }
    total = sum(assets.values())
    owed["property"] = books.whole("deferred_tax", year) + total - sum(owed.values())
    for key, number in assets.items():
        books.put_one(f"tax_asset:{key}", year, number)
    for key, number in owed.items():
        books.put_one(f"tax_debt:{key}", year, number)
    books.put(year, tax_assets=total, tax_debts=sum(owed.values()))


def _ratios(books: Accounts, year: int) -> None:
    """Percentages that the text speaks of, rounded to one decimal as printed."""

    def put(key: str, part: str, whole: str) -> None:
        percent = 100 * books(part, year) / books(whole, year)
        books.put_one(key, year, percent.quantize(Decimal("0.1"), ROUND_HALF_UP), "percent")

    put("tax_rate", "tax_expense", "pretax_income")
    put("gross_margin", "gross_profit", "net_sales")
    put("operating_margin", "operating_income", "net_sales")
    for item in ("sga", "research", "capex"):
        put(f"{item}_rate", item, "net_sales")
    for key in books.company.segments:
        put(f"margin:{key}", f"profit:{key}", f"sales:{key}")
        put(f"share:{key}", f"sales:{key}", "net_sales")
    for name, part in (("region", "us"), ("market", "chemical"), ("market", "municipal")):
        if name in books.company.splits:
            put(f"share:{part}", f"{name}:{part}", "net_sales")

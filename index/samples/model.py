"""A driver-based three-statement model in exact arithmetic: drivers -> every number of a 10-K.

One pass per year, in the order in which an accountant would close the books: profit, then the
balance sheet items that the drivers set, then the cash flow from their changes. Cash is what the
cash flow leaves, so the balance sheet balances only if nothing was forgotten: the tests check it.

What it does not know: quarters, taxes payable, accrued interest, disposals above book value.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from index.samples import details
from index.samples.accounts import Accounts, share
from index.samples.company import Company, Drivers

CENT = Decimal("0.01")

# The change of each balance in the cash flow: key of the flow -> (balance sheet item, its side).
WORKING_CAPITAL = {
    "flow_receivables": ("receivables", -1),
    "flow_inventories": ("inventories", -1),
    "flow_prepaid": ("prepaid", -1),
    "flow_payables": ("payables", 1),
    "flow_accrued": ("accrued", 1),
    "flow_contract": ("contract_liabilities", 1),
    "flow_other_assets": ("other_assets", -1),
    "flow_other_liabilities": ("other_liabilities", 1),
}
ASSETS_CURRENT = ("cash", "receivables", "inventories", "prepaid")
ASSETS_LATER = ("property_net", "lease_assets", "goodwill", "intangibles", "other_assets")
LIABILITIES_CURRENT = (
    "payables",
    "accrued",
    "contract_liabilities",
    "lease_current",
    "debt_current",
)
LIABILITIES_LATER = ("debt_later", "lease_later", "deferred_tax", "other_liabilities")
EQUITY = ("common_stock", "paid_in", "retained", "translation", "treasury")


def close_books(company: Company) -> Accounts:
    """Run the model over all of the company's years."""
    books = Accounts(company)
    for name, by_year in company.counts.items():
        for year, number in by_year.items():
            books.put_one(name, year, number, "count")
    for name, rates in company.rates.items():
        for year, rate in rates.items():
            books.put_one(name, year, rate, "percent")
    _open(books)
    for year in company.years:
        drivers = company.drivers[year]
        _sales(books, year, drivers)
        _balances(books, year, drivers)
        _profit(books, year, drivers)
        _cash_flow(books, year, drivers)
        _equity(books, year, drivers)
        _totals(books, year)
        details.segments(books, year)
        details.notes(books, year, drivers)
    return books


def _open(books: Accounts) -> None:
    """The balance sheet before the first year; retained earnings are what is left over."""
    company = books.company
    first = company.years[0] - 1
    for key, number in company.opening.items():
        books.put_one(key, first, number, books.kinds.get(key, "money"))
    gross, worn = company.opening["property_gross"], company.opening["property_worn"]
    books.put(first, property_net=gross - worn)
    gross, worn = company.opening["intangibles_gross"], company.opening["intangibles_worn"]
    books.put(first, intangibles=gross - worn)
    books.put(first, goodwill=sum(company.goodwill_segments.values()))
    for key, number in company.goodwill_segments.items():
        books.put_one(f"goodwill:{key}", first, number)
    details.debt(books, first)
    details.leases(books, first, company.opening["lease_liability"])
    books.put(first, retained=0)
    _totals(books, first)
    books.put(first, retained=books("total_assets", first) - books("total_claims", first))
    _totals(books, first)
    books.put(first, "shares", shares_outstanding=company.opening_shares)


def _sales(books: Accounts, year: int, drivers: Drivers) -> None:
    for key, bp in drivers.growth_bp.items():
        before = books.whole(f"sales:{key}", year - 1)
        books.put_one(f"sales:{key}", year, before + share(before, bp))
    sales = sum(books.whole(f"sales:{key}", year) for key in drivers.growth_bp)
    gross_profit = share(sales, drivers.gross_margin_bp)
    books.put(year, net_sales=sales, gross_profit=gross_profit, cost_of_sales=sales - gross_profit)


def _balances(books: Accounts, year: int, drivers: Drivers) -> None:
    """Everything on the balance sheet but cash, deferred tax and equity."""
    before = year - 1
    sales, cost = books.whole("net_sales", year), books.whole("cost_of_sales", year)
    depreciation = share(sales, drivers.depreciation_bp)
    capex = share(sales, drivers.capex_bp)
    bought = drivers.acquired
    books.put(
        year,
        receivables=sales * drivers.receivable_days // 365,
        inventories=cost * drivers.inventory_days // 365,
        payables=cost * drivers.payable_days // 365,
        prepaid=share(sales, drivers.prepaid_bp),
        accrued=share(sales, drivers.accrued_bp),
        contract_liabilities=share(sales, drivers.contract_bp),
        other_assets=drivers.other_assets,
        other_liabilities=drivers.other_liabilities,
        depreciation=depreciation,
        capex=capex,
        amortization=drivers.amortization,
        impairment=drivers.impairment,
        property_gross=books("property_gross", before)
        + capex
        + (bought.equipment if bought else 0)
        - drivers.retired,
        property_worn=books("property_worn", before)
        + depreciation
        + drivers.impairment
        - drivers.retired,
        intangibles_gross=books("intangibles_gross", before)
        + (bought.intangibles if bought else 0),
        intangibles_worn=books("intangibles_worn", before) + drivers.amortization,
        lease_assets=books("lease_assets", before)
        + drivers.new_leases
        - drivers.lease_amortization,
    )
    books.put(
        year,
        property_net=books("property_gross", year) - books("property_worn", year),
        intangibles=books("intangibles_gross", year) - books("intangibles_worn", year),
    )
    details.goodwill(books, year, drivers)
    owed = books.whole("lease_liability", before) + drivers.new_leases - drivers.lease_principal
    details.leases(books, year, owed)
    details.debt(books, year)


def _profit(books: Accounts, year: int, drivers: Drivers) -> None:
    company, before = books.company, year - 1
    sales = books.whole("net_sales", year)
    sga, research = share(sales, drivers.sga_bp), share(sales, drivers.research_bp)
    operating = (
        books.whole("gross_profit", year)
        - sga
        - research
        - drivers.amortization
        - drivers.restructuring
        - drivers.impairment
    )
    interest = sum(
        share(Decimal(item.balance(before) + item.balance(year)) / 2, item.rate_bp)
        for item in company.instruments
    )
    earned = share(books("cash", before), company.cash_yield_bp)
    pretax = operating - interest + earned + drivers.other_income
    books.put(
        year,
        sga=sga,
        research=research,
        restructuring=drivers.restructuring,
        operating_income=operating,
        interest_expense=interest,
        interest_income=earned,
        other_income=drivers.other_income,
        pretax_income=pretax,
        stock_compensation=drivers.stock_compensation,
    )
    details.tax(books, year, drivers)
    profit = pretax - books.whole("tax_expense", year)
    before_shares = books("shares_outstanding", before)
    outstanding = before_shares + drivers.shares_issued - drivers.shares_bought
    basic = ((before_shares + outstanding) / 2).quantize(company.share_step, ROUND_HALF_UP)
    diluted = basic + drivers.dilution
    books.put(year, net_income=profit, comprehensive_income=profit + _translation(drivers))
    books.put(
        year,
        "shares",
        shares_outstanding=outstanding,
        shares_issued=drivers.shares_issued,
        shares_bought=drivers.shares_bought,
        shares_basic=basic,
        shares_dilution=drivers.dilution,
        shares_diluted=diluted,
    )
    books.put(
        year,
        "per_share",
        eps_basic=(profit / basic).quantize(CENT, ROUND_HALF_UP),
        eps_diluted=(profit / diluted).quantize(CENT, ROUND_HALF_UP),
        dividend=drivers.dividend,
    )


def _translation(drivers: Drivers) -> int:
    return drivers.translation_cash + drivers.translation_goodwill


def _cash_flow(books: Accounts, year: int, drivers: Drivers) -> None:
    before, bought = year - 1, drivers.acquired
    came_with = {
        "flow_receivables": bought.receivables if bought else 0,
        "flow_inventories": bought.inventories if bought else 0,
        "flow_payables": -bought.payables if bought else 0,
    }
    for key, (item, side) in WORKING_CAPITAL.items():
        change = side * (books(item, year) - books(item, before))
        books.put_one(key, year, change + came_with.get(key, 0))
    owed = books("lease_liability", year) - books("lease_liability", before)
    used = books("lease_assets", year) - books("lease_assets", before)
    books.put(year, flow_leases=owed - used)
    operating = sum(books(key, year) for key in (*WORKING_CAPITAL, "flow_leases")) + sum(
        books(key, year)
        for key in (
            "net_income",
            "depreciation",
            "amortization",
            "impairment",
            "stock_compensation",
            "deferred_tax_expense",
        )
    )
    price = bought.price if bought else 0
    dividends = share(books("shares_basic", year) * drivers.dividend, 10000)
    issued = sum(item.issued.get(year, 0) for item in books.company.instruments)
    repaid = sum(item.repaid.get(year, 0) for item in books.company.instruments)
    investing = -books("capex", year) - price
    financing = issued - repaid - dividends - drivers.buyback + drivers.option_proceeds
    change = operating + investing + financing + drivers.translation_cash
    books.put(
        year,
        operating_cash=operating,
        acquisition_price=price,
        investing_cash=investing,
        debt_issued=issued,
        debt_repaid=repaid,
        dividends=dividends,
        buyback=drivers.buyback,
        option_proceeds=drivers.option_proceeds,
        financing_cash=financing,
        translation_cash=drivers.translation_cash,
        cash_change=change,
        cash=books("cash", before) + change,
        free_cash=operating - books("capex", year),
        lease_principal=drivers.lease_principal,
        new_leases=drivers.new_leases,
    )


def _equity(books: Accounts, year: int, drivers: Drivers) -> None:
    before = year - 1
    gained = _translation(drivers)
    books.put(
        year,
        common_stock=books("common_stock", before),
        paid_in=books("paid_in", before) + drivers.stock_compensation + drivers.option_proceeds,
        retained=books("retained", before) + books("net_income", year) - books("dividends", year),
        translation=books("translation", before) + gained,
        translation_gain=gained,
        treasury=books("treasury", before) - drivers.buyback,
    )


def _totals(books: Accounts, year: int) -> None:
    def total(keys: tuple[str, ...]) -> Decimal:
        return sum((books(key, year) for key in keys), Decimal(0))

    current, owed = total(ASSETS_CURRENT), total(LIABILITIES_CURRENT)
    liabilities, equity = owed + total(LIABILITIES_LATER), total(EQUITY)
    books.put(
        year,
        current_assets=current,
        total_assets=current + total(ASSETS_LATER),
        current_liabilities=owed,
        total_liabilities=liabilities,
        equity=equity,
        total_claims=liabilities + equity,
    )

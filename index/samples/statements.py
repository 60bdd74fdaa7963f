"""The five primary statements as tables, each written below as it prints."""

from __future__ import annotations

from collections.abc import Callable

from index.samples.document import NIL, Cell, Row, Table
from index.samples.sheet import Line, Sheet

EQUITY_AXIS = "us-gaap:StatementEquityComponentsAxis"

INCOME_STATEMENT = """
Net sales | net_sales | RevenueFromContractWithCustomerExcludingAssessedTax
Cost of sales | cost_of_sales | CostOfRevenue
= Gross profit | gross_profit | GrossProfit
Selling, general and administrative expenses | sga | SellingGeneralAndAdministrativeExpense
Research and development expenses | research | ResearchAndDevelopmentExpense
Amortization of intangible assets | amortization | AmortizationOfIntangibleAssets
Restructuring charges | restructuring | RestructuringCharges
Impairment charges | impairment | ImpairmentOfLongLivedAssetsHeldForUse
= Operating income | operating_income | OperatingIncomeLoss
Interest expense | interest_expense | InterestExpense | out
Interest income | interest_income | InvestmentIncomeInterest
Other income (expense), net | other_income | OtherNonoperatingIncomeExpense
= Income before income taxes | pretax_income | {pretax}
Income tax expense | tax_expense | IncomeTaxExpenseBenefit
== Net income | net_income | NetIncomeLoss
Earnings per share:
  Basic | eps_basic | EarningsPerShareBasic
  Diluted | eps_diluted | EarningsPerShareDiluted
Weighted-average shares outstanding:
  Basic | shares_basic | WeightedAverageNumberOfSharesOutstandingBasic
  Diluted | shares_diluted | WeightedAverageNumberOfDilutedSharesOutstanding
Dividends declared per share | dividend | CommonStockDividendsPerShareDeclared
""".format(
    pretax="IncomeLossFromContinuingOperationsBeforeIncomeTaxes"
    "ExtraordinaryItemsNoncontrollingInterest"
)

COMPREHENSIVE_INCOME = """
Net income | net_income | NetIncomeLoss
Foreign currency translation adjustments | translation_gain | {translation} | keep
== Comprehensive income | comprehensive_income | ComprehensiveIncomeNetOfTax
""".format(
    translation="OtherComprehensiveIncomeLossForeignCurrencyTransaction"
    "AndTranslationAdjustmentNetOfTax"
)

BALANCE_SHEET = """
ASSETS
Current assets:
  Cash and cash equivalents | cash | CashAndCashEquivalentsAtCarryingValue
  Accounts receivable, net | receivables | AccountsReceivableNetCurrent
  Inventories | inventories | InventoryNet
  Prepaid expenses and other current assets | prepaid | PrepaidExpenseAndOtherAssetsCurrent
= Total current assets | current_assets | AssetsCurrent
Property, plant and equipment, net | property_net | PropertyPlantAndEquipmentNet
Operating lease right-of-use assets | lease_assets | OperatingLeaseRightOfUseAsset
Goodwill | goodwill | Goodwill
Intangible assets, net | intangibles | FiniteLivedIntangibleAssetsNet
Other assets | other_assets | OtherAssetsNoncurrent
== Total assets | total_assets | Assets
LIABILITIES AND SHAREHOLDERS' EQUITY
Current liabilities:
  Accounts payable | payables | AccountsPayableCurrent
  Accrued expenses and other current liabilities | accrued | AccruedLiabilitiesCurrent
  Contract liabilities | contract_liabilities | ContractWithCustomerLiabilityCurrent
  Current operating lease liabilities | lease_current | OperatingLeaseLiabilityCurrent
  Current portion of long-term debt | debt_current | LongTermDebtCurrent
= Total current liabilities | current_liabilities | LiabilitiesCurrent
Long-term debt, less current portion | debt_later | LongTermDebtNoncurrent
Operating lease liabilities, less current portion | lease_later | OperatingLeaseLiabilityNoncurrent
Deferred income taxes | deferred_tax | DeferredIncomeTaxLiabilitiesNet
Other liabilities | other_liabilities | OtherLiabilitiesNoncurrent
= Total liabilities | total_liabilities | Liabilities
Shareholders' equity:
  Common stock, par value $0.01 per share | common_stock | CommonStockValue
  Additional paid-in capital | paid_in | AdditionalPaidInCapital
  Retained earnings | retained | RetainedEarningsAccumulatedDeficit
  Accumulated other comprehensive loss | translation | {translation}
  Treasury stock, at cost | treasury | TreasuryStockCommonValue | inverse
= Total shareholders' equity | equity | StockholdersEquity
== Total liabilities and shareholders' equity | total_claims | LiabilitiesAndStockholdersEquity
""".format(translation="AccumulatedOtherComprehensiveIncomeLossNetOfTax")

CASH_FLOW = """
Cash flows from operating activities:
  Net income | net_income | NetIncomeLoss
  Adjustments to reconcile net income to net cash provided by operating activities:
    Depreciation | depreciation | Depreciation
    Amortization of intangible assets | amortization | AmortizationOfIntangibleAssets
    Impairment charges | impairment | ImpairmentOfLongLivedAssetsHeldForUse
    Stock-based compensation | stock_compensation | ShareBasedCompensation
    Deferred income taxes | deferred_tax_expense | DeferredIncomeTaxExpenseBenefit
  Changes in operating assets and liabilities, net of acquisitions:
    Receivables | flow_receivables | IncreaseDecreaseInAccountsReceivable | inverse
    Inventories | flow_inventories | IncreaseDecreaseInInventories | inverse
    Prepaid expenses and other | flow_prepaid | {prepaid} | inverse
    Accounts payable | flow_payables | IncreaseDecreaseInAccountsPayable
    Accrued expenses and other | flow_accrued | IncreaseDecreaseInAccruedLiabilities
    Contract liabilities | flow_contract | IncreaseDecreaseInContractWithCustomerLiability
    Operating leases, net | flow_leases | IncreaseDecreaseInOperatingLeaseLiability
    Other assets | flow_other_assets | IncreaseDecreaseInOtherNoncurrentAssets | inverse
    Other liabilities | flow_other_liabilities | IncreaseDecreaseInOtherNoncurrentLiabilities
= Net cash provided by operating activities | operating_cash | {net}OperatingActivities
Cash flows from investing activities:
  Purchases of property, plant and equipment | capex | {bought}PropertyPlantAndEquipment | out
  Acquisition, net of cash acquired | acquisition_price | {bought}BusinessesNetOfCashAcquired | out
= Net cash used in investing activities | investing_cash | {net}InvestingActivities
Cash flows from financing activities:
  Proceeds from borrowings | debt_issued | ProceedsFromIssuanceOfLongTermDebt
  Repayments of borrowings | debt_repaid | RepaymentsOfLongTermDebt | out
  Dividends paid | dividends | PaymentsOfDividends | out
  Repurchases of common stock | buyback | PaymentsForRepurchaseOfCommonStock | out
  Proceeds from exercise of stock options | option_proceeds | ProceedsFromStockOptionsExercised
= Net cash {financing} financing activities | financing_cash | {net}FinancingActivities
Effect of exchange rate changes on cash | translation_cash | {rates}
= Net increase (decrease) in cash and cash equivalents | cash_change | {change}
Cash and cash equivalents at beginning of year | cash | {cash} | opening instant
== Cash and cash equivalents at end of year | cash | {cash} | instant
Supplemental disclosures of cash flow information:
  Cash paid for interest | interest_expense | InterestPaidNet
  Cash paid for income taxes | current_tax | IncomeTaxesPaidNet
"""
NAMES = {
    "prepaid": "IncreaseDecreaseInPrepaidDeferredExpenseAndOtherAssets",
    "net": "NetCashProvidedByUsedIn",
    "bought": "PaymentsToAcquire",
    "rates": "EffectOfExchangeRateOnCashAndCashEquivalents",
    "change": "CashAndCashEquivalentsPeriodIncreaseDecrease",
    "cash": "CashAndCashEquivalentsAtCarryingValue",
}


def income_statement(sheet: Sheet) -> Table:
    """Three years, from net sales to earnings and dividends per share."""
    extra = "except per share data"
    return sheet.table("income_statement", sheet.lines(INCOME_STATEMENT), extra=extra)


def comprehensive_income(sheet: Sheet) -> Table:
    """Three years of net income and foreign currency translation."""
    return sheet.table("comprehensive_income", sheet.lines(COMPREHENSIVE_INCOME))


def balance_sheet(sheet: Sheet) -> Table:
    """Two year-ends."""
    lines = sheet.lines(BALANCE_SHEET, instant=True)
    return sheet.table("balance_sheet", lines, 2, extra="except par value")


def cash_flow(sheet: Sheet) -> Table:
    """Three years, indirect method, with the cash paid for interest and taxes."""
    signs = {sheet.books("financing_cash", year) > 0 for year in sheet.years(3)}
    words = "provided by (used in)" if len(signs) > 1 else "used in"
    return sheet.table("cash_flow", sheet.lines(CASH_FLOW.format(**NAMES, financing=words)))


# Movements of equity: label, the accounts' key, the component moved, its sign, the concept.
MOVES = (
    ("Net income", "net_income", "retained", 1, "us-gaap:NetIncomeLoss"),
    (
        "Foreign currency translation",
        "translation_gain",
        "translation",
        1,
        "us-gaap:OtherComprehensiveIncomeLossNetOfTax",
    ),
    ("Dividends declared", "dividends", "retained", -1, "us-gaap:DividendsCommonStockCash"),
    (
        "Stock-based compensation",
        "stock_compensation",
        "paid_in",
        1,
        "us-gaap:AdjustmentsToAdditionalPaidInCapitalSharebasedCompensation"
        "RequisiteServicePeriodRecognitionValue",
    ),
    (
        "Exercise of stock options",
        "option_proceeds",
        "paid_in",
        1,
        "us-gaap:StockIssuedDuringPeriodValueStockOptionsExercised",
    ),
    (
        "Repurchases of common stock",
        "buyback",
        "treasury",
        -1,
        "us-gaap:TreasuryStockValueAcquiredCostMethod",
    ),
)
MEMBERS = {
    "common_stock": "us-gaap:CommonStockMember",
    "paid_in": "us-gaap:AdditionalPaidInCapitalMember",
    "retained": "us-gaap:RetainedEarningsMember",
    "translation": "us-gaap:AccumulatedOtherComprehensiveIncomeMember",
    "treasury": "us-gaap:TreasuryStockCommonMember",
}


HEADS = {
    "common_stock": "Common stock",
    "paid_in": "Additional paid-in capital",
    "retained": "Retained earnings",
    "translation": "Accum. other comp. loss",
    "treasury": "Treasury stock",
}


def equity_statement(sheet: Sheet) -> Table:
    """Three years of movements; a column per component that is not nil, and one for their sum."""
    names = [name for name in HEADS if any(sheet.books(name, year) for year in sheet.years(4))]
    rows = [_balance(sheet, names, sheet.year - 3)]
    for year in reversed(sheet.years(3)):
        for text, key, component, sign, concept in MOVES:
            if not sheet.books(key, year):
                continue
            at = ((EQUITY_AXIS, MEMBERS[component]),)
            part = sheet.cell(Line(text, key, concept, shown=sign, members=at), year)
            total = sheet.cell(Line(text, key, concept, shown=sign), year)
            cells = [part if name == component else Cell(NIL) for name in names]
            rows.append(Row(text, (*cells, total), indent=1))
        rows.append(_balance(sheet, names, year))
    return Table(
        key="equity_statement",
        columns=(*(HEADS[name] for name in names), "Total equity"),
        rows=tuple(rows),
        units=sheet.units(),
    )


def _balance(sheet: Sheet, names: list[str], year: int) -> Row:
    end = sheet.company.year_ends[year]
    concept = "us-gaap:StockholdersEquity"
    lines = [
        Line("", key, concept, instant=True, members=((EQUITY_AXIS, MEMBERS[key]),))
        for key in names
    ]
    lines.append(Line("", "equity", concept, instant=True))
    cells = tuple(sheet.cell(line, year, dollar=True) for line in lines)
    return Row(f"Balance, {end:%B} {end.day}, {end.year}", cells, "total")


STATEMENTS: dict[str, Callable[[Sheet], Table]] = {
    "income_statement": income_statement,
    "comprehensive_income": comprehensive_income,
    "balance_sheet": balance_sheet,
    "cash_flow": cash_flow,
    "equity_statement": equity_statement,
}

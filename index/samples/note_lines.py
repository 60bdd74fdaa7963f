"""Tables of the notes that are only lines: key -> (columns, at a moment?, the lines)."""

from __future__ import annotations

NOTE_LINES: dict[str, tuple[int, bool, str]] = {
    "lease_cost": (
        3,
        False,
        """
Operating lease cost | lease_cost | OperatingLeaseCost
Variable lease cost | lease_variable | VariableLeaseCost
Short-term lease cost | lease_short | ShortTermLeaseCost
== Total lease cost | lease_total_cost | LeaseCost
Cash paid for amounts in the lease liabilities | lease_paid | OperatingLeasePayments
Right-of-use assets obtained for new lease liabilities | new_leases | {new_leases}
""".format(new_leases="RightOfUseAssetObtainedInExchangeForOperatingLeaseLiability"),
    ),
    "tax_deferred": (
        2,
        True,
        """
Deferred tax assets:
  Operating lease liabilities | tax_asset:leases | co:DeferredTaxAssetsLeaseLiabilities
  Accrued expenses | tax_asset:accrued | DeferredTaxAssetsTaxDeferredExpenseReserves
  Inventories | tax_asset:inventories | DeferredTaxAssetsInventory
  Stock-based compensation | tax_asset:stock | co:DeferredTaxAssetsStockCompensation
= Total deferred tax assets | tax_assets | DeferredTaxAssetsNet
Deferred tax liabilities:
  Property, plant and equipment | tax_debt:property | {property}
  Operating lease right-of-use assets | tax_debt:leases | co:DeferredTaxLiabilitiesLeaseAssets
  Goodwill and intangible assets | tax_debt:intangibles | {intangibles}
= Total deferred tax liabilities | tax_debts | DeferredIncomeTaxLiabilities
== Net deferred tax liability | deferred_tax | DeferredIncomeTaxLiabilitiesNet
""".format(
            property="DeferredTaxLiabilitiesPropertyPlantAndEquipment",
            intangibles="DeferredTaxLiabilitiesGoodwillAndIntangibleAssets",
        ),
    ),
    "earnings_per_share": (
        3,
        False,
        """
Net income | net_income | NetIncomeLoss
Weighted-average shares outstanding, basic | shares_basic | {basic}
Effect of dilutive stock awards | shares_dilution | {dilution}
= Weighted-average shares outstanding, diluted | shares_diluted | {diluted}
Basic earnings per share | eps_basic | EarningsPerShareBasic
Diluted earnings per share | eps_diluted | EarningsPerShareDiluted
""".format(
            basic="WeightedAverageNumberOfSharesOutstandingBasic",
            dilution="WeightedAverageNumberDilutedSharesOutstandingAdjustment",
            diluted="WeightedAverageNumberOfDilutedSharesOutstanding",
        ),
    ),
    "accrued": (
        2,
        True,
        """
Compensation and benefits | accrued_compensation | EmployeeRelatedLiabilitiesCurrent
Product warranty | warranty | ProductWarrantyAccrualClassifiedCurrent
Restructuring and closing costs | restructuring_owed | RestructuringReserveCurrent
Other | accrued_other | OtherAccruedLiabilitiesCurrent
== Total accrued expenses and other current liabilities | accrued | AccruedLiabilitiesCurrent
""",
    ),
    "warranty": (
        3,
        False,
        """
Balance at beginning of year | warranty | ProductWarrantyAccrual | opening instant
Charged to cost of sales | warranty_charged | ProductWarrantyAccrualWarrantiesIssued
Settlements | warranty_paid | ProductWarrantyAccrualPayments | out
== Balance at end of year | warranty | ProductWarrantyAccrual | instant
""",
    ),
    "tax_current": (
        3,
        False,
        """
Current:
  Federal | current_tax:federal | CurrentFederalTaxExpenseBenefit
  State and local | current_tax:state | CurrentStateAndLocalTaxExpenseBenefit
  Foreign | current_tax:foreign | CurrentForeignTaxExpenseBenefit
= Total current | current_tax | CurrentIncomeTaxExpenseBenefit
Deferred | deferred_tax_expense | DeferredIncomeTaxExpenseBenefit
== Income tax expense | tax_expense | IncomeTaxExpenseBenefit
""",
    ),
    "tax_rate": (
        3,
        False,
        """
Tax at the federal statutory rate of 21% | tax:statutory | {statutory}
State taxes, net of federal benefit | tax:state | {rate}StateAndLocalIncomeTaxes
Foreign rate differential | tax:foreign | {rate}ForeignIncomeTaxRateDifferential
Research and other tax credits | tax:credits | {rate}TaxCreditsResearch
Stock-based compensation | tax:stock | {rate}NondeductibleExpenseShareBasedCompensationCost
Other, net | tax:other | {rate}OtherAdjustments
== Income tax expense | tax_expense | IncomeTaxExpenseBenefit
Effective tax rate | tax_rate | EffectiveIncomeTaxRateContinuingOperations
""".format(
            rate="IncomeTaxReconciliation",
            statutory="IncomeTaxReconciliationIncomeTaxExpenseBenefitAtFederalStatutory"
            "IncomeTaxRate",
        ),
    ),
    "stock_units": (
        3,
        False,
        """
Unvested at beginning of year | rsu | {count}NonvestedNumber | opening instant
Granted | rsu_granted | {count}GrantsInPeriod
Vested | rsu_vested | {count}VestedInPeriod | out
Forfeited | rsu_forfeited | {count}ForfeitedInPeriod | out
== Unvested at end of year | rsu | {count}NonvestedNumber | instant
""".format(
            count="ShareBasedCompensationArrangementByShareBasedPaymentAward"
            "EquityInstrumentsOtherThanOptions"
        ),
    ),
    "restructuring": (
        3,
        False,
        """
Balance at beginning of year | restructuring_owed | RestructuringReserve | opening instant
Charges | restructuring | RestructuringCharges
Cash payments | restructuring_paid | PaymentsForRestructuring | out
== Balance at end of year | restructuring_owed | RestructuringReserve | instant
""",
    ),
}

"""ROWS OF A STATEMENT -> CONCEPTS, BY WHERE THEY STAND: the same words are an asset above total
assets and a liability below, current above the current ones' total and long-term below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.concepts import LIABILITIES, Mapped

_NET, _GROSS = "PropertyPlantAndEquipmentNet", "PropertyPlantAndEquipmentGross"
_DEPRECIATED = "AccumulatedDepreciationDepletionAndAmortizationPropertyPlantAndEquipment"
_TAX_ASSET, _TAX_LIABILITY = "DeferredIncomeTaxAssetsNet", "DeferredIncomeTaxLiabilitiesNet"
# Named like a liability, above total assets; of the others nothing is known there.
_AS_ASSET = {
    _TAX_LIABILITY: _TAX_ASSET,
    "AccruedIncomeTaxesCurrent": "IncomeTaxesReceivable",
}
_AS_LONG_TERM = {
    "AccountsReceivableNetCurrent": "AccountsReceivableNetNoncurrent",
    "ShortTermInvestments": "LongTermInvestments",
    "PrepaidExpenseCurrent": "PrepaidExpenseNoncurrent",
    "ContractWithCustomerLiabilityCurrent": "ContractWithCustomerLiabilityNoncurrent",
    "AccruedIncomeTaxesCurrent": "AccruedIncomeTaxesNoncurrent",
    "EmployeeRelatedLiabilitiesCurrent": None,
    "AccruedLiabilitiesCurrent": None,
}
_AS_CURRENT = {
    _TAX_ASSET: "DeferredTaxAssetsNetCurrent",
    _TAX_LIABILITY: "DeferredTaxLiabilitiesCurrent",
}
_OTHERS, _EQUITY = "MinorityInterest", "StockholdersEquity"
_WITH_OTHERS = "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest"
_NET_INCOME = ("NetIncomeLoss", "NetIncomeLossAvailableToCommonStockholdersBasic")
_OTHERS_INCOME = "NetIncomeLossAttributableToNoncontrollingInterest"
_OWNERS = re.compile(r"\b(?:attribut|availab|applicab|allocab|allocat|common|owners)", re.I)


def in_place(
    found: Sequence[Mapped | None], labels: Sequence[str], statement: str | None
) -> list[Mapped | None]:
    """What a table's rows are, in the order printed: `found` is what their labels alone say."""
    if statement == "balance":
        return _balance(found, labels)
    return _income(found, labels) if statement == "income" else list(found)


def _balance(found: Sequence[Mapped | None], labels: Sequence[str]) -> list[Mapped | None]:
    names = [mapped.concept if mapped else "" for mapped in found]
    assets, current_assets, current = (
        names.index(total) if total in names else None
        for total in ("Assets", "AssetsCurrent", "LiabilitiesCurrent")
    )
    placed: list[Mapped | None] = []
    for n, mapped in enumerate(found):
        name: str | None = mapped.concept if mapped else None
        if assets is not None and n < assets:
            if name in LIABILITIES:
                name = _AS_ASSET.get(name or "")
            name = _by_term(name, n, current_assets)
        elif assets is not None or current is not None:
            name = _by_term(name, n, current)
        if name == _NET and _DEPRECIATED in names[n + 1 : n + 3]:
            # Property before its accumulated depreciation is at cost.
            name = name if re.search(r"\bnet\b", labels[n], re.I) else _GROSS
        if name == _EQUITY and _is_after_others(names[:n]):
            name = _WITH_OTHERS
        placed.append(Mapped(name, mapped.confidence) if mapped and name else None)
    return placed


def _by_term(name: str | None, n: int, total: int | None) -> str | None:
    """Above the total of the current ones, or below it."""
    if name is None or total is None or n == total:
        return name
    return (_AS_CURRENT if n < total else _AS_LONG_TERM).get(name, name)


def _is_after_others(names: Sequence[str]) -> bool:
    """Whether the owners' equity and then what others hold of it stand above."""
    return _EQUITY in names and _OTHERS in names[names.index(_EQUITY) :]


def _income(found: Sequence[Mapped | None], labels: Sequence[str]) -> list[Mapped | None]:
    """Net income from which what others hold is subtracted before the owners' is all of it."""
    names = [mapped.concept if mapped else "" for mapped in found]
    placed = list(found)
    if _OTHERS_INCOME in names:
        share = names.index(_OTHERS_INCOME)
        whole = [n for n in range(share) if names[n] in _NET_INCOME]
        if whole and any(name in _NET_INCOME for name in names[share:]):
            last, mapped = whole[-1], found[whole[-1]]
            if mapped and not _OWNERS.search(labels[last]):
                placed[last] = Mapped("ProfitLoss", mapped.confidence)
    return placed

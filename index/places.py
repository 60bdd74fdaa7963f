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
_LEASES = "OperatingLeaseLiability"
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
    _LEASES: f"{_LEASES}Noncurrent",
    "ShortTermBorrowings": "LongTermNotesPayable",
    "EmployeeRelatedLiabilitiesCurrent": None,
    "AccruedLiabilitiesCurrent": None,
}
_AS_CURRENT = {
    _TAX_ASSET: "DeferredTaxAssetsNetCurrent",
    _TAX_LIABILITY: "DeferredTaxLiabilitiesCurrent",
    _LEASES: f"{_LEASES}Current",
}
_OTHERS, _EQUITY = "MinorityInterest", "StockholdersEquity"
_WITH_OTHERS = "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest"
_NET_INCOME = ("NetIncomeLoss", "NetIncomeLossAvailableToCommonStockholdersBasic")
_OTHERS_INCOME = "NetIncomeLossAttributableToNoncontrollingInterest"
_LIKELY = 0.8
_ATTRIBUTED = re.compile(r"\battribut\w+ to\W*$", re.I)
_HOLDERS = re.compile(
    r"(?:the )?(?:(?:share|stock)(?:holders|owners)|owners|common|equity holders)\b", re.I
)
_OWNERS = re.compile(r"\b(?:attribut|availab|applicab|allocab|allocat|common|owners)", re.I)


def in_place(
    found: Sequence[Mapped | None], rows: Sequence[tuple[str, str]], statement: str | None
) -> list[Mapped | None]:
    """What a table's rows are, in the order printed: `found` is what their labels alone say, `rows`
    are their sections and labels."""
    if statement == "balance":
        return _balance(found, [label for _, label in rows])
    return _income(found, rows) if statement == "income" else list(found)


def is_owners(label: str) -> bool:
    """Whether a row of net income says that it is the owners' part."""
    return _OWNERS.search(label) is not None


def _balance(found: Sequence[Mapped | None], labels: Sequence[str]) -> list[Mapped | None]:
    names = [mapped.concept if mapped else "" for mapped in found]
    assets, current_assets, current = (
        names.index(total) if total in names else None
        for total in ("Assets", "AssetsCurrent", "LiabilitiesCurrent")
    )
    # Where no row is called total assets, its current ones are what is known to be above it.
    last_asset = (current_assets or 0) if assets is None else assets
    placed: list[Mapped | None] = []
    for n, mapped in enumerate(found):
        name: str | None = mapped.concept if mapped else None
        if n < last_asset:
            if name in LIABILITIES:
                name = _AS_ASSET.get(name or "")
            name = _by_term(name, n, current_assets)
        elif assets is None and _is_between(names, n):
            name = None if name in _AS_ASSET else name
        else:
            name = _by_term(name, n, current)
        if name == _LEASES and current_assets is not None:
            name = None  # of which term, nothing says
        if name == _NET and _DEPRECIATED in names[n + 1 : n + 3]:
            # Property before its accumulated depreciation is at cost.
            name = name if re.search(r"\bnet\b", labels[n], re.I) else _GROSS
        if name == _EQUITY and _is_after_others(names[:n]):
            name = _WITH_OTHERS
        placed.append(Mapped(name, mapped.confidence) if mapped and name else None)
    return placed


def _is_between(names: Sequence[str], n: int) -> bool:
    """Whether a row of a sheet whose total assets bear no such name may be on either side: below
    current assets, and above the first row that can be a liability only."""
    sure = LIABILITIES - set(_AS_ASSET)
    first = next((k for k, name in enumerate(names) if name in sure), len(names))
    return "AssetsCurrent" in names and names.index("AssetsCurrent") < n < first


def _by_term(name: str | None, n: int, total: int | None) -> str | None:
    """Above the total of the current ones, or below it."""
    if name is None or total is None or n == total:
        return name
    return (_AS_CURRENT if n < total else _AS_LONG_TERM).get(name, name)


def _is_after_others(names: Sequence[str]) -> bool:
    """Whether the owners' equity and then what others hold of it stand above."""
    return _EQUITY in names and _OTHERS in names[names.index(_EQUITY) :]


def _income(found: Sequence[Mapped | None], rows: Sequence[tuple[str, str]]) -> list[Mapped | None]:
    """Net income from which what others hold is taken, above or below the owners' part, is all."""
    placed = [
        Mapped("NetIncomeLoss", _LIKELY) if mapped is None and _is_part(*row) else mapped
        for mapped, row in zip(found, rows, strict=True)
    ]
    names = [mapped.concept if mapped else "" for mapped in placed]
    if _OTHERS_INCOME not in names:
        return list(found)
    share = names.index(_OTHERS_INCOME)
    income = [n for n, name in enumerate(names) if name in _NET_INCOME]
    owned = [n for n in income if is_owners(" ".join(rows[n])) or _is_part(*rows[n])]
    whole = [n for n in income if n < share and n not in owned]
    if whole and (owned or any(n > share for n in income)):
        last, mapped = whole[-1], placed[whole[-1]]
        assert mapped is not None
        placed[last] = Mapped("ProfitLoss", mapped.confidence)
    return placed


def _is_part(section: str, label: str) -> bool:
    """ "Attributable to:" and below it "Shareholders of the company"."""
    return bool(_ATTRIBUTED.search(section) and _HOLDERS.match(label))

"""What is refused before any model is asked."""

from __future__ import annotations

import pytest

from assistant.evidence import asks_for_advice


@pytest.mark.parametrize(
    ("question", "advice"),
    [
        ("Should I buy Acme stock?", True),
        ("Is Acme a good investment?", True),
        ("Would you recommend selling the shares?", True),
        ("Will Acme's share price rise in 2026?", True),
        ("How much cash did Acme use to buy its shares back in fiscal 2024?", False),
        ("Did Acme sell shares in its 2021 IPO?", False),
        ("What did Acme say about its share price performance?", False),
        ("Is the goodwill impairment a good share of operating loss?", False),
    ],
)
def test_advice_is_told_from_facts(question: str, advice: bool) -> None:
    assert asks_for_advice(question) is advice

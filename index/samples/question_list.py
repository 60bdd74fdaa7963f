"""What an analyst asks of the four filings: wording, inputs and formulas; no answer typed by hand
except the sense of narratives, which the tests hold against the pages."""

from __future__ import annotations

from decimal import Decimal

from index.samples.ask import (
    Ask,
    Input,
    balance,
    flow,
    growth,
    income,
    lookup,
    narrative,
    percent,
    unanswerable,
)

Q, T = "QUORVANE", "TANSYTHIMBLEWICK"

LOOKUPS = (
    lookup("What were Quorvane Pump Corporation's net sales in 2024?", Q, "net_sales", 2024),
    lookup(
        "How much cash did Quorvane spend on purchases of property, plant and equipment in FY2023?"
        " Use the cash flow statement.",
        Q,
        "capex",
        2023,
    ),
    lookup(
        "Quorvane Pump: total assets as of December 31, 2024 (USD millions)?",
        Q,
        "total_assets",
        2024,
    ),
    lookup(
        "What diluted earnings per share did Quorvane report for the year ended December 31, 2023?",
        Q,
        "eps_diluted",
        2023,
    ),
    lookup("How large was Quorvane's order backlog at the end of 2024?", Q, "backlog", 2024),
    lookup(
        "How much goodwill did Quorvane record when it bought Ebberly Seal Works in 2023?",
        Q,
        "bought:goodwill",
        2023,
    ),
    lookup(
        "Of the debt that Quorvane had outstanding at year-end 2024, how much falls due in 2026?",
        Q,
        "debt_due:2",
        2024,
    ),
    lookup("What were Quorvane's FY2024 sales to customers in Europe?", Q, "region:europe", 2024),
    lookup("What did Tansy Thimblewick report as net sales for fiscal 2024?", T, "net_sales", 2024),
    lookup(
        "What impairment of store assets did Tansy Thimblewick record in fiscal 2023?",
        T,
        "impairment",
        2023,
    ),
    lookup(
        "Merchandise inventories on Tansy Thimblewick's balance sheet at January 25, 2025?",
        T,
        "inventories",
        2024,
    ),
    lookup(
        "How many stores did Tansy Thimblewick have at the end of fiscal 2024?",
        T,
        "stores_count",
        2024,
    ),
    lookup("What was Tansy Thimblewick's effective tax rate in fiscal 2023?", T, "tax_rate", 2023),
    lookup(
        "How much revenue did kits and patterns bring Tansy Thimblewick in fiscal 2024?",
        T,
        "category:kits",
        2024,
    ),
)

CALCULATIONS = (
    Ask(
        "calculation",
        "What was Quorvane's gross margin (gross profit divided by net sales) in FY2024, in percent"
        " to one decimal?",
        (income(Q, "gross_profit", 2024, 2024), income(Q, "net_sales", 2024, 2024)),
        percent,
        "%",
        stated=Input(Q, "gross_margin", 2024, 2024),
    ),
    Ask(
        "calculation",
        "Compute Quorvane's 2024 return on equity: net income over the average of shareholders'"
        " equity at the beginning and the end of the year.",
        (
            income(Q, "net_income", 2024, 2024),
            balance(Q, "equity", 2024, 2024),
            balance(Q, "equity", 2023, 2024),
        ),
        lambda profit, end, start: 200 * profit / (end + start),
        "%",
    ),
    Ask(
        "calculation",
        "What is the FY2023 current ratio of Quorvane Pump Corporation? Round to two decimals.",
        (
            balance(Q, "current_assets", 2023, 2023),
            balance(Q, "current_liabilities", 2023, 2023),
        ),
        lambda assets, owed: assets / owed,
        "ratio",
    ),
    Ask(
        "calculation",
        "Days inventory outstanding for Quorvane in 2024, defined as 365 times average inventories"
        " (year-end 2023 and 2024) divided by cost of sales?",
        (
            balance(Q, "inventories", 2024, 2024),
            balance(Q, "inventories", 2023, 2024),
            income(Q, "cost_of_sales", 2024, 2024),
        ),
        lambda end, start, cost: 365 * (end + start) / 2 / cost,
        "days",
    ),
    Ask(
        "calculation",
        "What share of its 2023 net income did Quorvane pay out as dividends?",
        (flow(Q, "dividends", 2023, 2023), income(Q, "net_income", 2023, 2023)),
        percent,
        "%",
    ),
    Ask(
        "calculation",
        "By what percentage did net sales of Tansy Thimblewick's Direct segment grow in fiscal 2024"
        " over fiscal 2023?",
        (
            Input(T, "sales:direct", 2024, 2024, "segments"),
            Input(T, "sales:direct", 2023, 2024, "segments"),
        ),
        growth,
        "%",
    ),
    Ask(
        "calculation",
        "What was Tansy Thimblewick's free cash flow in fiscal 2023, taken as net cash from"
        " operating activities less purchases of property?",
        (flow(T, "operating_cash", 2023, 2023), flow(T, "capex", 2023, 2023)),
        lambda cash, spent: cash - spent,
        stated=Input(T, "free_cash", 2023, 2023),
    ),
    Ask(
        "calculation",
        "What is the three-year average of capital expenditures as a percentage of net sales for"
        " Tansy Thimblewick, fiscal 2022 to fiscal 2024?",
        tuple(
            pick(T, key, year, 2024)
            for year in (2022, 2023, 2024)
            for pick, key in ((flow, "capex"), (income, "net_sales"))
        ),
        lambda *v: sum((percent(v[n], v[n + 1]) for n in (0, 2, 4)), Decimal(0)) / 3,
        "%",
    ),
    Ask(
        "calculation",
        "How many times did Tansy Thimblewick's fiscal 2024 operating income cover its interest"
        " expense?",
        (income(T, "operating_income", 2024, 2024), income(T, "interest_expense", 2024, 2024)),
        lambda profit, interest: profit / interest,
        "times",
    ),
)

COMPARISONS = (
    Ask(
        "comparison",
        "Did Quorvane's inventories rise or fall between the end of 2022 and the end of 2024, and"
        " by how much?",
        (balance(Q, "inventories", 2024, 2024), balance(Q, "inventories", 2022, 2023)),
        lambda now, before: now - before,
        words="They {fell} by {value}.",
    ),
    Ask(
        "comparison",
        "By how many percentage points did Quorvane's operating margin (operating income over net"
        " sales) change from 2023 to 2024?",
        (
            income(Q, "operating_income", 2024, 2024),
            income(Q, "net_sales", 2024, 2024),
            income(Q, "operating_income", 2023, 2024),
            income(Q, "net_sales", 2023, 2024),
        ),
        lambda a, b, c, d: percent(a, b) - percent(c, d),
        "percentage points",
        "It {fell} by {value}.",
    ),
    Ask(
        "comparison",
        "How did Tansy Thimblewick's net income in fiscal 2024 compare with fiscal 2023? Give the"
        " change in dollars.",
        (income(T, "net_income", 2024, 2024), income(T, "net_income", 2023, 2024)),
        lambda now, before: now - before,
        words="It {fell} by {value}.",
    ),
    Ask(
        "comparison",
        "Which company had the higher gross margin in fiscal 2024, Quorvane Pump or Tansy"
        " Thimblewick, and what was it?",
        (
            income(Q, "gross_profit", 2024, 2024),
            income(Q, "net_sales", 2024, 2024),
            income(T, "gross_profit", 2024, 2024),
            income(T, "net_sales", 2024, 2024),
        ),
        lambda a, b, c, d: max(percent(a, b), percent(c, d)),
        "%",
        "{winner}, with {value}.",
    ),
    Ask(
        "comparison",
        "Whose net sales grew faster in fiscal 2024: Quorvane's or Tansy Thimblewick's? State the"
        " faster growth rate.",
        (
            income(Q, "net_sales", 2024, 2024),
            income(Q, "net_sales", 2023, 2024),
            income(T, "net_sales", 2024, 2024),
            income(T, "net_sales", 2023, 2024),
        ),
        lambda a, b, c, d: max(growth(a, b), growth(c, d)),
        "%",
        "{winner}, with {value}.",
    ),
    Ask(
        "comparison",
        "Compare research and development with the year before: how much more or less did Quorvane"
        " spend on it in 2023 than in 2022?",
        (income(Q, "research", 2023, 2023), income(Q, "research", 2022, 2023)),
        lambda now, before: now - before,
        words="It {fell} by {value}.",
    ),
)

NARRATIVES = (
    narrative(
        "Why did sales of Quorvane's Process Pumps segment decline in 2024?",
        Q,
        2024,
        "process-why",
        "volume of chemical pumps in Europe, down by about 15%",
        "outweighed higher prices and good demand for food pumps",
    ),
    narrative(
        "What is the city of Orrin Flats suing Quorvane for, and how does it see the case?",
        Q,
        2023,
        "orrin-flats",
        "$14 million over four pumping stations",
        "they deliver less than the specified flow",
        "the intake built by another contractor is the cause",
    ),
    narrative(
        "Explain what Quorvane's 2023 restructuring charges were for and what the company expects"
        " to gain.",
        Q,
        2023,
        "restructuring",
        "severance and moving costs",
        "from Tarn Beck, England, to Millgate Falls",
        "save about $8 million a year",
    ),
    narrative(
        "What drove the improvement in Tansy Thimblewick's gross margin in fiscal 2024?",
        T,
        2024,
        "gross-why",
        "own brands gave about 0.6",
        "fewer markdowns 0.4",
        "cheaper picking at Cardamom Junction 0.2",
    ),
    narrative(
        "Which supplier does Tansy Thimblewick depend on most, and what has it done about that risk"
        " (fiscal 2024 report)?",
        T,
        2024,
        "risk-mill",
        "spinning mill in Peru",
        "qualified a second mill, in Turkey",
    ),
    narrative(
        "In fiscal 2023 Tansy Thimblewick earned less but took in more cash from operations. Why?",
        T,
        2023,
        "cash-why",
        "came from inventories",
        "after the excess of fiscal 2022",
    ),
)

UNANSWERABLE = (
    unanswerable("What net income did Osterwick Dairy Group report for fiscal 2024?"),
    unanswerable("What were Quorvane Pump Corporation's net sales in fiscal 2017?", Q, 2017),
    unanswerable("How much was Quorvane's chief executive officer paid in 2024?", Q, 2024),
    unanswerable("What will Tansy Thimblewick's net sales be in fiscal 2027?", T, 2027),
    unanswerable("Should I buy or sell Tansy Thimblewick shares at today's price?", T),
)

ASKED = LOOKUPS + CALCULATIONS + COMPARISONS + NARRATIVES + UNANSWERABLE

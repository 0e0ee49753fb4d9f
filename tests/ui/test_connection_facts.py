"""What a test learned of an account, as it is told."""

from typing import Any

import pytest

from ecomops.ui.pages.connection.facts import facts_of, gaps_of


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ({}, []),
        ({"livemode": True}, [("Mode", "Live")]),
        ({"livemode": False, "country": "US"}, [("Country", "US"), ("Mode", "Test")]),
        ({"default_currency": None, "timezone": "Etc/UTC"}, [("Time zone", "Etc/UTC")]),
        ({"clock_skew_seconds": None}, []),
        ({"clock_skew_seconds": -2}, [("Clock", "Equal to ours")]),
        ({"clock_skew_seconds": 90}, [("Clock", "1 min 30 s behind ours")]),
        ({"clock_skew_seconds": -3600}, [("Clock", "1 h ahead of ours")]),
        ({"payout_schedule": {"delay_days": 2, "interval": "daily"}},
         [("Payouts", "Daily, after 2 days")]),
        ({"payout_schedule": {"interval": "manual"}}, [("Payouts", "Manual")]),
        ({"payout_schedule": {}}, []),
        ({"scopes": ["read_orders", "read_customers"]},
         [("Scopes", "read_orders, read_customers")]),
        ({"subsidiaries": 5, "zebra_stripes": {"b": 1, "a": True}, "api": "REST"},
         [("Subsidiaries", "5"), ("API", "REST"), ("Zebra stripes", "A: Yes, B: 1")]),
    ],
)  # fmt: skip
def test_facts_have_names_and_an_order(account: dict[str, Any], told: list[Any]) -> None:
    assert facts_of(account) == told


def test_gaps_are_sentences_of_their_own() -> None:
    account = {
        "missing_scopes": ["read_all_orders"],
        "missing_permissions": {"Subsidiaries": "Lists, Subsidiaries"},
        "limits": ["Orders older than 60 days are not seen."],
    }
    assert facts_of(account) == []
    assert gaps_of(account) == [
        "Missing scopes: read_all_orders.",
        "Missing permissions: Subsidiaries: Lists, Subsidiaries.",
        "Orders older than 60 days are not seen.",
    ]
    assert gaps_of({"missing_scopes": [], "missing_permissions": {}, "limits": []}) == []

"""The ``account`` and ``balance`` objects of API version 2026-07-29.dahlia."""

from typing import Any

from ecomops.sandbox.world.currencies import SETTLEMENT
from ecomops.sandbox.world.ledger import Ledger
from ecomops.sandbox.world.model import SETTLES_AFTER_DAYS, Line
from ecomops.sandbox.world.payouts import funds_day

Json = dict[str, Any]

_SHOP = "Ecomops Demo Shop"
_PROFILE = (
    *("estimated_worker_count", "mcc", "product_description", "support_email", "support_phone"),
    *("support_url", "url", "minority_owned_business_designation"),
)
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_DUE = ("currently_due", "eventually_due", "past_due", "pending_verification")


def render_account(id: str, opened: int) -> Json:
    """The account a key belongs to; ``opened`` in Unix seconds."""
    return {
        "id": id,
        "object": "account",
        "business_profile": {
            **dict.fromkeys(_PROFILE),
            "annual_revenue": dict.fromkeys(("amount", "currency", "fiscal_year_end")),
            "name": _SHOP,
            "support_address": dict.fromkeys(_ADDRESS),
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": opened,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@example.com",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{id}/external_accounts",
        },
        "future_requirements": _requirements(),
        "metadata": {},
        "payouts_enabled": True,
        "requirements": _requirements(),
        "settings": _settings(),
        "tos_acceptance": dict.fromkeys(("date", "ip", "user_agent")),
        "type": "standard",
    }


def _requirements() -> Json:
    return {
        "alternatives": [],
        "current_deadline": None,
        "disabled_reason": None,
        "errors": [],
        **{name: [] for name in _DUE},
    }


def _settings() -> Json:
    descriptor = ("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji")
    prefixes = ("statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji")
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": True, "cvc_failure": True},
            **dict.fromkeys(("statement_descriptor_prefix", *prefixes)),
        },
        "dashboard": {"display_name": _SHOP, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": None},
        "payments": dict.fromkeys((*descriptor, *prefixes)),
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": SETTLES_AFTER_DAYS, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


def render_balance(ledger: Ledger, now: int) -> Json:
    """What is payable and what is on its way, in minor units of each settlement currency."""
    available, pending = balances(ledger, now)
    return {
        "object": "balance",
        "available": [_purse(currency, amount) for currency, amount in available.items()],
        "connect_reserved": [{"amount": 0, "currency": currency} for currency in SETTLEMENT],
        "livemode": False,
        "pending": [_purse(currency, amount) for currency, amount in pending.items()],
    }


def _purse(currency: str, amount: int) -> Json:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def balances(ledger: Ledger, now: int) -> tuple[dict[str, int], dict[str, int]]:
    """(available, pending) at ``now``. Every older day's money has gone out in a payout."""
    available, pending = dict.fromkeys(SETTLEMENT, 0), dict.fromkeys(SETTLEMENT, 0)
    today = ledger.calendar.day_of(now - 1)
    for line in _unpaid(ledger, funds_day(today), now):
        purse = available if line.available_on <= now else pending
        purse[line.currency] += line.net
    for payout in ledger.payouts(today):
        if payout.created < now:
            available[payout.currency] -= payout.amount
    return available, pending


def _unpaid(ledger: Ledger, since: int, now: int) -> list[Line]:
    days = range(max(0, since), since + SETTLES_AFTER_DAYS + 1)
    lines = (line for day in days for line in ledger.lines(day))
    return [line for line in lines if line.created < now and line.is_payout_line]

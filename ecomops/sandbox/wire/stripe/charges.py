"""The ``charge`` object of API version 2026-07-29.dahlia."""

from typing import Any

from ecomops.sandbox.wire.stripe.ids import Ids
from ecomops.sandbox.world import people
from ecomops.sandbox.world.model import Charge, Line, Ref
from ecomops.sandbox.world.recipes import DEBIT

Json = dict[str, Any]

_NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
_DECLINED = ("card_declined", "Your card was declined.")
_RETURNED = ("insufficient_funds", "The customer's account has insufficient funds.")


def render_charge(charge: Charge, now: int, ids: Ids, seed: int) -> Json:
    """The charge as it stands at ``now``; money in the charge's own currency, minor units."""
    person, status = people.person_of(charge.ordinal), charge.provider_status(now)
    customer = people.customer_of(charge.ordinal)
    id, failed, captured = ids.encode(charge.ref), status == "failed", charge.is_captured(now)
    refunded = charge.refunded(now) + charge.released(now)
    code, message = _RETURNED if charge.method == DEBIT else _DECLINED
    return {
        "id": id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": charge.captured_amount if captured else 0,
        "amount_refunded": refunded,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": _line_id(charge.line, now, ids),
        "billing_details": {
            "address": _NO_ADDRESS,
            "email": person.email,
            "name": person.name,
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": "ECOMOPS DEMO SHOP",
        "captured": captured,
        "created": charge.created,
        "currency": charge.currency,
        "customer": None if customer is None else ids.encode(Ref("customer", 0, customer)),
        "description": f"Order {people.order_number(charge.ordinal)}",
        "disputed": any(dispute.created < now for dispute in charge.disputes),
        "failure_balance_transaction": None,
        "failure_code": code if failed else None,
        "failure_message": message if failed else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {
            "order_id": people.order_id(charge.ordinal),
            "order_number": people.order_number(charge.ordinal),
        },
        "on_behalf_of": None,
        "outcome": _outcome(status),
        "paid": status == "succeeded",
        "payment_intent": ids.encode(Ref("intent", charge.ref.day, charge.ref.item)),
        "payment_method": ids.encode(charge.ref._replace(kind="method")),
        "payment_method_details": _method(charge, seed),
        "receipt_email": person.email,
        "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{id}",
        "refunded": refunded == charge.amount,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
    }


def _line_id(line: Line | None, now: int, ids: Ids) -> str | None:
    return ids.encode(line.ref) if line is not None and line.created < now else None


def _outcome(status: str) -> Json:
    failed = status == "failed"
    return {
        "advice_code": "try_again_later" if failed else None,
        "network_advice_code": None,
        "network_decline_code": "05" if failed else None,
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "reason": "generic_decline" if failed else None,
        "risk_level": "normal",
        "seller_message": "The bank declined the payment." if failed else "Payment complete.",
        "type": "issuer_declined" if failed else "authorized",
    }


def _method(charge: Charge, seed: int) -> Json:
    card = people.card_of(seed, charge.ordinal)
    if charge.method == DEBIT:
        return {"type": DEBIT, DEBIT: _bank(card)}
    return {"type": "card", "card": _card(card, charge)}


def _bank(card: people.Card) -> Json:
    return {
        "account_holder_type": "individual",
        "account_type": "checking",
        "bank_name": "STRIPE TEST BANK",
        "fingerprint": card.fingerprint,
        "last4": card.last4,
        "mandate": None,
        "payment_reference": None,
        "routing_number": "110000000",
    }


def _card(card: people.Card, charge: Charge) -> Json:
    return {
        "amount_authorized": charge.amount,
        "authorization_code": None,
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "exp_month": 8,
        "exp_year": 2030,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card.last4,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card.brand,
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": charge.amount, "status": "unavailable"},
        "regulated_status": None,
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }

"""Stripe's objects of API version 2026-07-29.dahlia, as the world stands at ``now``."""

from typing import Any

from ecomops.sandbox.wire.stripe.charges import render_charge
from ecomops.sandbox.wire.stripe.events import render_event
from ecomops.sandbox.wire.stripe.ids import Ids
from ecomops.sandbox.world import payouts
from ecomops.sandbox.world.calendar import SECONDS_A_DAY
from ecomops.sandbox.world.currencies import RATE_SCALE
from ecomops.sandbox.world.model import (
    Charge,
    Dispute,
    Event,
    FeePart,
    Line,
    Payout,
    Record,
    Ref,
    Refund,
    happened,
)

Json = dict[str, Any]

_EVIDENCE = (
    *("access_activity_log", "billing_address", "cancellation_policy"),
    *("cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication"),
    *("customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature"),
    *("duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id"),
    *("product_description", "receipt", "refund_policy", "refund_policy_disclosure"),
    *("refund_refusal_explanation", "service_date", "service_documentation", "shipping_address"),
    *("shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number"),
    *("uncategorized_file", "uncategorized_text"),
)
_FAILURES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this payout.",
    "debit_not_authorized": "Debit transactions are not approved on the bank account.",
    "no_account": "The bank account details on file are probably incorrect.",
}
_EVIDENCE_DAYS = 7


class Renderer:
    """Renders records for one answer."""

    def __init__(self, ids: Ids, seed: int, now: int) -> None:
        self._ids, self._seed, self.now = ids, seed, now

    def render(self, record: Record) -> Json:
        match record:
            case Line():
                return self.line(record)
            case Charge():
                return render_charge(record, self.now, self._ids, self._seed)
            case Refund():
                return self.refund(record)
            case Dispute():
                return self.dispute(record)
            case Payout():
                return self.payout(record)
            case Event():
                return self.event(record)

    def event(self, event: Event) -> Json:
        """An ``event``, with the object as it was when it happened."""
        then = Renderer(self._ids, self._seed, event.created + 1)
        id = self._ids.encode(event.ref)
        return render_event(id, event.type, event.created, then.render(event.subject))

    def line(self, line: Line) -> Json:
        """A ``balance_transaction``: settlement currency, minor units, signed."""
        return {
            "id": self._ids.encode(line.ref),
            "object": "balance_transaction",
            "amount": line.amount,
            "available_on": line.available_on,
            "balance_type": line.balance,
            "created": line.created,
            "currency": line.currency,
            "description": line.description,
            "exchange_rate": None if line.rate is None else line.rate / RATE_SCALE,
            "fee": line.fee,
            "fee_details": [self._fee(part, line.currency) for part in line.fees],
            "net": line.net,
            "reporting_category": line.category,
            "source": self._source(line),
            "status": "available" if line.available_on <= self.now else "pending",
            "type": line.type,
        }

    def _fee(self, part: FeePart, currency: str) -> Json:
        application = part.type == "application_fee"
        return {
            "amount": part.amount,
            "application": "ca_" + self._ids.token("app", 12) if application else None,
            "currency": currency,
            "description": part.description,
            "type": part.type,
        }

    def _source(self, line: Line) -> str | None:
        if line.balance == "issuing":
            return "ipi_" + self._ids.token(f"issuing-{line.ref}", 12)
        return self._ids.encode(line.source) if line.source else None

    def _line_id(self, line: Line | None) -> str | None:
        return self._ids.encode(line.ref) if line and line.created < self.now else None

    def _intent(self, charge: Charge) -> str:
        return self._ids.encode(Ref("intent", charge.ref.day, charge.ref.item))

    def refund(self, refund: Refund) -> Json:
        """A ``refund``, in the charge's currency."""
        status = refund.provider_status(self.now)
        method = refund.charge.method
        made: Json = {
            "id": self._ids.encode(refund.ref),
            "object": "refund",
            "amount": refund.amount,
            "balance_transaction": self._line_id(refund.line),
            "charge": self._ids.encode(refund.charge.ref),
            "created": refund.created,
            "currency": refund.charge.currency,
            "customer": None,
            "customer_account": None,
            "destination_details": {"type": method, method: {"type": "refund"}},
            "metadata": {},
            "payment_intent": self._intent(refund.charge),
            "payment_method": self._ids.encode(refund.charge.ref._replace(kind="method")),
            "reason": refund.reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": status,
            "transfer_reversal": None,
        }
        if status == "failed":
            made["failure_reason"] = "lost_or_stolen_card"
            made["failure_balance_transaction"] = self._line_id(refund.failure_line)
        if status == "pending":
            made["pending_reason"] = "processing"
        return made

    def dispute(self, dispute: Dispute) -> Json:
        """A ``dispute``, in the charge's currency; its ledger rows are embedded."""
        status = dispute.provider_status(self.now)
        reviewed = happened(dispute.reviewed_at, self.now)
        due = (dispute.created // SECONDS_A_DAY + _EVIDENCE_DAYS + 1) * SECONDS_A_DAY - 1
        return {
            "id": self._ids.encode(dispute.ref),
            "object": "dispute",
            "amount": dispute.amount,
            "balance_transactions": [
                self.line(line) for line in dispute.lines if line.created < self.now
            ],
            "charge": self._ids.encode(dispute.charge.ref),
            "created": dispute.created,
            "currency": dispute.charge.currency,
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": None if status == "prevented" else due,
                "enhanced_eligibility": {},
                "has_evidence": reviewed,
                "past_due": due < self.now and not reviewed,
                "submission_count": int(reviewed),
            },
            "is_charge_refundable": dispute.inquiry and not happened(dispute.closed_at, self.now),
            "livemode": False,
            "metadata": {},
            "payment_intent": self._intent(dispute.charge),
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": "visa",
                    "case_type": "inquiry" if dispute.inquiry else "chargeback",
                    "network": "visa",
                    "network_reason_code": "10.4",
                },
            },
            "reason": dispute.reason,
            "status": status,
        }

    def payout(self, payout: Payout) -> Json:
        """A ``payout``: positive amounts go to the bank."""
        now, status, instant = self.now, payout.provider_status(self.now), payout.mode == "instant"
        code = payouts.failure_code(payout) if status == "failed" else None
        account = "card" if instant else "ba"
        returned = payouts.failure_line(payout) or payouts.cancel_line(payout)
        return {
            "id": self._ids.encode(payout.ref),
            "object": "payout",
            "amount": payout.amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": payout.arrival_date,
            "automatic": payout.mode == "automatic",
            "balance_transaction": self._ids.encode(payouts.own_line(payout).ref),
            "created": payout.created,
            "currency": payout.currency,
            "description": "STRIPE PAYOUT",
            "destination": f"{account}_{self._ids.token(account + payout.currency, 12)}",
            "failure_balance_transaction": self._line_id(returned),
            "failure_code": code,
            "failure_message": None if code is None else _FAILURES[code],
            "livemode": False,
            "metadata": {},
            "method": "instant" if instant else "standard",
            "original_payout": None,
            "payout_method": None,
            "reconciliation_status": payout.reconciliation(now),
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": None,
            "status": status,
            "trace_id": self._trace(payout),
            "type": "card" if instant else "bank_account",
        }

    def _trace(self, payout: Payout) -> Json:
        if payout.mode == "instant":
            return {"status": "unsupported", "value": None}
        if not happened(payout.in_transit_at, self.now):
            return {"status": "pending", "value": None}
        return {"status": "supported", "value": self._ids.token(f"trace-{payout.ref}", 8)}

"""Stripe: charges, refunds, disputes, payouts and the movements of the balance."""

from ecomops.connectors.stripe.connector import StripeConnector

__all__ = ["StripeConnector"]

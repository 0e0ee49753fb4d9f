"""ecomops: payouts of Stripe and Shopify tied out, booked in NetSuite and proven."""

__version__ = "0.1.0"

"""The shop: every order, and the ledger of its own payment processor (Shopify Payments)."""

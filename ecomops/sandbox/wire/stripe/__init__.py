"""Stripe's REST API, version 2026-07-29.dahlia."""

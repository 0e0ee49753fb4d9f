"""Shopify's Admin API, version 2026-07."""

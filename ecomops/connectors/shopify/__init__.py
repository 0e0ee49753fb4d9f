"""Shopify, over the Admin GraphQL API."""

from ecomops.connectors.shopify.connector import ShopifyConnector

__all__ = ["ShopifyConnector"]

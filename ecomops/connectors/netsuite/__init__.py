"""NetSuite, over SuiteTalk REST web services."""

from ecomops.connectors.netsuite.connector import NetsuiteConnector

__all__ = ["NetsuiteConnector"]

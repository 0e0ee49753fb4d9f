"""Use cases with the network, or several transactions, between their steps."""

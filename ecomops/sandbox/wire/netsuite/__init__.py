"""SuiteTalk REST web services of NetSuite."""

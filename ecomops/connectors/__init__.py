"""Provider clients: typed records in, provider words out. No database, no tenant."""

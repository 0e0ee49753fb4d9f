"""The business words, one package each. Services take a session and never commit it."""

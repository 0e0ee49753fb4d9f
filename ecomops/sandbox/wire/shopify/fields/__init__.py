"""How each field of the API is told from the world: a table for each type."""

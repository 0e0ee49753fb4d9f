"""Files of tables that are prepared in the background: asked for, listed, fetched, removed."""

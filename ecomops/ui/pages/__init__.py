"""One package a page area: ``page.py`` (components) and ``state.py`` (one State)."""

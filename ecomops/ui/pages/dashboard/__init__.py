"""The first page: what to do next, what runs, what is there."""

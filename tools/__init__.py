"""Scripts that prepare a machine, or make something for the repository."""

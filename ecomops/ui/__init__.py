"""The pages. The only package that imports Reflex, besides the composition root."""

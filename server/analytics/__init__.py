"""Figures from the mirror: the usual ones from its daily sums, the others by DuckDB over a columnar copy of it."""

"""Views of the tables: counts, plots and contact sheets."""

"""The page of cases: one HTML file with the edits of all systems, which opens offline."""

"""Open data: one registry of datasets; files, API and descriptions are generated from it."""

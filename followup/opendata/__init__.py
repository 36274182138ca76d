"""Open data: one registry of datasets, from which every file, the API and their descriptions follow."""

"""Django's SQLite backend, for a disk that may be full."""

"""Backups as one file: made of one moment, sealed, restored into an empty place, proved aside.

`making` writes one, `restoring` brings it back, `checking` proves it. They know the database's engine and
the storage of files, and nothing of the portal's tables: the caller says which columns name files.
"""

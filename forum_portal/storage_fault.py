"""What a storage of files raises if it cannot be reached."""


class StorageUnavailable(OSError):
    """The object storage does not answer, or refuses. The text says why, without a secret.

    A file that is not there is a FileNotFoundError instead.
    """

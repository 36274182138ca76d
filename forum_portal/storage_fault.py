"""What a storage of files raises if it cannot be reached."""


class StorageUnavailable(OSError):
    """The object storage does not answer, or refuses. The text says why, without a name or a secret.

    A file that is not there is a FileNotFoundError instead.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.strerror = why  # which logs may tell of an OSError

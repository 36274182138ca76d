"""Why a backup is not made, not restored, or not whole."""


class Refused(Exception):
    """What was asked for is not done, and nothing is left of it; the text says why, in both languages."""

    def __init__(self, thai: str, english: str) -> None:
        super().__init__(f"{thai} · {english}")

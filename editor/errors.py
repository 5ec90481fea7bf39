"""The base of all errors that are counted by a reason."""


class NamedError(Exception):
    """An error with a `reason`, a short name to count by, and a `text`, the message.

    >>> str(NamedError("no_edit", "the program changes nothing"))
    'the program changes nothing'
    """

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason, text)
        self.reason, self.text = reason, text

    def __str__(self) -> str:
        return self.text

"""How the judge fails."""


class JudgeError(Exception):
    """No score was to be had; asking the same again would not help."""


class AgainError(JudgeError):
    """No score this time; worth asking again, `after_s` seconds from now at the earliest."""

    def __init__(self, text: str, after_s: float = 0.0) -> None:
        super().__init__(text)
        self.after_s = after_s


class NoJudgeError(ValueError):
    """A summary came and no judge is configured."""

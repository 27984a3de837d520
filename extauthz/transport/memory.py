"""Accounts of bytes that are held: of one connection, and of all."""


class Memory:
    """Bytes held under a limit, and under the limit of a larger account that they count in as well."""

    __slots__ = ("_limit", "_within", "held")

    def __init__(self, limit: int, within: "Memory | None" = None) -> None:
        self._limit = limit
        self._within = within
        self.held = 0

    def hold(self, more: int) -> bool:
        """Hold some bytes more, or fewer if negative; False, with nothing changed, when they do not fit."""
        if more > 0 and self.held + more > self._limit:
            return False
        if self._within is not None and not self._within.hold(more):
            return False
        self.held += more
        return True

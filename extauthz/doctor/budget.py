"""A bound on the work for one configuration: a short file can name itself, or what names it, very many times."""

from extauthz.doctor.finding import UnreadableError


class Budget:
    """Steps that may be gone in one configuration; whoever goes through it spends them."""

    def __init__(self, steps: int, name: str) -> None:
        """Allow this many steps in the file of this name."""
        self._all = self._left = steps
        self._name = name

    def spend(self, steps: int = 1) -> None:
        """Go some steps. Raises UnreadableError when they are more than are left."""
        self._left -= steps
        if self._left < 0:
            raise UnreadableError(
                f"{self._name} takes more than {self._all} steps to go through; its parts name each other too often"
            )

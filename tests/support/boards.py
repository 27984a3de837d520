"""What the status page is made of, without a service."""

from extauthz.service.status.model import Status
from support.statuses import STATUS


class FakeBoard:
    """Always the same status, under names that a test gives; it counts how often the status was collected."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.collected = 0

    async def status(self) -> Status:
        """Return the status."""
        self.collected += 1
        return STATUS

    def own_names(self) -> list[str]:
        """Return the names."""
        return self.names

"""``shutdown``: how the service leaves."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from extauthz.config.schema.duration import Duration, between
from extauthz.config.schema.section import Section


class Shutdown(Section):
    """What happens between SIGTERM and the end of the process."""

    drain_delay: Annotated[Duration, between("0s", "10m")] = Field(
        default=timedelta(seconds=5),
        description="Serve on for this long while reporting not ready, so that proxies learn of it first.",
    )
    grace: Annotated[Duration, between("0s", "10m")] = Field(
        default=timedelta(seconds=10),
        description="Then calls in flight may take this much longer before they are cut off.",
    )

"""``log``: the process log, for what happens beside decisions."""

from typing import Literal

from pydantic import Field

from extauthz.config.schema.section import Section


class Log(Section):
    """The process log on standard error, for what happens beside decisions."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="The least level written.")
    format: Literal["json", "console"] = Field(default="json", description="`json` for machines, `console` for people.")

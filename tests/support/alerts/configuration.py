"""Alerts that ask: does it follow its configuration."""

from collections.abc import Mapping
from typing import Final

from support.alerts.case import OTHER_POD, POD, Case, Scene, Series, series

LAST: Final = "extauthz_config_last_reload_successful"


def info(samples: str, digest: str, labels: Mapping[str, str] = POD) -> Series:
    return series("extauthz_config_info", samples, labels, hash=digest)


CASES: Final = (
    Case(
        alert="ExtauthzConfigReloadFailed",
        fires=Scene(6, (series(LAST, "1 0+0x10"), series(LAST, "1+0x10", OTHER_POD))),
        labels=POD,
        filled=("10.0.0.1:9190",),
        near={"a file was being written": Scene(7, (series(LAST, "1 0+0x3 1+0x10"),))},
    ),
    Case(
        alert="ExtauthzConfigOutOfSync",
        fires=Scene(15, (info("1+0x30", "aa"), info("1+0x30", "bb", OTHER_POD))),
        filled=("extauthz", "2"),
        near={
            "a rollout takes ten minutes": Scene(
                20, (info("1+0x30", "bb"), info("1+0x5", "aa", OTHER_POD), info("_x6 1+0x30", "bb", OTHER_POD))
            ),
            "two installations": Scene(
                20, (info("1+0x30", "aa"), info("1+0x30", "bb", {**OTHER_POD, "namespace": "staging"}))
            ),
        },
    ),
)

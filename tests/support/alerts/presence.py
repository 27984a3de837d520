"""Alerts that ask: is it there."""

from typing import Final

from support.alerts.case import JOB, OTHER_POD, POD, Case, Scene, series

NODE: Final = {"namespace": "monitoring", "job": "node-exporter", "instance": "10.0.0.1:9100"}
START: Final = "process_start_time_seconds"
RESTARTS: Final = "extauthz_worker_restarts_total"

CASES: Final = (
    Case(
        alert="ExtauthzAbsent",
        fires=Scene(5, (series("up", "0+0x10"), series("up", "0+0x10", OTHER_POD), series("up", "1+0x10", NODE))),
        labels={},
        near={
            "one of two is up": Scene(6, (series("up", "0+0x10"), series("up", "1+0x10", OTHER_POD))),
            "it is up again": Scene(6, (series("up", "0+0x4 1+0x10"),)),
        },
    ),
    Case(
        alert="ExtauthzDown",
        fires=Scene(11, (series("up", "1+0x5 0+0x10"), series("extauthz_build_info", "1+0x5", version="1"))),
        labels=POD,
        filled=("10.0.0.1:9190", "extauthz"),
        near={
            "another program is down": Scene(
                12, (series("up", "0+0x15", NODE), series("extauthz_build_info", "1+0x15", version="1"))
            ),
            "not for five minutes yet": Scene(
                9, (series("up", "1+0x5 0+0x10"), series("extauthz_build_info", "1+0x5", version="1"))
            ),
        },
    ),
    Case(
        alert="ExtauthzCrashLooping",
        fires=Scene(
            18,
            (series(START, "10+0x5 400+0x5 700+0x5 999+0x9"), series("extauthz_build_info", "1+0x30", version="1")),
        ),
        labels=POD,
        filled=("10.0.0.1:9190", "3"),
        near={
            "two starts": Scene(
                20, (series(START, "10+0x5 400+0x5 700+0x15"), series("extauthz_build_info", "1+0x30", version="1"))
            ),
            "another program": Scene(
                20,
                (
                    series(START, "10+0x5 400+0x5 700+0x5 999+0x9", NODE),
                    series("extauthz_build_info", "1+0x30", version="1"),
                ),
            ),
        },
    ),
    Case(
        alert="ExtauthzWorkersMissing",
        fires=Scene(
            6,
            (
                series("extauthz_workers", "0 1+0x10", state="waiting"),
                series("extauthz_workers", "2 1+0x10", state="serving"),
            ),
        ),
        labels=POD,
        filled=("1", "10.0.0.1:9190"),
        near={
            "it came back in time": Scene(8, (series("extauthz_workers", "0 1+0x3 0+0x10", state="waiting"),)),
            "they stop": Scene(8, (series("extauthz_workers", "2+0x10", state="stopping"),)),
        },
    ),
    Case(
        alert="ExtauthzWorkerRestarts",
        fires=Scene(12, (series(RESTARTS, "0+0x5 1+0x2 2+0x2 3+0x10"),)),
        labels=POD,
        filled=("10.0.0.1:9190", "3"),
        near={
            "two restarts": Scene(15, (series(RESTARTS, "0+0x5 1+0x2 2+0x15"),)),
            "long ago": Scene(30, (series(RESTARTS, "0 3+0x40"),)),
            "one restart of each of three instances": Scene(
                15,
                tuple(
                    series(RESTARTS, "0+0x5 1+0x20", {**JOB, "instance": f"10.0.0.{number}:9190"})
                    for number in range(3)
                ),
            ),
        },
    ),
)

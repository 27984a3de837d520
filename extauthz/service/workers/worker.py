"""A worker: ``python -m extauthz.service.workers.worker ORDERS REPORTS DECISIONS STDERR``, four open descriptors.

It answers checks and does what it is told. It reads no configuration file, fetches nothing, and takes no signal: who
wants to end the service tells the supervisor. When the supervisor is gone, it ends.
"""

import os
import signal
import sys
from collections.abc import Sequence

import uvloop


def main(arguments: Sequence[str]) -> None:
    """Serve until the supervisor says otherwise, or is gone."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # A service manager may signal all processes of a service: whoever ended now would cut off calls.
        signal.signal(number, signal.SIG_IGN)
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # as in `extauthz serve`; it is read when gRPC is imported
    from extauthz.service.workers.serving_worker import ServingWorker  # noqa: PLC0415  (after the line above)

    orders, reports, decisions, stderr = (int(one) for one in arguments)
    status = uvloop.run(ServingWorker(orders, reports, decisions, stderr).run())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # as in `extauthz serve`: not through gRPC's native threads


if __name__ == "__main__":
    main(sys.argv[1:])

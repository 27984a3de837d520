"""What the supervisor and a worker say to one another.

Orders may hold pickled objects: who gives them has started the worker, and could have it run anything. Reports are
JSON alone, as workers read what clients send, and nothing that might take one over gets code into the supervisor.
"""

from enum import StrEnum


class Order(StrEnum):
    """To a worker. Orders are carried out one after the other, but for those that are answered at once."""

    BIND = "bind"
    """``blob``: the pickled ``Listen`` that holds until the end. ``addresses`` has the real ones by API, ``grpc`` says
    whether there is that listener."""
    SHARE = "share"
    """The descriptor that comes along is a socket that listens for all workers at the address of ``api``."""
    LOAD = "load"
    """Build generation ``number`` from the pickled ``RememberedFiles`` in ``blob``, and keep it ready."""
    CRL = "crl"
    """``blob``: a pickled ``SentCrl``. The descriptor is that of its index."""
    CRLS = "crls"
    """Generation ``number`` sees the CRLs of the pickled ``SentSnapshot`` in ``blob`` from now on."""
    PUBLISH = "publish"
    """Generation ``number`` answers from now on."""
    FORGET = "forget"
    """Generation ``number`` is given up."""
    LISTEN = "listen"
    """Begin to accept."""
    REOPEN = "reopen"
    """Open the decision log anew."""
    DRAIN = "drain"
    """Be not ready."""
    STOP = "stop"
    """Stop within ``grace`` seconds, and end. A second one counts as well."""
    METRICS = "metrics"
    """Give the numbers, marked with ``number``. Answered at once."""
    DENIALS = "denials"
    """Give the last denials, marked with ``number``. Answered at once."""
    PING = "ping"
    """Say that the event loop turns. Answered at once by it."""


class Report(StrEnum):
    """From a worker."""

    LOADED = "loaded"
    """Generation ``number`` is ready; ``digest`` names its configuration."""
    FAILED = "failed"
    """Generation ``number`` cannot be built; ``problems`` says why."""
    PUBLISHED = "published"
    """Generation ``number`` answers."""
    LISTENING = "listening"
    """Connections are accepted."""
    CANNOT_LISTEN = "cannot_listen"
    """``address`` and ``why``; the worker ends."""
    WANTED = "wanted"
    """``urls`` of distribution points that certificates named."""
    METRICS = "metrics"
    """``number`` of the order, and the families in ``blob``."""
    DENIALS = "denials"
    """``number`` of the order, and the denials in ``blob``."""
    PONG = "pong"
    """The event loop turns."""

"""One request, and what has to become of it behind every proxy; where a proxy differs, how and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from extauthz.model.reason import Reason
from support.https_client import HeaderLines


@dataclass(frozen=True, slots=True)
class Expected:
    """What the client and extauthz's decision log see."""

    status: int | None
    """None: the proxy ends the connection instead of answering."""
    reason: Reason | None
    """None: extauthz is not asked."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """What becomes of it behind one proxy, and why that is another thing than behind the others."""

    expected: Expected
    why: str


ALLOWED = Expected(200, Reason.ALLOWED)
NO_HANDSHAKE = Expected(None, None)


def denied(reason: Reason) -> Expected:
    """Return the usual denial, with this reason."""
    return Expected(403, reason)


def refused_by_proxy(status: int) -> Expected:
    """Return the answer of a proxy that did not ask."""
    return Expected(status, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One request of one of the clients of ``Cast``."""

    claim: str
    expected: Expected
    client: str | None = "alice"
    target: str = "/"
    method: str = "GET"
    host: str = "localhost"
    headers: HeaderLines = ()
    body: bytes = b""
    http2: bool = False
    forged_certificate: str | None = None
    """Whose certificate the client writes into every header that carries one behind some proxy."""
    unlike: Mapping[str, Unlike] = field(default_factory=dict)
    arrives_as: Mapping[str, str] = field(default_factory=dict)
    """Proxy -> target that extauthz and the upstream see, where the proxy rewrites it first."""
    lets_through: Mapping[str, str] = field(default_factory=dict)
    """Proxy -> why what is forged here arrives at the upstream nevertheless."""

    def expected_of(self, proxy: str) -> Expected:
        """Return what has to become of it behind one proxy."""
        unlike = self.unlike.get(proxy)
        return self.expected if unlike is None else unlike.expected


POLICIES: Sequence[Mapping[str, object]] = (
    {"name": "operations", "when": {"paths": ["/ops/**"]}, "require": {"organizational_unit": ["Ops"]}},
    {"name": "payments", "when": {"hosts": ["pay.example"]}, "require": {"common_name": ["ops"]}},
    {"name": "deleting", "when": {"methods": ["DELETE"]}, "require": {"organizational_unit": ["Ops"]}},
    {"name": "partners", "when": {}, "require": {}},
)
"""What the scenarios are decided by. The first has a condition on paths, so paths may not be ambiguous."""

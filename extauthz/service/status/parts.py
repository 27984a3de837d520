"""Parts of the status page, from where the service has them to how they are shown."""

from collections.abc import Iterable, Iterator, Sequence

from extauthz.config.build_http import http_sources
from extauthz.config.schema.config import Config
from extauthz.config.schema.listen import Listen
from extauthz.observe.engine_metrics import AnchorView
from extauthz.observe.recent_denials import Denial as NotedDenial
from extauthz.refresh.snapshot import FeedStatus, Snapshot
from extauthz.service.crl_lateness import LateInFeed
from extauthz.service.serving import Addresses
from extauthz.service.status.counts import Counts
from extauthz.service.status.model import Anchor, Crl, CrlSource, Denial, Listener, Policy, Source
from extauthz.service.status.texts import sentences, shown

GRPC = "grpc"
HTTP = "http"
ADMIN = "admin"


def listeners(bound: Listen, addresses: Addresses, admin: str) -> Iterator[Listener]:
    """Yield the listeners as they were bound."""
    if addresses.grpc is not None:
        speaks = f"gRPC, transport {bound.grpc.transport}"
        yield Listener(name=GRPC, address=shown(addresses.grpc), speaks=speaks, tls=bound.grpc.tls is not None)
    if addresses.http is not None and bound.http is not None:
        speaks = f"HTTP, dialect {bound.http.dialect}"
        yield Listener(name=HTTP, address=shown(addresses.http), speaks=speaks, tls=bound.http.tls is not None)
    yield Listener(name=ADMIN, address=shown(admin), speaks="HTTP, for operators", tls=False)


def sources(config: Config, counts: Counts) -> Iterator[Source]:
    """Yield the sources of a configuration, each type once."""
    readers: dict[str, list[str]] = {}
    for listener, read in ((GRPC, config.sources or ()), (HTTP, http_sources(config))):
        for kind in dict.fromkeys(str(one.type) for one in read):
            readers.setdefault(kind, []).append(listener)
    for kind, names in readers.items():
        yield Source(type=kind, listeners=tuple(names), checks=counts.sources[kind])


def anchors(views: Iterable[AnchorView]) -> Iterator[Anchor]:
    """Yield the anchors, the one that ends first before the others."""
    for one in sorted(views, key=lambda view: view.not_after):
        yield Anchor(fingerprint8=one.fingerprint8, subject=shown(one.subject_dn), not_after=one.not_after)


def policies(configured: Sequence[str], counts: Counts) -> Iterator[Policy]:
    """Yield the policies in the order in which they are asked, then what else decided something."""
    gone = sorted(counts.policies - {"", *configured})
    for name in (*configured, *gone, ""):
        yield Policy(
            name=shown(name),
            configured=name in configured,
            allowed=counts.allowed[name],
            denied=counts.denied[name],
        )


def crl_sources(snapshot: Snapshot, late: Iterable[LateInFeed]) -> Iterator[CrlSource]:
    """Yield the sources of CRLs in the order of the configuration, each with what is late of it."""
    overdue: dict[tuple[str, str], list[str]] = {}
    for one in late:
        overdue.setdefault((one.feed.label, one.feed.where), []).append(one.sentence)
    for feed in snapshot.feeds:
        own = () if feed.problem is None else (feed.problem,)
        yield _crl_source(feed, (*own, *overdue.get((feed.label, feed.where), ())))


def denials(noted: Iterable[NotedDenial], *, identities: bool) -> Iterator[Denial]:
    """Yield the last denials. ``identities`` is asked here too: a worker may not have heard yet that it is off."""
    for one in noted:
        yield Denial(
            at=one.at,
            decision_id=shown(one.decision_id),
            reason=one.reason.value,
            policy=shown(one.policy),
            listener=shown(one.api),
            fingerprint8=one.fingerprint8,
            subject=shown(one.subject) if identities and one.subject is not None else None,
        )


def _crl_source(feed: FeedStatus, problems: tuple[str, ...]) -> CrlSource:
    return CrlSource(
        label=shown(feed.label),
        fetched=feed.fetched,
        required=feed.required,
        last_attempt=feed.last_attempt,
        last_success=feed.last_success,
        rejected=feed.rejected,
        problems=sentences(problems),
        crls=tuple(
            Crl(
                issuer=shown(one.issuer_dn),
                number=one.number,
                delta=one.is_delta,
                entries=len(one.entries),
                this_update=one.this_update,
                next_update=one.next_update,
            )
            for one in feed.crls
        ),
    )

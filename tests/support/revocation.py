"""Asking one store about one certificate, below the level of Pass and Fail."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.trust.chain.verifier import ChainVerifier
from extauthz.trust.crl.load import Crl, load_crl
from extauthz.trust.crl.rejected import RejectedCrl
from extauthz.trust.revocation.evidence import Acceptance, Evidence
from extauthz.trust.revocation.line import Line, lines_of
from extauthz.trust.revocation.moment import Moment
from extauthz.trust.revocation.settings import RevocationSettings
from extauthz.trust.revocation.signers import SignerPaths, accept_with_path, accept_within_validity
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.revocation.target import target_of
from extauthz.trust.revocation.verdict import judge
from extauthz.trust.window import Window
from support import pki

DEFAULTS = RevocationSettings()


def cert(one: pki.Leaf) -> Certificate:
    return parse_certificate(one.der)


def certs(*some: pki.Leaf) -> list[Certificate]:
    return [cert(one) for one in some]


def loaded(ders: Iterable[bytes], *issuers: pki.Leaf) -> list[Crl]:
    """Load CRLs, of which each issuer has signed one or none."""
    known = certs(*issuers)
    return [load_crl(der, known) for der in ders]


def line_of(*ders: bytes, issuer: pki.Leaf) -> Line:
    """Return the one line that these CRLs make."""
    (lines,) = lines_of(loaded(ders, issuer)).values()
    (line,) = lines
    return line


def store_of(*ders: bytes, issuers: Sequence[pki.Leaf], rejected: Iterable[RejectedCrl] = ()) -> CrlStore:
    store = CrlStore()
    store.replace(loaded(ders, *issuers), rejected)
    return store


def moment(
    now: datetime = pki.NOW, settings: RevocationSettings = DEFAULTS, clock_skew: timedelta = timedelta()
) -> Moment:
    return Moment(now, settings, clock_skew)


def evidence(
    store: CrlStore,
    leaf: pki.Leaf,
    now: datetime = pki.NOW,
    *,
    above: Sequence[pki.Leaf] = (),
    known: Sequence[pki.Leaf] = (),
    settings: RevocationSettings = DEFAULTS,
    clock_skew: timedelta = timedelta(),
    revocation_of: Callable[[Sequence[Certificate]], Acceptance] = lambda _path: Acceptance(Window.ALWAYS),
) -> Evidence:
    """Ask about a leaf. ``above``: the rest of its path, if one was verified. ``known``: what other paths go over."""
    path = certs(*above)
    paths = SignerPaths(ChainVerifier(path[-1:], certs(*known)) if path else None)

    def accept(crl: Crl) -> Acceptance:
        if not path:
            return accept_within_validity(crl, now)
        return accept_with_path(crl, path, now, paths, revocation_of)

    key = path[0].spki_sha256 if path else None
    found = judge(target_of(cert(leaf)), store.records, Moment(now, settings, clock_skew), key, accept)
    assert found.window.holds_at(now)
    return found

"""``ClientCertConfig`` and ``ClientCertAuthMethod``: what is asked of a certificate, and the check of it.

The service builds one ``ClientCertAuthMethod`` for each policy; a Python program can build its own and call
``authenticate``. Both run the same steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from extauthz.identity.certificate import Certificate, parse_certificate
from extauthz.identity.profile import DEFAULT_PROFILE, IdentityProfile
from extauthz.model.decision import Step
from extauthz.model.errors import AuthenticationError
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity
from extauthz.model.outcome import Fail, Outcome, Pass
from extauthz.model.quoted import quoted
from extauthz.model.reason import Reason
from extauthz.model.request import Presented
from extauthz.policy.evaluate import evaluate, evaluate_by
from extauthz.policy.rules.base import Rule, shown
from extauthz.policy.rules.client_usage import ClientUsageRule
from extauthz.policy.rules.device import DeviceRule
from extauthz.policy.rules.distinguished_name import issuer_contains_rule, subject_contains_rule
from extauthz.policy.rules.extended_key_usage import EXTENDED_KEY_USAGE
from extauthz.policy.rules.forwarded import check_forwarded
from extauthz.policy.rules.subject_alt_name import SanPresentRule
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.chain.verifier import ChainMode, ChainVerifier
from extauthz.trust.pins import CertPinStore
from extauthz.trust.pinset import PinSet
from extauthz.trust.revocation.check import RevocationChecker
from extauthz.trust.revocation.settings import RevocationSettings, WhenUnknown
from extauthz.trust.revocation.store import CrlStore
from extauthz.trust.window import Window

DEFAULT_TOKEN_LIFETIME = 3600
"""Seconds that a session lives by default; it never outlives the certificate."""
_NO_PINS = Pass("no pins configured")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertConfig:
    """What is asked of a certificate. Immutable: each builder method returns a new value.

    Without a trusted CA nothing is trusted (with the default ``chain``); an empty allow-list asks for nothing.
    """

    trusted_ca_ders: tuple[bytes, ...] = ()
    intermediate_ders: tuple[bytes, ...] = ()
    chain: ChainMode = ChainMode.VERIFY
    clock_skew: timedelta = timedelta()
    profile: IdentityProfile = DEFAULT_PROFILE
    """What smart cards are recognized by (``extauthz.identity.profile.profile`` makes another)."""
    when_crl_missing: WhenUnknown = WhenUnknown.DENY
    """What becomes of a certificate whose issuer has no CRL in the store that is asked. Serial numbers named by hand
    revoke, and make nothing else good."""
    subject_allowlist: tuple[str, ...] = ()
    """Case-sensitive fragments, one of which the subject DN must contain."""
    issuer_allowlist: tuple[str, ...] = ()
    """Case-sensitive fragments, one of which the issuer DN must contain."""
    require_san: bool = False
    token_lifetime_secs: int = DEFAULT_TOKEN_LIFETIME
    rules: tuple[Rule, ...] = ()
    """Further conditions (``extauthz.policy.rules``); all must hold."""
    pin_sets: tuple[PinSet, ...] = ()
    """Each of them must hold, beside the chain and never instead of it."""

    def trust_ca(self, ca_der: bytes) -> "ClientCertConfig":
        """Trust one more CA certificate (DER) as an anchor."""
        return replace(self, trusted_ca_ders=(*self.trusted_ca_ders, ca_der))

    def allow_subject(self, fragment: str) -> "ClientCertConfig":
        """Also accept subjects whose DN contains this fragment."""
        return replace(self, subject_allowlist=(*self.subject_allowlist, fragment))

    def allow_issuer(self, fragment: str) -> "ClientCertConfig":
        """Also accept issuers whose DN contains this fragment."""
        return replace(self, issuer_allowlist=(*self.issuer_allowlist, fragment))

    def with_require_san(self, *, required: bool = True) -> "ClientCertConfig":
        """Ask for at least one subjectAltName."""
        return replace(self, require_san=required)

    def all_rules(self) -> tuple[Rule, ...]:
        """Return every condition as a rule, in the order in which they are run."""
        names_purposes = any(rule.key == EXTENDED_KEY_USAGE for rule in self.rules)
        return (ClientUsageRule(check_purposes=not names_purposes), DeviceRule(self.rules), *self.asked_rules())

    def asked_rules(self) -> tuple[Rule, ...]:
        """Return the conditions that somebody wrote: all but those that hold for every client certificate."""
        rules: list[Rule] = []
        if self.issuer_allowlist:
            rules.append(issuer_contains_rule(self.issuer_allowlist))
        if self.subject_allowlist:
            rules.append(subject_contains_rule(self.subject_allowlist))
        if self.require_san:
            rules.append(SanPresentRule())
        return (*rules, *self.rules)


@dataclass(frozen=True, slots=True)
class Examination:
    """What steps 3 to 8 said of one presented certificate."""

    verdict: Certificate | Fail
    """The certificate, which passed them all, or the first failure."""
    certificate: Certificate | None
    """What could be parsed, also of a certificate that failed: a claim, for the log."""
    steps: tuple[Step, ...]
    window: Window
    """When all this holds, as long as the revocation data stays the same."""


class ClientCertAuthMethod:
    """The authenticator: one ``ClientCertConfig`` with its pins and revocation data."""

    def __init__(
        self,
        config: ClientCertConfig,
        *,
        pins: CertPinStore | None = None,
        crls: CrlStore | None = None,
        trust: CertificateTrust | None = None,
    ) -> None:
        """Compile the configuration.

        ``pins``: the certificate or its key must be in this store. ``crls``: revocation is checked against this
        store, and a certificate of which it knows nothing is refused. ``trust``: use this instead of building one
        from the configuration's CAs and ``crls`` (policies of one engine share their trust and its cache).
        Raises DecodeError when a CA certificate cannot be parsed, PatternError for an empty fragment.
        """
        self.config = config
        self._rules = config.all_rules()
        self._asked_rules = config.asked_rules()
        self._pins = pins
        self._trust = _build_trust(config, crls) if trust is None else trust

    def authenticate(self, cert_der: bytes, *, now: datetime, chain: Sequence[bytes] = ()) -> CertIdentity:
        """Return the identity of a certificate that passes every check at ``now`` (aware).

        ``chain`` holds further certificates (DER) that the client presented. Raises AuthenticationError with the
        reason otherwise, and nothing else. Possession of the private key is *not* verified here: the TLS handshake
        proves that.
        """
        verdict = self.examine(Presented(leaf=cert_der, chain=tuple(chain)), now).verdict
        if isinstance(verdict, Fail):
            raise AuthenticationError(verdict.reason, verdict.detail)
        return verdict.identity

    def session_expires(self, identity: CertIdentity, now: datetime) -> datetime:
        """Return when a session that starts now must end: after the configured lifetime, or with the certificate."""
        return min(now + timedelta(seconds=self.config.token_lifetime_secs), identity.not_after)

    def examine(self, presented: Presented, now: datetime) -> Examination:
        """Run steps 3 to 8 of ``decide`` and say what each of them said."""
        # 3 identity, 4 validity, 5 chain, 6 revocation: the same for every policy, so computed once a certificate.
        assessment = self._trust.assess(presented, now)
        if isinstance(assessment.verdict, Fail):
            return Examination(assessment.verdict, assessment.certificate, assessment.steps, assessment.window)
        certificate = assessment.verdict
        # 7 pins
        outcome = self._check_pins(certificate, now)
        pins = Step(7, "pins", outcome)
        window = assessment.window.intersect(self._pins_window(now))
        if isinstance(outcome, Fail):
            return Examination(outcome, certificate, (*assessment.steps, pins), window)
        # 8 rules
        outcome, results = evaluate(self._rules, certificate.identity)
        steps = (*assessment.steps, pins, Step(8, "rules", outcome, results))
        return Examination(outcome if isinstance(outcome, Fail) else certificate, certificate, steps, window)

    def window_of_the_same(self, presented: Presented, identity: CertIdentity, now: datetime) -> Window | None:
        """Return when a verdict of ``examine`` that found this very identity good holds by the CRLs of now, if it does.

        For a moment in the window of that verdict: then pins and rules say what they said. None where the certificate
        has to be examined anew.
        """
        assessment = self._trust.assess(presented, now)
        if isinstance(assessment.verdict, Fail) or assessment.verdict.identity is not identity:
            return None
        return assessment.window.intersect(self._pins_window(now))

    def examine_forwarded(self, forwarded: ForwardedIdentity) -> tuple[Outcome, tuple[Step, ...]]:
        """Run what can be run of steps 3 to 8 on an identity without certificate: its name, pins (none), rules.

        Validity, chain and revocation are of certificates: these steps are not there, and nothing is said in their
        place. Whatever else the policy asks of a certificate fails.
        """
        name = Step(3, "identity", Pass(f"{quoted(forwarded.spiffe_id)} in the words of {shown(forwarded.by)}"))
        if self._pins is not None or self.config.pin_sets:
            pinned = Fail(Reason.FORWARDED_IDENTITY_INSUFFICIENT, "pins are of certificates, and none was forwarded")
            return pinned, (name, Step(7, "pins", pinned))
        outcome, results = evaluate_by(self._asked_rules, partial(check_forwarded, forwarded=forwarded))
        return outcome, (name, Step(7, "pins", Pass("no pins configured")), Step(8, "rules", outcome, results))

    def _check_pins(self, certificate: Certificate, now: datetime) -> Outcome:
        for pin_set in self.config.pin_sets:
            outcome = pin_set.check(certificate, now)
            if isinstance(outcome, Fail):
                return outcome
        if self._pins is not None and not self._pins.is_certificate_pinned(certificate):
            return Fail(Reason.PIN_MISMATCH, "the certificate is not in the pin store")
        if self._pins is None and not self.config.pin_sets:
            return _NO_PINS
        return Pass("pinned")

    def _pins_window(self, now: datetime) -> Window:
        if self._pins is not None:  # it may change at any moment
            return Window.NEVER
        window = Window.ALWAYS
        for pin_set in self.config.pin_sets:
            window = window.intersect(pin_set.window_at(now))
        return window


def _build_trust(config: ClientCertConfig, crls: CrlStore | None) -> CertificateTrust:
    anchors = [parse_certificate(der) for der in config.trusted_ca_ders]
    intermediates = [parse_certificate(der) for der in config.intermediate_ders]
    chain = ChainVerifier(anchors, intermediates, config.chain)
    revocation = None
    if crls is not None:
        settings = RevocationSettings(when_missing=config.when_crl_missing)
        revocation = RevocationChecker(crls, settings, verifier=chain, clock_skew=config.clock_skew)
    return CertificateTrust(chain, revocation, config.clock_skew, profile=config.profile)

"""``policies`` -> the engine's policies: when each applies, and what it asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from extauthz.config.build_conditions import build_rules
from extauthz.config.parts import Parts
from extauthz.config.schema.config import Config
from extauthz.config.schema.pins import ExpiringCertPin, ExpiringSpkiPin, Pins
from extauthz.config.schema.require import Require
from extauthz.config.schema.when import When as WhenSection
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.named import Policy
from extauthz.policy.routes import When, compile_when
from extauthz.policy.token import TokenBinding, TokenBindingMode
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.pins import CertPin, ExpiringPin, SpkiPin
from extauthz.trust.pinset import PinSet


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInputs:
    """Everything that one policy is built from. Which requests it is for is none of it."""

    name: str
    certificate: str
    session_lifetime: timedelta
    require: Require
    pins: Pins | None
    """Those of all policies."""
    payload_keys: frozenset[str] | None
    trust: CertificateTrust


def build_policies(config: Config, trust: CertificateTrust, parts: Parts) -> Iterator[tuple[When, Policy]]:
    """Yield the policies in their order; all of them share one trust and its cache."""
    payload_keys = config.token_binding.payload_keys
    for section in config.policies:
        inputs = PolicyInputs(
            name=section.name,
            certificate=section.certificate,
            session_lifetime=section.session_lifetime,
            require=section.require,
            pins=config.pins,
            payload_keys=None if payload_keys is None else frozenset(payload_keys),
            trust=trust,
        )
        yield _when(section.when), parts.take(inputs, _policy)


def _policy(inputs: PolicyInputs) -> Policy:
    return Policy(
        name=inputs.name,
        method=ClientCertAuthMethod(_method_config(inputs), trust=inputs.trust),
        certificate_optional=inputs.certificate == "optional",
        accepts_forwarded_identity=inputs.certificate == "unsafe_forwarded_identity",
        token_binding=TokenBinding(
            mode=TokenBindingMode(inputs.require.token_binding), payload_keys=inputs.payload_keys
        ),
    )


def _when(section: WhenSection) -> When:
    return compile_when(
        hosts=section.hosts or (),
        paths=section.paths or (),
        methods=section.methods or (),
        sni=section.sni or (),
        context=section.context,
    )


def _method_config(inputs: PolicyInputs) -> ClientCertConfig:
    return ClientCertConfig(
        token_lifetime_secs=int(inputs.session_lifetime.total_seconds()),
        rules=build_rules(inputs.require),
        pin_sets=tuple(_pin_set(pins) for pins in (inputs.pins, inputs.require.pins) if pins is not None),
    )


def _pin_set(pins: Pins) -> PinSet:
    return PinSet(cert=_cert_pins(pins.cert_sha256 or ()), spki=_spki_pins(pins.spki_sha256 or ()))


def _cert_pins(entries: Sequence[str | ExpiringCertPin]) -> tuple[ExpiringPin, ...]:
    return tuple(
        ExpiringPin(CertPin.from_hex(entry))
        if isinstance(entry, str)
        else ExpiringPin(CertPin.from_hex(entry.pin), entry.expires, entry.comment or "")
        for entry in entries
    )


def _spki_pins(entries: Sequence[str | ExpiringSpkiPin]) -> tuple[ExpiringPin, ...]:
    return tuple(
        ExpiringPin(SpkiPin.from_text(entry))
        if isinstance(entry, str)
        else ExpiringPin(SpkiPin.from_text(entry.pin), entry.expires, entry.comment or "")
        for entry in entries
    )

"""``policies`` -> the engine's policies: when each applies, and what it asks."""

from collections.abc import Iterator, Sequence

from extauthz.config.build_conditions import build_rules
from extauthz.config.schema.config import Config
from extauthz.config.schema.pins import ExpiringCertPin, ExpiringSpkiPin, Pins
from extauthz.config.schema.policy import Policy as PolicySection
from extauthz.config.schema.when import When as WhenSection
from extauthz.policy.client_cert import ClientCertAuthMethod, ClientCertConfig
from extauthz.policy.named import Policy
from extauthz.policy.routes import When, compile_when
from extauthz.policy.token import TokenBinding, TokenBindingMode
from extauthz.trust.assess import CertificateTrust
from extauthz.trust.pins import CertPin, ExpiringPin, SpkiPin
from extauthz.trust.pinset import PinSet


def build_policies(config: Config, trust: CertificateTrust) -> Iterator[tuple[When, Policy]]:
    """Yield the policies in their order; all of them share one trust and its cache."""
    payload_keys = config.token_binding.payload_keys
    for section in config.policies:
        binding = TokenBinding(
            mode=TokenBindingMode(section.require.token_binding),
            payload_keys=None if payload_keys is None else frozenset(payload_keys),
        )
        policy = Policy(
            name=section.name,
            method=ClientCertAuthMethod(_method_config(section, config.pins), trust=trust),
            certificate_optional=section.certificate == "optional",
            accepts_forwarded_identity=section.certificate == "unsafe_forwarded_identity",
            token_binding=binding,
        )
        yield _when(section.when), policy


def _when(section: WhenSection) -> When:
    return compile_when(
        hosts=section.hosts or (),
        paths=section.paths or (),
        methods=section.methods or (),
        sni=section.sni or (),
        context=section.context,
    )


def _method_config(section: PolicySection, global_pins: Pins | None) -> ClientCertConfig:
    return ClientCertConfig(
        token_lifetime_secs=int(section.session_lifetime.total_seconds()),
        rules=build_rules(section.require),
        pin_sets=tuple(_pin_set(pins) for pins in (global_pins, section.require.pins) if pins is not None),
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

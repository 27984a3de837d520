"""A federation of PKIs as they are in the world, made by code: for unit, scenario and Envoy tests alike.

    Common Policy Root ── Agency CA (old key)            PIV cards, revoked by a CRL of the old key
       │            ├──── Agency CA (new key)            the same name; base CRL and delta CRL of the new key
       │            └──── DOD ID CA-99                   CACs; one CRL, limited to users and to a distribution point
       └─ Bridge CA ───── Partner Root (cross-certified) ─ Partner Issuing CA       PIV-I cards, revoked by an
                             └── Partner CRL Service     (signs CRLs, is no CA)     indirect CRL of the service
    SPIRE root (tied to one trust domain)                X509-SVIDs

The Partner Root also has a certificate of its own that nobody here trusts, and the Agency CA's new key one that its old
key signed: a path builder meets both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, Unpack

from support import cards, keys, pki
from support.cards import CardOptions
from support.certificates import Options
from support.pki import Authority, Leaf

TRUST_DOMAIN: Final = "prod.example.org"
DOD_POINT: Final = "http://crl.dod.example/DODIDCA_99.crl"
PARTNER_POINT: Final = "http://crl.partner.example/indirect.crl"
PARTNER_POLICY: Final = "2.16.840.1.114027.200.3.10.7.6"
"""What the partner calls its PIV-I cards: an OID of its own, as real partners have."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a policy for everybody must say of a member: the kind for an allow, the reason for a deny."""

    reason: str
    kind: str


class Federation:
    """All of it, valid around ``now``."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.root = self._ca("Common Policy Root")
        self.bridge = self._ca("Bridge CA", self.root)
        self.agency_old = self._ca("Agency CA", self.root)
        self.agency = self._ca("Agency CA", self.root, key=keys.make_key("ec", "the agency's new key"))
        self.new_with_old = self._ca("Agency CA", self.agency_old, key=self.agency.key)
        self.dod = cards.dod_ca(self.root, **self._valid())
        self.partner_root = self._ca("Partner Root")
        self.partner_cross = self._ca("Partner Root", self.bridge, key=self.partner_root.key)
        self.partner = self._ca("Partner Issuing CA", self.partner_root)
        signing: Options = {**self._valid(), "key_usage": ["cRLSign"], "eku": [], "no_san": True}
        self.crl_service = self.partner_root.issue("Partner CRL Service", **signing)
        self.spire = self._ca("SPIRE")
        self.rogue_spire = self._ca("Other SPIRE", self.root)

    @cached_property
    def members(self) -> Mapping[str, tuple[Leaf, Expected]]:
        """Every client by name, with what must be said of it."""
        piv_i = self._dated(
            policies=[PARTNER_POLICY],
            distribution_points=[pki.distribution_point(PARTNER_POINT, crl_issuer=self.crl_service.name)],
        )
        dod = self._dated(distribution_points=[pki.distribution_point(DOD_POINT)])
        elsewhere = self._dated(distribution_points=[pki.distribution_point("http://crl.dod.example/another.crl")])
        usual = self._dated()
        return {
            "piv": (cards.piv_auth(self.agency, **usual), Expected("allowed", "piv-auth")),
            "piv-of-the-old-key": (cards.piv_auth(self.agency_old, **usual), Expected("allowed", "piv-auth")),
            "piv-lost": (cards.piv_auth(self.agency_old, "LOST", **usual), Expected("revoked", "piv-auth")),
            "piv-in-the-delta": (cards.piv_auth(self.agency, "DELTA", **usual), Expected("revoked", "piv-auth")),
            "piv-restored": (cards.piv_auth(self.agency, "RESTORED", **usual), Expected("allowed", "piv-auth")),
            "derived": (cards.derived_piv(self.agency, **usual), Expected("allowed", "derived-piv")),
            "card": (cards.piv_card_auth(self.agency, **usual), Expected("kind_not_allowed", "piv-card-auth")),
            "cac": (cards.cac(self.dod, **dod), Expected("allowed", "cac")),
            "cac-lost": (cards.cac(self.dod, "LOST.CARL", "9876543210", **dod), Expected("revoked", "cac")),
            "cac-elsewhere": (cards.cac(self.dod, **elsewhere), Expected("crl_scope", "cac")),
            "piv-i": (cards.piv_i_auth(self.partner, **piv_i), Expected("allowed", "piv-i-auth")),
            "piv-i-lost": (cards.piv_i_auth(self.partner, "Lost", **piv_i), Expected("revoked", "piv-i-auth")),
            "svid": (cards.svid(self.spire, **self._valid()), Expected("allowed", "spiffe")),
            "svid-of-another-ca": (
                cards.svid(self.rogue_spire, **self._valid()),
                Expected("trust_domain_mismatch", "spiffe"),
            ),
            "no-svid-of-a-tied-ca": (
                self.spire.issue("person", **self._valid()),
                Expected("trust_domain_mismatch", "software"),
            ),
        }

    def leaf(self, name: str) -> Leaf:
        """Return one member's certificate."""
        return self.members[name][0]

    @cached_property
    def crls(self) -> Mapping[str, bytes]:
        """Every CRL, by file name."""
        service = Authority(self.crl_service.der, self.crl_service.key, self.crl_service.serial, self.partner_root)
        restored, revoked = self.leaf("piv-restored"), self.leaf("piv-in-the-delta")
        dod_scope = pki.scope(full_names=[DOD_POINT], only_user_certs=True)
        partner_scope = pki.scope(full_names=[PARTNER_POINT], indirect=True)
        partner_entry = pki.listed(self.leaf("piv-i-lost"), "affiliationChanged", issuer=self.partner.name)
        return {
            "root.crl": self._crl(self.root),
            "bridge.crl": self._crl(self.bridge),
            "partner-root.crl": self._crl(self.partner_root),
            "agency-old.crl": self._crl(self.agency_old, (self.leaf("piv-lost"), "keyCompromise"), number=40),
            "agency.crl": self._crl(self.agency, (restored, "certificateHold"), number=7, age=2 * pki.HOUR),
            "agency-delta.crl": self._crl(self.agency, (restored, "removeFromCRL"), revoked, number=8, base_number=7),
            "dod.crl": self._crl(self.dod, self.leaf("cac-lost"), number=3, scope=dod_scope),
            "partner-indirect.crl": self._crl(service, partner_entry, number=12, scope=partner_scope),
            "spire.crl": self._crl(self.spire),
            "other-spire.crl": self._crl(self.rogue_spire),
        }

    def write(self, folder: Path) -> Mapping[str, object]:
        """Write certificates and CRLs, and return the sections of a configuration that trusts this federation."""
        intermediates = (
            self.bridge, self.agency_old, self.agency, self.new_with_old, self.dod, self.partner_root,
            self.partner_cross, self.partner, self.rogue_spire,
        )  # fmt: skip
        (folder / "crls").mkdir(parents=True)
        (folder / "root.pem").write_bytes(self.root.pem)
        (folder / "spire.pem").write_bytes(self.spire.pem)
        (folder / "intermediates.pem").write_bytes(b"".join(one.pem for one in intermediates))
        (folder / "signers.pem").write_bytes(self.crl_service.pem)
        for name, crl in self.crls.items():
            (folder / "crls" / name).write_bytes(crl)
        return {
            "trust": {
                "anchors": [
                    str(folder / "root.pem"),
                    {"path": str(folder / "spire.pem"), "trust_domains": [TRUST_DOMAIN]},
                ],
                "intermediates": [str(folder / "intermediates.pem")],
            },
            "revocation": {
                "crls": [{"path": str(folder / "crls")}],
                "signers": [str(folder / "signers.pem")],
                "check": "leaf",
            },
            "identity": {
                "profiles": ["fpki", "dod", "piv_i"],
                "policies": {"piv-i-auth": [PARTNER_POLICY]},
                "dod_issuers": [cards.DOD_ISSUER],
            },
        }

    def _ca(self, name: str, parent: Authority | None = None, key: keys.PrivateKey | None = None) -> Authority:
        options = self._valid()
        if key is not None:
            options["key"] = key
        return pki.make_ca(name, parent, **options)

    def _crl(
        self,
        authority: Authority,
        *revoked: pki.Revoked | tuple[Leaf, str],
        number: int = 1,
        base_number: int | None = None,
        scope: bytes | None = None,
        age: timedelta = pki.HOUR,
    ) -> bytes:
        return authority.crl(
            revoked,
            number=number,
            base_number=base_number,
            scope=scope,
            this_update=self.now - age,
            next_update=self.now + pki.DAY,
            revocation_date=self.now - 2 * pki.HOUR,
        )

    def _valid(self) -> Options:
        return {"not_before": self.now - timedelta(days=30), "not_after": self.now + timedelta(days=300)}

    def _dated(self, **options: Unpack[CardOptions]) -> CardOptions:
        options["not_before"] = self.now - timedelta(days=30)
        options["not_after"] = self.now + timedelta(days=300)
        return options

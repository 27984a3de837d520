"""A Secret's CA certificates and CRL as ``trust`` and ``revocation``.

NGINX accepts no chain that does not end in a CA that is its own issuer, whatever else the file holds, and looks up
every certificate of it in the CRL. So only such CAs are anchors here; the others are intermediates.
"""

from dataclasses import dataclass

from extauthz.importing.ingress_objects import CaSecret
from extauthz.importing.pem_bundle import SPLIT, PemBundle
from extauthz.importing.remark import Remark, Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFiles:
    """The files that a configuration names for a Secret."""

    anchors: str
    anchor_comment: str
    intermediates: str = ""
    """Empty for none."""
    crl: str = ""
    """Empty for none."""
    crl_comment: str = ""
    remarks: tuple[Remark, ...] = ()


def secret_doubts(name: str, secret: CaSecret | None, depth: int) -> list[str]:
    """Say why what is verified here could be more than there; nothing for a Secret that is not in the input."""
    if secret is None:
        return []  # ``secret_files`` has a remark on it
    if secret.certificates is None:
        return [f"the Secret {name} has no ca.crt that can be read: ingress-nginx denies every request, too"]
    bundle = PemBundle.read(secret.certificates)
    if bundle is None:
        return [f"ca.crt of the Secret {name} cannot be read"]
    doubts = []
    if not bundle.roots:
        doubts.append(f"ca.crt of the Secret {name} has no CA that is its own issuer, so NGINX accepts no client")
    if bundle.intermediates > depth:
        doubts.append(
            f"auth-tls-verify-depth: {depth} has no counterpart, and the {bundle.intermediates} intermediate CAs in "
            f"ca.crt of the Secret {name} can make longer chains"
        )
    return doubts


def secret_files(name: str, secret: CaSecret | None, depth: int, place: str) -> SecretFiles:
    """Return the files for a Secret. ``depth`` is the least that is asked for, ``place`` where it is named."""
    mounted = f"ca.crt of the Secret {name}: mount the Secret as this directory."
    if secret is None:
        message = (
            f"the Secret {name} is not in the input. Whether it has a ca.crl cannot be seen: what was written asks for "
            f"one. And auth-tls-verify-depth: {depth} has no counterpart: with more than {depth} intermediate CAs in "
            "its ca.crt, longer chains are accepted here than there. And NGINX accepts only chains that end in a CA "
            "that is its own issuer: if its ca.crt holds others, name those in `trust.intermediates` instead. Give the "
            "Secret too, and all three are looked at"
        )
        return SecretFiles(
            anchors=f"{name}/ca.crt",
            anchor_comment=mounted,
            crl=f"{name}/ca.crl",
            crl_comment="Delete this section if the Secret has no ca.crl.",
            remarks=(Remark(place, Weight.LEFT_OUT, message),),
        )
    bundle = None if secret.certificates is None else PemBundle.read(secret.certificates)
    split = bundle is not None and bundle.is_mixed
    remark = Remark(place, Weight.NOTE, f"split ca.crt of the Secret {name}: {SPLIT}")
    return SecretFiles(
        anchors=f"{name}/roots.crt" if split else f"{name}/ca.crt",
        anchor_comment=f"Split ca.crt of the Secret {name}: {SPLIT}." if split else mounted,
        intermediates=f"{name}/intermediates.crt" if split else "",
        crl=f"{name}/ca.crl" if secret.has_crl else "",
        crl_comment="As NGINX does, every certificate of a chain is looked up.",
        remarks=(remark,) if split else (),
    )

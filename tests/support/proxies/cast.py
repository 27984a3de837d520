"""The clients that every proxy meets, by what is particular about them, and the CRL of their issuer."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from support import pki
from support.edge_pki import Client, EdgePki, now
from support.pki import Leaf

MANY_NAMES: Final = [f"host-{number:03}.clients.example" for number in range(100)]
"""Enough for a certificate of some kilobytes, and for an identity header that proxies' default limits hold."""
NON_ASCII: Final = "Zoë Ng"


class Cast:
    """The clients of one PKI. ``others`` are made and revoked by single tests."""

    def __init__(self, authority: EdgePki) -> None:
        self.pki = authority
        self.second = authority.authority("Second CA", parent=authority.root, path_length=0)
        """Signed by the root, and known to extauthz only where the proxy hands over the chain."""
        above = authority.root
        for number in range(1, 4):
            above = authority.authority(f"CA {number} of 3", parent=above, key="rsa3072")
        self._revoked: list[Leaf] = []
        rogue = authority.authority("Rogue CA", organization="Somebody Else")
        alone = authority.authority("self-signed", ca=False)
        non_ascii = authority.issue(NON_ASCII, organization="Łódź, Inc")
        hour, minute = timedelta(hours=1), timedelta(minutes=1)
        self.clients: dict[str, Client] = {
            "alice": authority.client("alice", organizational_unit="Engineering", emails=["alice@example.com"]),
            "ops": authority.client("ops", organizational_unit="Ops"),
            "expired": authority.client("expired", not_after=now() - minute),
            "early": authority.client("early", not_before=now() + hour),
            "revoked": authority.client("revoked"),
            "rogue": authority.client("by-rogue", by=rogue),
            "impostor": authority.client("by-impostor", by=authority.authority("Issuing CA")),
            "self-signed": Client(alone, authority.save("self-signed", alone)),
            "server": authority.client("a-server", eku=[pki.SERVER_AUTH]),
            "large": authority.client("large", key="rsa3072", dns=MANY_NAMES),
            "deep": authority.client("deep", by=above, key="rsa3072", dns=MANY_NAMES[:50]),
            "by-second": authority.client("by-second", by=self.second),
            "non-ascii": Client(non_ascii, authority.save("non-ascii", non_ascii)),
            "several-names": authority.client(
                "several-names",
                dns=["a.clients.example", "b.clients.example"],
                emails=["s@example.com", "t@example.com"],
                uris=["urn:example:s", "urn:example:a,b"],
                ips=["192.0.2.1"],
            ),
        }
        self._revoked.append(self.clients["revoked"].leaf)

    def newcomer(self, name: str) -> Client:
        """Issue one client more, for a test that changes what becomes of it."""
        return self.pki.client(name)

    def write_crls(self, folder: Path, *revoked: Client, number: int = 1) -> None:
        """Write the CRL of the issuing CA, with these clients on it as well.

        There is none of the second CA: what nobody configured cannot verify a list.
        """
        leaves = [*self._revoked, *(client.leaf for client in revoked)]
        self.pki.write(str(folder / "issuing.crl"), self.pki.crl(*leaves, number=number))

"""CRLs are fetched and indexed once, mapped by all, and count in all."""

from pathlib import Path
from typing import NamedTuple

from support.edge_pki import EdgePki
from support.questions import allowed, question, reason
from support.service import RealService, eventually
from support.service_site import Site, StartService
from support.workers import ask_anew, replace_workers

REVOCATION = {"crls": [{"path": "issuing.crl"}]}
INDEX = "extauthz-crl-index"


class Mapping(NamedTuple):
    """One mapping of an index into a process."""

    inode: str
    rss_kib: int
    pss_kib: int


def index_mappings(pid: int) -> list[Mapping]:
    """Return the indices that a process has mapped."""
    found: list[Mapping] = []
    inode = ""
    sizes: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        first, *rest = line.split()
        if first.endswith(":"):
            sizes[first] = int(rest[0]) if rest and rest[0].isdigit() else 0
            if first == "VmFlags:" and inode:
                found.append(Mapping(inode, sizes["Rss:"], sizes["Pss:"]))
        else:
            inode = rest[3] if INDEX in line else ""
    return found


def verdicts(service: RealService, site: Site, client: object) -> set[str]:
    return {reason(ask_anew(service, client)) for _ in range(20)}  # type: ignore[arg-type]  # a question


def test_a_changed_crl_counts_in_all(start: StartService, site: Site, pki: EdgePki) -> None:
    client = pki.issue("alice")
    asked = question(client)
    site.put(pki.crl())
    service = start(workers=2, revocation=REVOCATION)
    assert verdicts(service, site, asked) == {"allowed"}
    site.put(pki.crl(client, number=2))
    eventually(lambda: verdicts(service, site, asked) == {"revoked"} or None, "the new CRL", show=service.stderr)
    assert service.metric("extauthz_crl_entries", crl="issuing.crl") == 1.0, "the supervisor's number, not a sum"


def test_an_index_is_in_memory_once(start: StartService, site: Site, pki: EdgePki) -> None:
    site.put(pki.crl(*range(1_000_000, 1_020_000)))
    service = start(workers=2, revocation=REVOCATION)
    processes = [service.pid, *service.workers]
    for _ in range(20):
        assert allowed(ask_anew(service, question(pki.issue("alice"))))
    found = {one: index_mappings(one) for one in processes}
    assert all(len(mappings) == 1 for mappings in found.values()), found
    assert len({mappings[0].inode for mappings in found.values()}) == 1
    whole = sum(mappings[0].pss_kib for mappings in found.values())
    largest = max(mappings[0].rss_kib for mappings in found.values())
    assert whole <= largest, "what is shared is counted once in all"


def test_a_new_worker_has_the_crls(start: StartService, site: Site, pki: EdgePki) -> None:
    client = pki.issue("alice")
    site.put(pki.crl(client))
    service = start(workers=2, revocation=REVOCATION)
    replace_workers(service, *service.workers)
    assert verdicts(service, site, question(client)) == {"revoked"}


def test_an_index_that_is_no_longer_used_is_let_go_by_all(start: StartService, site: Site, pki: EdgePki) -> None:
    site.put(pki.crl())
    service = start(workers=2, revocation=REVOCATION)
    processes = [service.pid, *service.workers]
    client = pki.issue("alice")
    for number in range(2, 6):
        site.put(pki.crl(client, number=number))
        eventually(
            lambda number=number: service.metric("extauthz_crl_number", crl="issuing.crl") == number or None,  # type: ignore[misc]  # a loop variable
            "the new number",
        )
    eventually(lambda: verdicts(service, site, question(client)) == {"revoked"} or None, "the last CRL")
    for one in processes:
        assert len(index_mappings(one)) <= 2, "the newest of a line, and what a cache may still hold"


def test_required_crls_are_waited_for_by_all(start: StartService, site: Site, pki: EdgePki) -> None:
    site.put(b"nonsense")
    service = start(wait=False, workers=2, revocation=REVOCATION)
    assert service.wait_for_crls()["sources"] == ["issuing.crl"]
    assert service.get("/readyz").json()["reasons"] == ["waiting_for_crls"]
    site.put(pki.crl())
    service.event("ready")
    assert allowed(ask_anew(service, question(pki.issue("alice"))))

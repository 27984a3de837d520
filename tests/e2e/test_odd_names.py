"""Any name a certificate may bear passes Envoy's XFCC, our comparison with it, and Envoy's check of our headers.

``validate_mutations: true`` turns one bad header into a 500, and a Subject that we read differently than Envoy wrote it
is ``source_inconsistent``: neither may happen to an honest client, whatever it is called.
"""

from itertools import count
from urllib.parse import unquote

import pytest

from support.edge import Edge
from support.edge_pki import EdgePki
from support.odd_names import NAMES, OU, REFUSED, attribute, subject

METADATA_CHARACTERS = 2048
"""Where the metadata cuts a text; the header has the whole."""
_files = count()


@pytest.mark.parametrize("title", NAMES)
def test_an_honest_client_passes_under_its_own_name(plain_edge: Edge, authority: EdgePki, title: str) -> None:
    encoded, expected = NAMES[title]
    client = authority.client(f"odd-{next(_files)}", raw_subject=encoded, san_critical=True)
    answer = plain_edge.ask(client)
    said = plain_edge.logged(answer)["extauthz"]
    assert (answer.status, said["reason"]) == (200, "allowed"), plain_edge.decided(answer)["detail"]
    assert plain_edge.decided(answer)["sources"] == ["envoy_peer", "xfcc"]
    header = answer.identity_headers().get("x-client-cert-subject", "")
    assert header.isascii()
    assert header.isprintable()
    shown = said["identity"].get("subject", "")
    assert unquote(header) == shown or (len(shown) == METADATA_CHARACTERS and unquote(header).startswith(shown))
    if expected or title == "no subject at all":
        assert unquote(header) == expected


@pytest.mark.parametrize("title", REFUSED)
def test_a_name_that_would_lie_is_refused_with_a_deny(plain_edge: Edge, authority: EdgePki, title: str) -> None:
    client = authority.client(f"odd-{next(_files)}", raw_subject=REFUSED[title])
    answer = plain_edge.ask(client)
    assert (answer.status, plain_edge.reason(answer)) == (403, "certificate_malformed")
    assert not plain_edge.reached(answer)


@pytest.mark.parametrize(
    ("title", "options"),
    [
        ("300 dns names", {"dns": [f"n{number}.clients.example" for number in range(300)]}),
        ("percent and plus", {"uris": ["urn:a%2Fb+c"], "emails": ["a+b%c@example.com"]}),
        ("two uris", {"uris": ["https://a.example/x?y=z&q", "spiffe://example.org/not-alone"]}),
        ("upper case and wildcard", {"dns": ["UPPER.Example", "*.w.example", "_srv.example"]}),
        ("upn outside ascii", {"upns": ["zoë@corp.example"]}),
        ("comma in a upn", {"upns": ["a,b@corp.example"]}),
        ("no alternative name", {"no_san": True}),
    ],
)
def test_alternative_names_pass(plain_edge: Edge, authority: EdgePki, title: str, options: dict[str, object]) -> None:
    client = authority.client(f"odd-{next(_files)}", **options)  # type: ignore[arg-type]  # the keywords of Options
    answer = plain_edge.ask(client)
    said = plain_edge.logged(answer)["extauthz"]
    assert (answer.status, said["reason"]) == (200, "allowed"), plain_edge.decided(answer)["detail"]
    header = answer.identity_headers().get("x-client-cert-san", "")
    sent = [value for key, values in options.items() if key != "no_san" for value in values]  # type: ignore[attr-defined]  # lists
    assert [unquote(one).partition(":")[2] for one in header.split(",") if one] == sent


def test_a_subject_of_hundreds_of_attributes_is_denied_and_never_a_500(plain_edge: Edge, authority: EdgePki) -> None:
    units = [attribute(OU, f"{number:03}" + "x" * 60) for number in range(300)]
    answer = plain_edge.ask(authority.client("endless", raw_subject=subject(*units)))
    assert (answer.status, plain_edge.reason(answer)) == (403, "certificate_too_large")


def test_a_thousand_names_are_denied_and_never_a_500(plain_edge: Edge, authority: EdgePki) -> None:
    names = [f"n{number}.clients.example" for number in range(1000)]
    answer = plain_edge.ask(authority.client("thousand", dns=names))
    assert (answer.status, plain_edge.reason(answer)) == (403, "identity_too_large")
    answer = plain_edge.ask(authority.client("thousand-and-one", dns=[*names, "one.more.example"]))
    assert (answer.status, plain_edge.reason(answer)) == (403, "certificate_too_large")

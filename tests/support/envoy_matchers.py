"""Envoy's subjectAltName matchers: for each sort, a name that Envoy accepts by it, and one that it refuses."""

from typing import NamedTuple

from support import pki
from support.certificates import Options


class MatcherCase(NamedTuple):
    """One matcher. Names are typed, as ``uri:spiffe://a``."""

    san_type: str
    kind: str
    """Field of ``StringMatcher``; with ``ignore_case`` where a ``/i`` follows."""
    text: str
    accepted: str
    refused: str

    def matcher(self) -> dict[str, object]:
        """Return an item of ``match_typed_subject_alt_names``."""
        kind, _, flag = self.kind.partition("/")
        value: object = {"regex": self.text} if kind == "safe_regex" else self.text
        matcher: dict[str, object] = {kind: value, **({"ignore_case": True} if flag else {})}
        return {
            "san_type": self.san_type,
            **({"oid": pki.UPN_OID} if self.san_type == "OTHER_NAME" else {}),
            "matcher": matcher,
        }


def options_of(name: str) -> Options:
    """Return the options that give a certificate this one typed name."""
    san_type, _, value = name.partition(":")
    match san_type:
        case "dns":
            return {"dns": [value]}
        case "email":
            return {"emails": [value]}
        case "ip":
            return {"ips": [value]}
        case "upn":
            return {"upns": [value]}
    assert san_type == "uri"
    return {"uris": [value]}


CASES = [
    MatcherCase("URI", "exact", "spiffe://a/web", "uri:spiffe://a/web", "uri:spiffe://a/webs"),
    MatcherCase("URI", "exact", "spiffe://a/web", "uri:spiffe://a/web", "dns:spiffe.a"),
    MatcherCase("URI", "exact", "https://a/*", "uri:https://a/*", "uri:https://a/b"),
    MatcherCase("URI", "exact", "re:x", "uri:re:x", "uri:x:y"),
    MatcherCase("URI", "exact/i", "HTTPS://a/B", "uri:https://A/b", "uri:https://A/c"),
    MatcherCase("URI", "exact", "https://a/B", "uri:https://a/B", "uri:https://a/b"),
    MatcherCase("URI", "prefix", "spiffe://a.b/ns/", "uri:spiffe://a.b/ns/x", "uri:spiffe://axb/ns/x"),
    MatcherCase("URI", "prefix/i", "spiffe://A/", "uri:spiffe://a/x", "uri:spiffe://b/a/"),
    MatcherCase("URI", "suffix", "/sa/web", "uri:spiffe://a/sa/web", "uri:spiffe://a/sa/web/x"),
    MatcherCase("URI", "suffix/i", "/SA/web", "uri:spiffe://a/sa/WEB", "uri:spiffe://a/sa/we"),
    MatcherCase("URI", "contains", "/ns/prod/", "uri:spiffe://a/ns/prod/x", "uri:spiffe://a/ns/PROD/x"),
    MatcherCase("URI", "contains/i", "/NS/", "uri:spiffe://a/ns/x", "uri:spiffe://a/n/s"),
    MatcherCase("URI", "safe_regex", "spiffe://a/[0-9]+", "uri:spiffe://a/12", "uri:spiffe://a/12x"),
    MatcherCase("URI", "safe_regex", "spiffe://(a|b)/x", "uri:spiffe://b/x", "uri:xspiffe://b/x"),
    MatcherCase("URI", "safe_regex", "urn:a|urn:b", "uri:urn:b", "uri:urn:bc"),
    MatcherCase("DNS", "exact", "api.example.com", "dns:api.example.com", "dns:api.example.com.evil.net"),
    MatcherCase("DNS", "exact", "API.example.com", "dns:api.Example.COM", "dns:a.example.com"),
    # A wildcard in the certificate stands for the names below it, one label deep.
    MatcherCase("DNS", "exact", "api.example.com", "dns:*.example.com", "dns:*.com"),
    MatcherCase("DNS", "exact", "api.example.com", "dns:*.EXAMPLE.com", "dns:*.api.example.com"),
    MatcherCase("DNS", "exact", "*.example.com", "dns:*.example.com", "dns:a.example.com"),
    MatcherCase("DNS", "exact", "host", "dns:host", "dns:*.host"),
    MatcherCase("DNS", "prefix", "api.", "dns:api.example.com", "dns:xapi.example.com"),
    MatcherCase("DNS", "prefix/i", "API.", "dns:api.example.com", "dns:ap.example.com"),
    MatcherCase("DNS", "suffix", ".example.com", "dns:a.b.example.com", "dns:example.com"),
    MatcherCase("DNS", "suffix/i", ".EXAMPLE.com", "dns:a.example.com", "dns:a.examplexcom"),
    MatcherCase("DNS", "contains", "prod", "dns:a.prod.example", "dns:a.test.example"),
    MatcherCase("DNS", "safe_regex", r"web-[0-9]+\.example", "dns:web-7.example", "dns:web-7.example.net"),
    MatcherCase("EMAIL", "exact", "alice@example.com", "email:alice@example.com", "email:Alice@example.com"),
    MatcherCase("EMAIL", "exact", "a*b@example.com", "email:a*b@example.com", "email:axb@example.com"),
    MatcherCase("EMAIL", "exact", "Alice@Example.com", "email:Alice@Example.com", "email:alice@Example.com"),
    MatcherCase("EMAIL", "exact/i", "ALICE@example.com", "email:alice@Example.com", "email:bob@example.com"),
    MatcherCase("EMAIL", "prefix", "svc-", "email:svc-1@example.com", "email:SVC-1@example.com"),
    MatcherCase("EMAIL", "prefix", "svc@Exam", "email:svc@Example.com", "email:svc@other.com"),
    MatcherCase("EMAIL", "suffix", "@Example.com", "email:a@Example.com", "email:a@Example.com.evil.net"),
    MatcherCase("EMAIL", "suffix", ".Example.com", "email:a@b.Example.com", "email:a@Example.com"),
    MatcherCase("EMAIL", "contains", "+ops@", "email:a+ops@example.com", "email:a+op@example.com"),
    MatcherCase("EMAIL", "contains", "Ops", "email:Ops@example.com", "email:ops@example.com"),
    MatcherCase("EMAIL", "safe_regex", r"[a-z]+@example\.com", "email:bob@example.com", "email:bob1@example.com"),
    MatcherCase("IP_ADDRESS", "exact", "10.0.0.1", "ip:10.0.0.1", "ip:10.0.0.10"),
    MatcherCase("IP_ADDRESS", "exact/i", "2001:DB8::1", "ip:2001:db8::1", "ip:2001:db8::2"),
    MatcherCase("IP_ADDRESS", "prefix", "10.1.", "ip:10.1.255.255", "ip:10.10.0.1"),
    MatcherCase("IP_ADDRESS", "prefix", "10.", "ip:10.255.0.1", "ip:100.0.0.1"),
    MatcherCase("IP_ADDRESS", "prefix", "192.168.7.", "ip:192.168.7.9", "ip:192.168.77.9"),
    MatcherCase("OTHER_NAME", "exact", "alice@corp.example", "upn:alice@corp.example", "upn:bob@corp.example"),
    MatcherCase("OTHER_NAME", "suffix", "@corp.example", "upn:bob@corp.example", "email:bob@corp.example"),
    MatcherCase("OTHER_NAME", "prefix", "svc-", "upn:svc-1@corp.example", "upn:asvc-1@corp.example"),
]

from pathlib import Path
from typing import Final

import pytest

from extauthz.doctor.code import Code
from extauthz.doctor.examine import Given
from extauthz.doctor.finding import UnreadableError
from extauthz.doctor.haproxy.parse import parse
from support.config_site import Site
from support.doctor import Case, check, codes, findings, replaced, uncovered, write
from support.doctor_haproxy import FINE, HTTP
from support.doctor_haproxy_written import TRAILERS, WRITTEN

NAMES_ONLY: Final = {**HTTP, "trust": "trust: {anchors: [pki/root.pem], chain: issuer_name}"}
ASK: Final = "    http-request lua.extauthz\n"
DENY: Final = "    http-request deny deny_status 503 unless { var(txn.extauthz) -m str allow }\n"
REMOVE: Final = "    http-request del-header ^x[^a-z0-9]client[^a-z0-9]cert[^a-z0-9] -m reg\n"
BIND: Final = "    bind :8443 ssl crt edge.pem verify optional ca-file root.pem crt-ignore-err all"
LEADS: Final = "    default_backend application\n"
SERVER: Final = "    server one 10.0.0.5:8080 check\n"


def case(old: str, new: str, *finds: Code, sections: dict[str, str] | None = None, text: str = "") -> Case:
    return Case(lambda whole: replaced(whole, old, new), finds, sections or HTTP, text)


def _denies(condition: str, *finds: Code, text: str = "") -> Case:
    """Return a case with another rule behind the question; the words before a semicolon are an ACL."""
    acl, _, rule = condition.rpartition(";")
    return case(
        DENY, f"    acl {acl}\n    http-request {rule}\n" if acl else f"    http-request {rule}\n", *finds, text=text
    )


def _beside(*lines: str, finds: tuple[Code, ...] = (), text: str = "") -> Case:
    """Return a case with another frontend, which wants no certificates and asks nobody."""
    added = "".join(f"    {line}\n" for line in lines)
    return Case(lambda whole: f"{whole}frontend other\n    bind :8080\n{added}", finds, HTTP, text)


def _in_backend(whole: str, before: str = "") -> str:
    """Ask in the backend instead of in the frontend."""
    whole = replaced(replaced(replaced(whole, ASK, ""), DENY, ""), REMOVE, REMOVE + before)
    return replaced(whole, SERVER, ASK + DENY + SERVER)


BESIDE: Final = (Code.HAPROXY_OPEN_BESIDE,)
FAILS_OPEN: Final = Code.HAPROXY_FAILS_OPEN
PARTLY: Final = Code.HAPROXY_PARTLY_ENFORCED
FORGEABLE: Final = Code.HAPROXY_IDENTITY_FORGEABLE
ALLOWED_BEFORE: Final = Code.HAPROXY_ALLOWED_BEFORE

CASES: Final[dict[str, Case]] = {
    "asks nowhere": case(ASK, "", Code.HAPROXY_QUESTION_MISSING, text="no http-request runs"),
    "runs another script": case("lua.extauthz\n", "lua.rewrite\n", Code.HAPROXY_QUESTION_MISSING),
    "asks by SPOE": case("lua.extauthz\n", "send-spoe-group ask-auth all\n"),
    "asks by a filter": case(ASK, "    filter spoe engine ask-auth config spoe.cfg\n"),
    "asks by a filter of which nothing comes": Case(
        lambda whole: replaced(replaced(whole, DENY, ""), ASK, "    filter spoe engine ask-auth config spoe.cfg\n"),
        [Code.HAPROXY_ANSWER_NOT_ENFORCED],
        HTTP,
    ),
    "filters something else": case(ASK, "    filter\n    filter compression\n", Code.HAPROXY_QUESTION_MISSING),
    "passes on bytes": case("    mode http\n", "    mode tcp\n", Code.HAPROXY_QUESTION_MISSING),
    "another frontend with certificates does not ask": Case(
        lambda whole: f"{whole}frontend other\n{BIND}\n{LEADS}",
        [Code.HAPROXY_QUESTION_MISSING],
        HTTP,
        "frontend other > default_backend (default_backend application)",
    ),
    "asks in the backend": Case(_in_backend, (), HTTP),
    "asks in a named section of defaults": Case(
        lambda whole: replaced(
            replaced(replaced(whole, ASK, ""), DENY, "").replace("frontend https", "frontend https from asking"),
            "    mode http\n",
            f"    mode http\ndefaults asking\n    mode http\n{ASK}{DENY}defaults\n    mode http\n",
        ),
        (),
        HTTP,
    ),
    "asks in the defaults of defaults": Case(
        lambda whole: replaced(
            replaced(replaced(whole, ASK, ""), DENY, ""),
            "defaults\n    mode http\n",
            f"defaults base\n    mode http\n{ASK}{DENY}defaults more from base\n    timeout client 1s\n",
        ),
        (),
        HTTP,
    ),
    "asks where it listens": Case(
        lambda whole: replaced(
            replaced(replaced(whole, "frontend https", "listen https"), LEADS, ""), "backend application\n", ""
        ),
        (),
        HTTP,
    ),
    "the answer is not looked at": case(DENY, "", Code.HAPROXY_ANSWER_NOT_ENFORCED, text="lua.extauthz"),
    "the answer is looked at before": Case(
        lambda whole: replaced(replaced(whole, DENY, ""), ASK, DENY + ASK), [Code.HAPROXY_ANSWER_NOT_ENFORCED], HTTP
    ),
    "something else is looked at": _denies("deny if { src 10.0.0.0/8 }", Code.HAPROXY_ANSWER_NOT_ENFORCED),
    "denies all that is not allowed": _denies("deny if !{ var(txn.extauthz) -m str allow }"),
    "denies all that is not allowed, apart": _denies("deny if ! { var(txn.extauthz) -m str allow }"),
    "denies all that is not allowed by name": _denies("allowed var(txn.extauthz) -m str allow;deny unless allowed"),
    "denies all that is not allowed by name, turned": _denies("allowed var(txn.a) -m bool;deny if !allowed"),
    "denies all that is not allowed, or is from elsewhere": _denies(
        "deny if { src 10.0.0.0/8 } || !{ var(txn.a) -m bool }"
    ),
    "lets in what is allowed and more": _denies("deny unless { var(txn.a) -m bool } { src 10.0.0.0/8 }"),
    "denies all": _denies("deny"),
    "rejects": _denies("reject unless { var(txn.extauthz) -m str allow }"),
    "denies what is denied": _denies("deny if { var(txn.extauthz) -m str deny }", FAILS_OPEN, text="str deny"),
    "denies what is denied, turned": _denies("deny unless !{ var(txn.extauthz) -m str deny }", FAILS_OPEN),
    "exempts a path": _denies("deny unless { var(txn.a) -m bool } or { path /health }", PARTLY, text="/health"),
    "denies below a path": _denies("deny if { path_beg /api } !{ var(txn.a) -m bool }", PARTLY),
    "exempts a path by an ACL": _denies("open path_beg /open;deny if !{ var(txn.a) -m bool } !open", PARTLY),
    "denies below a path and everywhere": case(
        DENY, f"    http-request deny if {{ path_beg /api }} !{{ var(txn.a) -m bool }}\n{DENY}"
    ),
    "allows before": case(ASK, f"    http-request allow if {{ path_beg /open }}\n{ASK}", ALLOWED_BEFORE, text="/open"),
    "allows between": case(DENY, f"    http-request allow if {{ path_beg /open }}\n{DENY}", ALLOWED_BEFORE),
    "allows behind": case(DENY, f"{DENY}    http-request allow\n"),
    "allows in the frontend and asks in the backend": Case(
        lambda whole: _in_backend(whole, "    http-request allow\n"), (), HTTP
    ),
    "answers before": case(ASK, f"    http-request return status 200 if {{ path /health }}\n{ASK}"),
    "beside": _beside("default_backend application", finds=BESIDE, text="frontend other > default_backend"),
    "beside by a condition": _beside("use_backend application if { path_beg /a }", finds=BESIDE),
    "beside by what a fetch says": _beside("use_backend %[req.hdr(host)]"),
    "beside to another backend": _beside("default_backend pages"),
    "beside and redirects": _beside("http-request redirect scheme https code 301", "default_backend application"),
    "beside and redirects in other words": _beside(
        "redirect scheme https if !{ ssl_fc }", "default_backend application"
    ),
    "beside and redirects some": _beside(
        "http-request redirect scheme https if { path /login }", "default_backend application", finds=BESIDE
    ),
    "beside at the same address": Case(
        lambda whole: f"{whole}listen other\n    bind :8080\n    server two 10.0.0.5:8080\n",
        BESIDE,
        HTTP,
        "listen other",
    ),
    "beside at another address": Case(
        lambda whole: f"{whole}listen other\n    bind :8080\n    server two 10.0.0.6:8080\n", (), HTTP
    ),
    "beside by plain connections": _beside("mode tcp", "default_backend application", finds=BESIDE),
    "asks beside too": Case(
        lambda whole: f"{whole}frontend other\n    bind :8080\n{TRAILERS}{REMOVE}{ASK}{DENY}{LEADS}",
        [Code.HAPROXY_CERTIFICATE_NOT_REQUESTED],
        HTTP,
        "frontend other",
    ),
    "identity headers not removed": case(REMOVE, "", FORGEABLE, text="(x-client-cert-subject, x-client-cert-cn)"),
    "identity headers removed under a condition": case(
        REMOVE, "    http-request del-header x-client-cert- -m beg if { src 10.0.0.1 }\n", FORGEABLE
    ),
    "one identity header not removed": case(
        REMOVE,
        "    http-request del-header X-Client-Cert-Subject\n",
        FORGEABLE,
        Code.HAPROXY_UNDERSCORES,
        text="(x-client-cert-cn)",
    ),
    "identity headers removed by an expression that is none": case(
        REMOVE, "    http-request del-header x-client-cert-( -m reg\n", FORGEABLE
    ),
    "identity headers removed by their beginning": case(
        REMOVE, "    http-request del-header x-client-cert- -m beg\n", Code.HAPROXY_UNDERSCORES
    ),
    "identity headers removed by a part": case(
        REMOVE, "    http-request del-header client-cert -m sub\n", Code.HAPROXY_UNDERSCORES
    ),
    "identity headers removed by their ends": case(
        REMOVE,
        "    http-request del-header -cn -m end\n    http-request del-header x-client-cert-subject -m str\n",
        Code.HAPROXY_UNDERSCORES,
    ),
    "identity headers replaced": case(
        REMOVE,
        "    http-request set-header X-Client-Cert-Subject %[var(txn.a)]\n"
        "    http-request set-header X-Client-Cert-Cn %[var(txn.b)]\n",
        Code.HAPROXY_UNDERSCORES,
    ),
    "identity headers removed in the backend": Case(
        lambda whole: replaced(replaced(whole, REMOVE, ""), SERVER, REMOVE + SERVER), (), HTTP
    ),
    "untrusted accepted": case(
        "# extauthz verifies",
        "",
        Code.CONFIG_CHAIN_NOT_VERIFIED,
        Code.HAPROXY_UNTRUSTED_ACCEPTED,
        sections=NAMES_ONLY,
    ),
    "verified there": case(" crt-ignore-err all", "", Code.CONFIG_CHAIN_NOT_VERIFIED, sections=NAMES_ONLY),
    "certificate not requested": case("verify optional", "verify none", Code.HAPROXY_CERTIFICATE_NOT_REQUESTED),
    "certificate never mentioned": case(
        "verify optional ca-file root.pem crt-ignore-err all", "", Code.HAPROXY_CERTIFICATE_NOT_REQUESTED
    ),
    "no listener": case(
        "global\n", "global\n", Code.CONFIG_HTTP_NOT_LISTENING, sections={"sources": "sources: [{type: xfcc}]"}
    ),
}

ALL: Final = {**CASES, **WRITTEN}


def test_every_code_is_found_by_some_case() -> None:
    of_the_script = {Code.HAPROXY_OTHER_PREFIX}  # test_haproxy_script.py
    assert uncovered(ALL.values(), "haproxy_") == of_the_script


def test_nothing_is_found_in_a_good_one(site: Site, tmp_path: Path) -> None:
    assert findings(site, Given(haproxy=[write(tmp_path / "haproxy.cfg", FINE)]), HTTP) == []


@pytest.mark.parametrize("one", ALL.values(), ids=ALL)
def test_a_change_is_found_or_is_a_near_miss(site: Site, tmp_path: Path, one: Case) -> None:
    text = str(one.change(FINE))
    check(site, one, Given(haproxy=[write(tmp_path / "haproxy.cfg", text)]))


def test_files_are_read_in_their_order(site: Site, tmp_path: Path) -> None:
    head, _, tail = replaced(FINE, DENY, "").partition("frontend")
    first, second = write(tmp_path / "a.cfg", head), write(tmp_path / "b.cfg", f"frontend{tail}")
    (found,) = findings(site, Given(haproxy=[first, second]), HTTP)
    assert (found.code, found.file, found.line) == (Code.HAPROXY_ANSWER_NOT_ENFORCED, str(second), 5)
    # Without the defaults of the first one the frontend does not speak HTTP.
    assert codes(findings(site, Given(haproxy=[second]), HTTP)) == [Code.HAPROXY_QUESTION_MISSING]


def test_quotes_escapes_and_comments_are_read() -> None:
    (section,) = parse('frontend a # b\n  acl "c \\"d" \'e\\f\'\\ g #h\n\n  # i\n', "h.cfg")
    assert (section.kind, section.name) == ("frontend", "a")
    (line,) = section.lines
    assert (line.words, line.number) == (("acl", 'c "d', "e\\f g"), 2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("global\n", "has nothing to examine: no frontend or listen section"),
        ("a: 1\n", r":1: this is not a configuration of HAProxy: it begins with no section"),
        ('frontend a\n  acl "b\n', r":2: this is not a configuration of HAProxy: a quote or a line does not end"),
        (" \n", "the input is empty"),
    ],
)
def test_what_is_no_configuration_is_refused(site: Site, tmp_path: Path, text: str, why: str) -> None:
    path = write(tmp_path / "haproxy.cfg", text)
    with pytest.raises(UnreadableError, match=why) as caught:
        findings(site, Given(haproxy=[path]), HTTP)
    assert str(caught.value).startswith(str(path)) or text.isspace()


def test_a_condition_may_stand_before_the_first_section(site: Site, tmp_path: Path) -> None:
    path = write(tmp_path / "haproxy.cfg", f".if defined(A)\n{FINE}.endif\n")
    assert findings(site, Given(haproxy=[path]), HTTP) == []

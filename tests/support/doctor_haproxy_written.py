"""HAProxy with rules that write what they should not, or leave in what they should not; and what looks like it."""

from typing import Final

from extauthz.doctor.code import Code
from support.doctor import Case
from support.doctor_haproxy import FINE, HTTP

ASK: Final = "    http-request lua.extauthz\n"
DENY: Final = "unless { var(txn.extauthz) -m str allow }\n"
SERVER: Final = "    server one 10.0.0.5:8080 check\n"
REMOVE: Final = next(f"{line}\n" for line in FINE.splitlines() if "del-header" in line)
TRAILERS: Final = next(f"{line}\n" for line in FINE.splitlines() if "content-length" in line)
OVERWRITTEN: Final = Code.HAPROXY_IDENTITY_OVERWRITTEN
ANSWER: Final = Code.HAPROXY_ANSWER_OVERWRITTEN
UNDERSCORES: Final = Code.HAPROXY_UNDERSCORES
PATH: Final = Code.HAPROXY_PATH_CHANGED
PASSED: Final = Code.HAPROXY_TRAILERS_PASSED
FROM_CLIENT: Final = "set-header X-Client-Cert-Cn %[req.hdr(x-foo)]"


def _changed(old: str, new: str, *finds: Code, text: str = "") -> Case:
    def change(whole: str) -> str:
        assert old in whole
        return whole.replace(old, new)

    return Case(change, finds, HTTP, text)


def _behind(rule: str, *finds: Code, text: str = "") -> Case:
    """Return a case with a rule behind the question."""
    return _changed(ASK, f"{ASK}    http-request {rule}\n", *finds, text=text)


def _before(rule: str, *finds: Code) -> Case:
    """Return a case with a rule right before the question."""
    return _changed(ASK, f"    http-request {rule}\n{ASK}", *finds)


def _in_backend(rule: str, *finds: Code) -> Case:
    return _changed(SERVER, f"    http-request {rule}\n{SERVER}", *finds)


WRITTEN: Final[dict[str, Case]] = {
    "identity written from another header": _behind(FROM_CLIENT, OVERWRITTEN, text=FROM_CLIENT),
    "identity added from another header": _behind("add-header x-client-cert-cn %[req.fhdr(x-foo,1)]", OVERWRITTEN),
    "identity replaced from the path": _behind("replace-header X-Client-Cert-Cn .* a%[path]", OVERWRITTEN),
    "identity written under a condition": _behind(f"{FROM_CLIENT} if {{ path /a }}", OVERWRITTEN),
    "identity written in the backend": _in_backend(FROM_CLIENT, OVERWRITTEN),
    "identity written before the question and behind the removal": _before(FROM_CLIENT, OVERWRITTEN),
    "identity written before the removal": _changed(REMOVE, f"    http-request {FROM_CLIENT}\n{REMOVE}"),
    "identity written from what the script left": _behind("set-header X-Client-Cert-Cn %[var(txn.cn)]"),
    "identity written as a text": _behind("set-header X-Client-Cert-Cn hdr"),
    "identity written from another identity header": _behind(
        "set-header X-Client-Cert-Cn %[req.hdr(x-client-cert-subject)]"
    ),
    "another header written": _behind("set-header X-Other %[req.hdr(x-foo)]"),
    "a header without a name": _behind("set-header"),
    "the answer written under a condition": _behind(
        "set-var(txn.extauthz) str(allow) if { path_beg /open }", ANSWER, text="path_beg /open"
    ),
    "the answer written before": _before("set-var(txn.extauthz) str(allow)", ANSWER),
    "the answer written from the request": _behind("set-var-fmt(txn.extauthz) %[req.hdr(x-foo)]", ANSWER),
    "the answer is a denial at first": _before("set-var(txn.extauthz) str(deny)"),
    "the answer is a text for no at first": _before('set-var-fmt(txn.extauthz) "deny"'),
    "another variable written": _behind("set-var(txn.other) path"),
    "whoever is asked about is let in": _changed(
        DENY, "unless { var(txn.extauthz) -m found }\n", Code.HAPROXY_FAILS_OPEN
    ),
    "whoever is denied is let in": _changed(
        DENY, "unless { var(txn.extauthz) -m str deny }\n", Code.HAPROXY_FAILS_OPEN
    ),
    "another variable is looked at": Case(
        lambda whole: whole.replace(DENY, "unless { var(txn.method) -m str GET }\n").replace(
            ASK, f"    http-request set-var(txn.method) method\n{ASK}"
        ),
        [ANSWER],
        HTTP,
    ),
    "a truth is looked at": _changed(DENY, "if ! { var(txn.successful) -m bool }\n"),
    "path replaced behind the question": _behind("replace-path /ops(.*) /\\1", PATH),
    "path written in the backend": _in_backend("set-path /ops%[path]", PATH),
    "path written before the question": _before("set-path /ops%[path]"),
    "trailers passed": _changed(TRAILERS, "", PASSED, text="lua.extauthz"),
    "trailers refused by an ACL": _changed(
        TRAILERS,
        "    acl ends req.fhdr(content-length) -m found\n    http-request deny unless ends\n",
    ),
    "names with signs refused": Case(
        lambda whole: whole.replace(REMOVE, "    http-request del-header x-client-cert- -m beg\n").replace(
            "    mode http\n", "    mode http\n    option http-restrict-req-hdr-names reject\n"
        ),
        [],
        HTTP,
    ),
    "names with signs kept": Case(
        lambda whole: whole.replace(REMOVE, "    http-request del-header ^x-client-cert- -m reg\n").replace(
            "    mode http\n", "    mode http\n    option http-restrict-req-hdr-names preserve\n"
        ),
        [UNDERSCORES],
        HTTP,
        "x_client_cert_subject, x_client_cert_cn",
    ),
}

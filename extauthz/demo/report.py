"""What the demo prints: the table, what went wrong, and for ``--keep`` what to try."""

from collections.abc import Iterator, Sequence

from extauthz.demo.run import Result
from extauthz.demo.stack import DemoStack
from extauthz.demo.table import Column, render_table

SHOWN_HEADERS = ("edipi", "kind", "cn", "spiffe-id", "policy")
"""The identity headers that the table has room for, what is particular first."""
USUAL_KINDS = frozenset({"software", "spiffe"})
"""Kinds that say no more than the other headers do."""

_COLUMNS = (
    Column("#", right=True),
    Column("client"),
    Column("request", may_be_cut=True),
    Column("status", right=True),
    Column("reason"),
    Column("upstream saw", may_be_cut=True),
    Column("ms", right=True),
    Column(""),
)


def table_lines(results: Sequence[Result]) -> list[str]:
    """Return the table of all results, the last column saying whether each is as expected."""
    return render_table(_COLUMNS, [_row(number, result) for number, result in enumerate(results, 1)])


def note_lines(results: Sequence[Result]) -> Iterator[str]:
    """Yield what was measured beside the answers, and every difference from what was expected."""
    for number, result in enumerate(results, 1):
        if result.note:
            yield f"#{number}: {result.note}"
    for number, result in enumerate(results, 1):
        for problem in result.problems:
            yield f"#{number}: NOT AS EXPECTED: {problem}"


def verdict_line(results: Sequence[Result]) -> str:
    """Return ``N of N as expected``."""
    return f"{sum(not result.problems for result in results)} of {len(results)} as expected"


def invitation_lines(stack: DemoStack) -> Iterator[str]:
    """Yield what to try against the running demo."""
    base = f"https://localhost:{stack.port}"
    curl = "curl --cacert pki/root-ca.pem"
    yield f"Envoy is on {base}, extauthz behind it. Try:"
    yield ""
    yield f"  cd {stack.files.directory}"
    for name, remark in (("alice", "allowed"), ("carol", "denied: revoked a moment ago"), ("rogue", "denied")):
        yield f"  {curl} --cert pki/clients/{name}.chain.pem --key pki/clients/{name}.key {base}/   # {remark}"
    yield f"  {curl} {base}/   # denied: no certificate"
    yield "  ls pki/clients   # all clients; their names say what is particular about them"
    yield "  tail -f decisions.log   # what extauthz decided, and why"
    yield "  extauthz explain --config extauthz.yaml --cert pki/clients/alice.pem --path /ops/   # step by step"
    yield "  ${EDITOR:-vi} extauthz.yaml   # saved changes take effect at once; mistakes are reported in extauthz.log"
    yield "  curl --unix-socket admin.sock http://localhost/metrics   # what extauthz counts"
    yield ""
    yield "Ctrl-C ends and removes everything."


def _row(number: int, result: Result) -> list[str]:
    scenario = result.scenario
    request = f"{scenario.method} {scenario.path}"
    identity = {name: value for name, value in result.identity.items() if name != "kind" or value not in USUAL_KINDS}
    shown = [f"{name}={identity[name]}" for name in SHOWN_HEADERS if name in identity]
    return [
        str(number),
        scenario.client or "(none)",
        f"{request} {scenario.note}" if scenario.note else request,
        str(result.answer.status),
        result.decision.reason or "-",
        " ".join(shown) or "-",
        f"{result.answer.seconds * 1000:.1f}",
        "FAILED" if result.problems else "ok",
    ]

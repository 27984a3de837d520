"""What a waiting record keeps in memory, estimated: a client with a strange certificate decides how much that is.

An identity of 900 names takes 150 KiB, and thousands of records may wait. The estimate is never much too low, may be
too high where records share something, and takes about a microsecond for an ordinary certificate.
"""

from collections.abc import Sequence
from sys import getsizeof

from extauthz.model.decision import Step
from extauthz.model.forwarded import ForwardedIdentity
from extauthz.model.identity import CertIdentity
from extauthz.observe.decision_line import DecisionRecord

RECORD_BYTES = 1024
"""The record itself, its id, time and durations, and the short strings that everything shares."""
IDENTITY_BYTES = 2048
"""An identity without its texts of any length: times, fingerprints, key identifiers, FASC-N."""
ENTRY_BYTES = 128
"""One more object and its place in a tuple: a name, an OID (the parser takes none of over 63 bytes), a step."""


def record_weight(record: DecisionRecord) -> int:
    """Estimate the bytes that a record keeps from being freed while it waits."""
    weight = RECORD_BYTES + getsizeof(record.path) + getsizeof(record.host) + getsizeof(record.detail)
    weight += 4 * (len(record.method) + len(record.sni))  # a character takes four bytes at most
    if record.identity is not None:
        weight += _identity_weight(record.identity)
    return weight + _steps_weight(record.steps)


def _identity_weight(identity: CertIdentity | ForwardedIdentity) -> int:
    if isinstance(identity, ForwardedIdentity):
        return ENTRY_BYTES + getsizeof(identity.spiffe_id)
    entries = len(identity.sans) + len(identity.common_names) + len(identity.organizations)
    entries += len(identity.organizational_units) + len(identity.policy_oids) + len(identity.extended_key_usage)
    entries += len(identity.warnings)
    # The subject twice: its attributes stand there by themselves as well.
    weight = IDENTITY_BYTES + entries * ENTRY_BYTES + 2 * getsizeof(identity.subject_dn) + getsizeof(identity.issuer_dn)
    for san in identity.sans:
        weight += getsizeof(san.value)
    return weight


def _steps_weight(steps: Sequence[Step]) -> int:
    weight = 0
    for step in steps:
        weight += ENTRY_BYTES + getsizeof(step.outcome.detail)
        for rule in step.rules:
            weight += ENTRY_BYTES + getsizeof(rule.outcome.detail)
    return weight

"""The profiles of smart-card certificates: what is held against each kind, and what is odd about it only.

What a profile demands and a certificate lacks is of two sorts. What would make it another kind's is held against it;
what cards in circulation are known to lack or to add (a UUID, extended key usage, a further name) is odd, and becomes a
warning. Each check yields the ends of sentences that begin with the certificate, or nothing.

Profiles: X.509 Certificate and CRL Extensions Profiles of the FPKI Common Policy v2.2, worksheets 6, 7, 10, 16 and 17;
of the FPKI Bridge for PIV-I, worksheets 9 and 10.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from extauthz.model.identity import FascN, Kind

CARD_PURPOSE: Final = "id-PIV-cardAuth"

_CLIENT: Final = "clientAuth"
_LOGON: Final = "smartcardLogon"
_ANY: Final = "anyExtendedKeyUsage"
_SIGNS: Final = "digitalSignature"
_ISSUES: Final = ("keyCertSign", "cRLSign")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a certificate shows that bears on its kind."""

    policy_kinds: frozenset[Kind]
    """The kinds that its policies say."""
    card_policy: bool
    """Whether one of them is known to be Card Authentication's, in whatever profile."""
    other_policies: bool
    """Whether it has policies that say no kind."""
    purposes: tuple[str, ...]
    purposes_critical: bool
    key_usage: tuple[str, ...]
    is_ca: bool
    spiffe_id: str | None
    has_common_name: bool
    has_fasc_n: bool
    """Decodable or not."""
    fasc_n: FascN | None
    card_uuid: str | None
    other_names: bool
    """Whether subjectAltName holds more than a FASC-N and UUIDs."""
    is_dod: bool
    edipi: str | None


_Check = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True, slots=True)
class KindRules:
    """One kind's profile."""

    contradictions: tuple[_Check, ...]
    deviations: tuple[_Check, ...]

    def against(self, evidence: Evidence) -> str | None:
        """Return the first thing that makes it another kind's, or None."""
        return next(chain.from_iterable(check(evidence) for check in self.contradictions), None)

    def odd(self, evidence: Evidence) -> list[str]:
        """Return everything that the profile has otherwise and that is tolerated."""
        return list(chain.from_iterable(check(evidence) for check in self.deviations))


def _against_key(evidence: Evidence) -> Iterator[str]:
    if evidence.key_usage and _SIGNS not in evidence.key_usage:
        yield "its key usage lacks digitalSignature"
    if any(usage in evidence.key_usage for usage in _ISSUES):
        yield "its key may sign certificates or CRLs"


def _odd_about_key(evidence: Evidence) -> Iterator[str]:
    if evidence.key_usage != (_SIGNS,):
        yield "with another key usage than digitalSignature alone"


def _against_person(evidence: Evidence) -> Iterator[str]:
    if CARD_PURPOSE in evidence.purposes:
        yield "its purpose is Card Authentication"
    if evidence.purposes and not {_CLIENT, _LOGON, _ANY}.intersection(evidence.purposes):
        yield "no purpose of it is a client's"


def _against_card_policy(evidence: Evidence) -> Iterator[str]:
    if evidence.card_policy:
        yield "it has a policy of Card Authentication"


def _odd_about_person(evidence: Evidence) -> Iterator[str]:
    if not evidence.has_common_name:
        yield "without a common name"
    if not evidence.purposes:
        yield "without extended key usage"
    elif _ANY in evidence.purposes:
        yield "for any purpose"
    elif _CLIENT not in evidence.purposes:
        yield "without the purpose clientAuth"


def _odd_about_logon(evidence: Evidence) -> Iterator[str]:
    if evidence.purposes and not {_LOGON, _ANY}.intersection(evidence.purposes):
        yield "without the purpose smartcardLogon"


def _against_cac(evidence: Evidence) -> Iterator[str]:
    if not evidence.is_dod:
        yield "its issuer is not configured as the DoD's"
    if evidence.edipi is None:
        yield "its subject gives no EDIPI"
    if not evidence.policy_kinds <= {Kind.CAC, Kind.PIV_AUTH}:
        yield "it has the policy of another card beside"


def _against_derived(evidence: Evidence) -> Iterator[str]:
    if evidence.has_fasc_n:
        yield "it has a FASC-N"
    if evidence.card_uuid is None:
        yield "it has no UUID"


def _against_federal(evidence: Evidence) -> Iterator[str]:
    if not evidence.has_fasc_n and evidence.card_uuid is None:
        yield "it names no card"


def _odd_about_federal(evidence: Evidence) -> Iterator[str]:
    if not evidence.has_fasc_n:
        yield "without a FASC-N"
    elif evidence.fasc_n is not None and evidence.fasc_n.valid and not evidence.fasc_n.is_identifier:
        yield "with the FASC-N of a card that no federal agency issued"
    if evidence.card_uuid is None:
        yield "without a card UUID"


def _against_piv_i(evidence: Evidence) -> Iterator[str]:
    number = evidence.fasc_n
    if evidence.has_fasc_n and (number is None or not number.valid or number.is_identifier):
        yield "it has a FASC-N"
    if evidence.card_uuid is None:
        yield "it has no card UUID"


def _odd_about_piv_i(evidence: Evidence) -> Iterator[str]:
    if evidence.has_fasc_n:
        yield "with a FASC-N"


def _against_card(evidence: Evidence) -> Iterator[str]:
    if evidence.other_policies or len(evidence.policy_kinds) > 1:
        yield "it has other policies beside"
    if evidence.purposes not in ((), (CARD_PURPOSE,)):
        yield "its purpose is not Card Authentication alone"


def _odd_about_card(evidence: Evidence) -> Iterator[str]:
    if not evidence.purposes:
        yield "without extended key usage"
    elif not evidence.purposes_critical:
        yield "with an extended key usage that is not critical"
    if evidence.has_common_name:
        yield "with a common name"
    if evidence.other_names:
        yield "with names beside the card's"


_PERSON: Final = (_against_key, _against_person)
_PERSON_ODD: Final = (_odd_about_key, _odd_about_person)
_CARD: Final = (_against_key, _against_card)
_CARD_ODD: Final = (_odd_about_key, _odd_about_card)

RULES: Final[Mapping[Kind, KindRules]] = {
    Kind.PIV_AUTH: KindRules(
        (*_PERSON, _against_federal, _against_card_policy), (*_PERSON_ODD, _odd_about_logon, _odd_about_federal)
    ),
    Kind.PIV_CARD_AUTH: KindRules((*_CARD, _against_federal), (*_CARD_ODD, _odd_about_federal)),
    Kind.DERIVED_PIV: KindRules((*_PERSON, _against_derived, _against_card_policy), _PERSON_ODD),
    Kind.PIV_I_AUTH: KindRules(
        (*_PERSON, _against_piv_i, _against_card_policy), (*_PERSON_ODD, _odd_about_logon, _odd_about_piv_i)
    ),
    Kind.PIV_I_CARD_AUTH: KindRules((*_CARD, _against_piv_i), (*_CARD_ODD, _odd_about_piv_i)),
    Kind.CAC: KindRules((*_PERSON, _against_cac, _against_card_policy), _PERSON_ODD),
}
"""Of each kind that a policy can say."""

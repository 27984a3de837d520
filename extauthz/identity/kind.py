"""What sort of credential a certificate is: its policies say it, and the rest of it must not contradict.

    1  a CA is never a smart card, whatever policies it may issue under
    2  an X509-SVID is ``spiffe``; policies of smart cards in it mean nothing
    3  ``cac``: a policy of the DoD, an issuer that the operator calls the DoD's, and a subject with an EDIPI
    4  policies of exactly one other kind, and nothing against it by that kind's profile
    5  anything else is ``software``

A person's kind cannot be had by a certificate with any mark of Card Authentication (its policy, or its purpose): such
a key is used without a PIN, by whoever holds the card (FPKI Common Policy §1.4, §6.2.8). That mark is reported on its
own, so that a certificate that contradicts itself is not taken for an ordinary one.

"""

from typing import Final, NamedTuple

from extauthz.identity.kind_rules import CARD_PURPOSE, RULES, Evidence
from extauthz.model.identity import Kind

CARD_AUTH_KINDS: Final = frozenset({Kind.PIV_CARD_AUTH, Kind.PIV_I_CARD_AUTH})


class KindReading(NamedTuple):
    """The kind, whether anything is a mark of Card Authentication, and what is odd about it."""

    kind: Kind = Kind.SOFTWARE
    authenticates_card: bool = False
    warnings: tuple[str, ...] = ()


def read_kind(evidence: Evidence) -> KindReading:
    """Tell the kind. That the CA may assert these policies is not verified: ``profile`` says whom to believe."""
    asserted = evidence.policy_kinds
    if evidence.is_ca:  # 1
        return KindReading(Kind.SOFTWARE, CARD_PURPOSE in evidence.purposes)
    card = CARD_PURPOSE in evidence.purposes or evidence.card_policy
    if evidence.spiffe_id is not None:  # 2
        ignored = f"kind: the policy of {_listed(asserted)} means nothing in an X509-SVID"
        return KindReading(Kind.SPIFFE, card, (ignored,) if asserted else ())
    warnings: list[str] = []
    for kinds in (asserted & {Kind.CAC}, asserted - {Kind.CAC}):  # 3, 4
        if len(kinds) > 1:
            warnings.append(f"kind: the policies of {_listed(kinds)} contradict each other")
        for kind in kinds if len(kinds) == 1 else ():
            against = RULES[kind].against(evidence)
            if against is None:
                warnings += [f"kind: {kind.value} {deviation}" for deviation in RULES[kind].odd(evidence)]
                return KindReading(kind, card, tuple(warnings))
            warnings.append(f"kind: not {kind.value}: {against}")
    if not asserted and evidence.card_policy:
        warnings.append("kind: a policy of Card Authentication that `identity` gives no meaning")
    elif not asserted and card:
        warnings.append("kind: the purpose of Card Authentication without a policy of it")
    return KindReading(Kind.SOFTWARE, card, tuple(warnings))  # 5


def _listed(kinds: frozenset[Kind]) -> str:
    return ", ".join(sorted([kind.value for kind in kinds]))

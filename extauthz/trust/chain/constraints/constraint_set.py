"""The name constraints of one CA, put in order by form of name, so that holding a name to them takes no search.

Forms that are processed: directoryName, dNSName, rfc822Name, uniformResourceIdentifier, iPAddress. A constraint on
another form (otherName, such as a user principal name; registeredID), or one that cannot be read, is not passed over:
any name of that form below the CA is refused, also where the extension is not critical. The same goes for minimum and
maximum, which RFC 5280 does not use: they make the whole extension unreadable.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cryptography import x509

from extauthz.identity.general_names import USER_PRINCIPAL_NAME
from extauthz.model.quoted import quoted
from extauthz.trust.chain.constraints.directory import DirectoryTrees
from extauthz.trust.chain.constraints.dns import DnsTrees
from extauthz.trust.chain.constraints.email import EmailTrees
from extauthz.trust.chain.constraints.ip import IpTrees
from extauthz.trust.chain.constraints.names import ConstrainedNames
from extauthz.trust.chain.constraints.unprocessable import UnprocessableConstraint
from extauthz.trust.chain.constraints.uri import UriTrees

DIRECTORY: Final = "directory"
SMTP_UTF8_MAILBOX: Final = "othername:1.3.6.1.5.5.7.8.9"
"""RFC 9598 §6: constraints on rfc822Name apply to these too. They are not processed, so such a name is refused."""


class Trees(Protocol):
    """A set of subtrees of one form of name."""

    def permit(self, value: Any, /) -> bool:  # noqa: ANN401  (text, or the RDNs of a directory name)
        """Say whether a name lies within the subtrees for certain."""
        ...

    def exclude(self, value: Any, /) -> bool:  # noqa: ANN401  (the same)
        """Say whether a name may lie within the subtrees."""
        ...


_FORMS: Final[dict[type[x509.GeneralName], tuple[str, Callable[[Iterable[Any]], Trees]]]] = {
    x509.DNSName: ("dns", DnsTrees),
    x509.RFC822Name: ("email", EmailTrees),
    x509.UniformResourceIdentifier: ("uri", UriTrees),
    x509.IPAddress: ("ip", IpTrees),
    x509.DirectoryName: (DIRECTORY, DirectoryTrees),
}


@dataclass(frozen=True, slots=True)
class ConstraintSet:
    """The constraints of one CA. Keys are forms of name."""

    permitted: Mapping[str, Trees]
    excluded: Mapping[str, Trees]
    unprocessable: frozenset[str]

    def problem(self, names: ConstrainedNames) -> str | None:
        """Say which name is not within the constraints."""
        for form, value in names.texts:
            if (problem := self._problem(form, value, value)) is not None:
                return problem
        for text, keys in names.directory:
            if (problem := self._problem(DIRECTORY, text, keys)) is not None:
                return problem
        return None

    def _problem(self, form: str, text: str, value: object) -> str | None:
        """RFC 5280 §6.1.3 (b) and (c); the form's constraints hold only for names of that form."""
        if form in self.unprocessable:
            return f"its {form} name {quoted(text)} cannot be held to the name constraints"
        if (trees := self.permitted.get(form)) is not None and not trees.permit(value):
            return f"its {form} name {quoted(text)} is not within the name constraints"
        if (trees := self.excluded.get(form)) is not None and trees.exclude(value):
            return f"its {form} name {quoted(text)} is excluded by the name constraints"
        return None


def read_constraints(value: x509.NameConstraints) -> ConstraintSet:
    """Put the library's reading of the extension in order."""
    unprocessable: set[str] = set()
    permitted = _side(value.permitted_subtrees or (), unprocessable)
    excluded = _side(value.excluded_subtrees or (), unprocessable)
    if "email" in permitted or "email" in excluded:
        unprocessable.add(SMTP_UTF8_MAILBOX)
    return ConstraintSet(permitted, excluded, frozenset(unprocessable))


def _side(subtrees: Iterable[x509.GeneralName], unprocessable: set[str]) -> dict[str, Trees]:
    by_type: dict[type[x509.GeneralName], list[Any]] = {}
    for one in subtrees:
        if type(one) in _FORMS:
            by_type.setdefault(type(one), []).append(one.value)
        elif isinstance(one, x509.OtherName):
            dotted = one.type_id.dotted_string
            unprocessable |= {f"othername:{dotted}"} | ({"upn"} if dotted == USER_PRINCIPAL_NAME else set())
        else:
            unprocessable.add("rid")
    side: dict[str, Trees] = {}
    for kind, values in by_type.items():
        form, make = _FORMS[kind]
        try:
            side[form] = make(values)
        except UnprocessableConstraint:
            unprocessable.add(form)
    return side

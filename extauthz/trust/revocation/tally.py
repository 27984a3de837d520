"""How far the CRLs that do not list a certificate cover it (RFC 5280 §6.3.3 (b), (d), (e), (f), (l)).

Good needs a CRL in force for every reason. CRLs of the issuer that are signed with the key that issued the certificate
come first: what such a CRL covers, only such a CRL can vouch for, in force or not. Another key's CRL may say nothing
of this key's certificates (a CA that changed its key may publish one for each), so it counts only where the issuing
key has none, and when its signer is accepted. The RFC makes no such difference; this is the stricter reading.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from extauthz.identity.names import NameKey
from extauthz.trust.crl.load import Crl
from extauthz.trust.revocation.coverage import ANOTHER_POINT, misfit, names_of
from extauthz.trust.revocation.evidence import Acceptance
from extauthz.trust.revocation.line import Line
from extauthz.trust.revocation.reasons import ALL_REASONS, interim_reasons, reasons_text
from extauthz.trust.revocation.standing import Standing
from extauthz.trust.revocation.status import UnknownCause
from extauthz.trust.revocation.target import Point, Target
from extauthz.trust.window import Window

Accept = Callable[[Crl], Acceptance]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A CRL that is none for the certificate. Written out only when it is shown: there may be a thousand partitions."""

    crl: Crl
    why: str

    def __str__(self) -> str:
        return f"the {self.crl} {self.why}"


class Tally:
    """Goes through the distribution points, and notes what every line of CRLs adds.

    ``issuing_keys``: SHA-256 of the SubjectPublicKeyInfo of whoever issued the certificate. Empty when that is not
    known: then no line of the issuer that covers the certificate may be out of force.
    """

    def __init__(self, target: Target, issuing_keys: frozenset[bytes], accept: Accept) -> None:
        self._target = target
        self._issuing_keys = issuing_keys
        self._accept = accept
        self._accepted: dict[tuple[NameKey, bytes], Acceptance] = {}
        self._governed: frozenset[str] = frozenset()
        """Reasons for which the issuing key has a CRL."""
        self._in_force: frozenset[str] = frozenset()
        self._late: frozenset[str] = frozenset()
        self._perhaps: frozenset[str] = frozenset()
        """In force by a key of the issuer's name, when nobody knows which key issued the certificate."""
        self._late_too: frozenset[str] = frozenset()
        self._refused_too: frozenset[str] = frozenset()
        """By another such key, these are stale, and may not be used."""
        self._used: dict[str, None] = {}
        self._problems: dict[UnknownCause, dict[str | Misfit, None]] = {cause: {} for cause in UnknownCause}
        self._fits = False
        self.window = Window.ALWAYS

    def add(self, standings: Iterable[Standing]) -> None:
        """Count what these lines cover."""
        points = (*self._target.points, self._target.assumed)
        names = names_of(points)
        reachable = [one for one in standings if self._is_reachable(one.line, names)]
        ordered = sorted(reachable, key=lambda one: one.line.signing_key not in self._issuing_keys)
        for point in points:
            for standing in ordered:
                if reasons := self._reasons(standing.line, point):
                    self._consider(standing, reasons)
            if self.is_good:
                return

    @property
    def is_good(self) -> bool:
        """Every reason is covered by a CRL in force."""
        return self._in_force | (self._perhaps - self._late_too - self._refused_too) == ALL_REASONS

    @property
    def is_late(self) -> bool:
        """Every reason would be covered, were the CRLs in force."""
        perhaps = (self._perhaps | self._late_too) - self._refused_too
        return self._in_force | self._late | perhaps == ALL_REASONS

    @property
    def fits(self) -> bool:
        """Some CRL may speak about the certificate, though not about everything."""
        return self._fits

    @property
    def used(self) -> str:
        """What the CRLs in force say; empty without one."""
        return f"not listed in the {' and the '.join(self._used)}" if self._used else ""

    def problems(self, cause: UnknownCause) -> list[str | Misfit]:
        """Return what stood in the way."""
        return list(self._problems[cause])

    @property
    def uncovered(self) -> list[str]:
        """The reasons for which there is no CRL, in force or not, where there are some for others."""
        covered = self._in_force | self._late | self._perhaps | self._late_too
        return [f"no CRL covers {reasons_text(ALL_REASONS - covered)}"] if covered else []

    def _is_reachable(self, line: Line, names: frozenset[str]) -> bool:
        """Sort out the partitions that no point names, once: there may be a thousand, and dozens of points."""
        if line.scope.names is None or not line.scope.names.isdisjoint(names):
            return True
        self._note(UnknownCause.SCOPE, Misfit(line.newest, ANOTHER_POINT))
        return False

    def _reasons(self, line: Line, point: Point) -> frozenset[str]:
        """Return the reasons for which a line speaks by this distribution point, and which are still wanted."""
        if (why := misfit(line.issuer_key, line.scope, self._target, point)) is not None:  # (b)
            self._note(UnknownCause.SCOPE, Misfit(line.newest, why))
            return frozenset()
        reasons = interim_reasons(line.scope.only_some_reasons, point.reasons)  # (d)
        if not reasons:
            self._note(UnknownCause.SCOPE, Misfit(line.newest, "covers no reason of the distribution point"))
        if line.issuer_key == self._target.issuer and line.signing_key not in self._issuing_keys:
            reasons -= self._governed
        return frozenset() if reasons <= self._in_force else reasons  # (e)

    def _consider(self, standing: Standing, reasons: frozenset[str]) -> None:
        """Count a line for some reasons, or note why it does not count."""
        line = standing.line
        any_key = self._is_of_any_key(line)
        acceptance = self._acceptance(line)  # (f)
        if acceptance.refusal is not None:
            self._note(acceptance.cause, acceptance.refusal)
            if any_key:
                self._refused_too |= reasons
            return
        self._fits = True
        if not line.complete:
            self._note(UnknownCause.SCOPE, f"{standing.problem}")
            return
        if line.signing_key in self._issuing_keys:
            self._governed |= reasons
        if standing.problem is None:
            self._count(standing, reasons, sure=not any_key)
            return
        self._note(UnknownCause.STALE, standing.problem)
        if any_key:
            self._late_too |= reasons
        else:
            self._late |= reasons

    def _is_of_any_key(self, line: Line) -> bool:
        """Say whether a line is the issuer's when nobody knows which of its keys is the one."""
        return line.issuer_key == self._target.issuer and not self._issuing_keys

    def _count(self, standing: Standing, reasons: frozenset[str], *, sure: bool) -> None:
        """Add to the mask of reasons (l)."""
        only = "" if reasons == ALL_REASONS else f" (for {reasons_text(reasons)})"
        self._used[f"{standing}{only}"] = None
        if sure:
            self._in_force |= reasons
        else:
            self._perhaps |= reasons

    def _note(self, cause: UnknownCause, problem: str | Misfit) -> None:
        self._problems[cause][problem] = None

    def _acceptance(self, line: Line) -> Acceptance:
        key = line.issuer_key, line.signing_key
        known = self._accepted.get(key)
        if known is None:
            known = self._accepted[key] = self._accept(line.newest)
            self.window = self.window.intersect(known.window)
        return known

"""What the status page takes from the metrics, so that nothing is counted twice."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import Metric

from extauthz.observe.check_metrics import NO_SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The figures, summed over listeners and reasons."""

    allowed: Counter[str]
    """By policy."""
    denied: Counter[str]
    """By policy; under the empty name those before one was chosen."""
    sources: Counter[str]
    """Checks by the source of their certificate."""
    workers: tuple[tuple[str, int], ...]
    digests: tuple[str, ...]

    @property
    def without_certificate(self) -> int:
        """Checks without a certificate."""
        return self.sources[NO_SOURCE]

    @property
    def policies(self) -> frozenset[str]:
        """Every policy that decided anything."""
        return frozenset((+self.allowed).keys() | (+self.denied).keys())


def counts_of(families: Iterable[Metric]) -> Counts:
    """Take the figures out of a scrape."""
    samples = {family.name: family.samples for family in families}
    verdicts: dict[str, Counter[str]] = {"allow": Counter(), "deny": Counter()}
    for one in samples.get("extauthz_checks", ()):
        verdicts[one.labels["decision"]][one.labels["policy"]] += int(one.value)
    sources: Counter[str] = Counter()
    for one in samples.get("extauthz_certificate_source", ()):
        sources[one.labels["source"]] += int(one.value)
    return Counts(
        allowed=verdicts["allow"],
        denied=verdicts["deny"],
        sources=sources,
        workers=tuple((one.labels["state"], int(one.value)) for one in samples.get("extauthz_workers", ())),
        digests=tuple(sorted(one.labels["hash"] for one in samples.get("extauthz_config_info", ()))),
    )

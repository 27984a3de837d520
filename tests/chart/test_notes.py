"""What Helm says after an installation."""

from support.chart_values import EXISTING, SERVER, minimal
from support.helm import CHART, notes


def test_the_notes_say_what_to_do_next() -> None:
    said = notes([CHART / "ci" / "istio-values.yaml"])
    assert "helm test extauthz --namespace authz" in said
    assert "service: extauthz.authz.svc.cluster.local" in said
    assert "extauthz-headless.authz.svc:9191" in said
    assert "WARNING" not in said


def test_the_notes_warn_of_what_is_open_and_of_what_nobody_revokes() -> None:
    said = notes(values=minimal(networkPolicy={"enabled": False}))
    assert "WARNING: networkPolicy is off" in said
    assert "WARNING: there are no crls" in said
    assert "Nothing scrapes the metrics yet" in said


def test_the_notes_say_what_a_configuration_of_ones_own_must_hold() -> None:
    said = notes(values=minimal(**EXISTING, **SERVER, crls=[{"configMap": "lists"}]))
    assert "https" not in said
    for line in ('address: "0.0.0.0:9191"', "cert: /etc/extauthz/tls/tls.crt", "/etc/extauthz/crls/lists"):
        assert line in said

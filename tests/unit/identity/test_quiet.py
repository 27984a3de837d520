"""The library's warnings reach nobody, whatever the filters are."""

import threading
import warnings

import pytest
from cryptography import x509

from extauthz.identity.certificate import parse_certificate
from extauthz.identity.quiet import quietly
from support import pki
from support.pki import der

CA = pki.make_ca("Issuing CA")
LONG_COUNTRY = der.name(der.rdn(("2.5.4.6", der.tlv(der.PRINTABLE, b"USA"))))
ODD = CA.issue(
    serial=-1,
    raw_subject=LONG_COUNTRY,
    raw_issuer=LONG_COUNTRY,
    other_sans=[der.context(4, LONG_COUNTRY)],
).der


def test_the_library_does_warn_about_this_certificate() -> None:
    with pytest.warns(UserWarning, match="serial number|Attribute's length") as caught:
        x509.load_der_x509_certificate(ODD).subject  # noqa: B018  (asked for its warning)
    assert len(caught) == 2


def test_warnings_as_errors_change_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        certificate = parse_certificate(ODD)
    assert certificate.serial == -1
    assert "serial: not a positive number" in certificate.identity.warnings


def test_no_warning_is_shown() -> None:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        parse_certificate(ODD)
    assert shown == []


def test_the_filters_stay_as_they_are_while_many_threads_parse() -> None:
    before = list(warnings.filters)
    failures: list[BaseException] = []

    def parse_many() -> None:
        try:
            for _ in range(50):
                parse_certificate(ODD)
        except BaseException as error:  # noqa: BLE001  (any failure of the thread is a failure of the test)
            failures.append(error)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        threads = [threading.Thread(target=parse_many) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert list(warnings.filters) == before


def test_what_the_function_raises_passes() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        quietly(int, "x")
    assert quietly(int, "7") == 7

"""``identity`` and the conditions on cards: what is refused at load, with which sentence, and what it decides."""

import pytest

from support.config_site import Site

REQUIRE = "policies: [{name: a, when: {}, require: %s}]"


@pytest.mark.parametrize(
    ("identity", "problem"),
    [
        (
            "{profiles: [fkpi]}",
            (
                "5:23: identity.profiles[0]: must be one of fpki, piv_i, dod, icam_test, not the string 'fkpi'; did "
                "you mean `fpki`?"
            ),
        ),
        (
            "{profiles: []}",
            ("5:22: identity.profiles: must not be an empty list; write at least one item, or leave the key out"),
        ),
        (
            "{policies: {piv-auth: [2.16.840.x]}}",
            (
                "5:34: identity.policies.piv-auth[0]: '2.16.840.x' is not a dotted object identifier such as "
                "'2.16.840.1.101.3.2.1.3.13'"
            ),
        ),
        (
            "{policies: {piv-auth: []}}",
            "5:33: identity.policies.piv-auth: must not be an empty list; write at least one item",
        ),
        (
            "{policies: {spiffe: ['1.2.3']}}",
            (
                "5:23: identity.policies.spiffe: unknown key; known here are piv-auth, piv-card-auth, derived-piv, "
                "piv-i-auth, piv-i-card-auth, cac"
            ),
        ),
        (
            "{policies: {piv-auth: ['1.2.3'], cac: ['1.2.3']}}",
            "5:11: identity: the policy OID 1.2.3 is given for both piv-auth and cac",
        ),
        (
            "{policies: {piv-i-auth: ['2.16.840.1.101.3.2.1.3.13']}}",
            "5:11: identity: the policy OID 2.16.840.1.101.3.2.1.3.13 is given for both piv-auth and piv-i-auth",
        ),
        (
            "{dod_issuers: [DOD]}",
            "5:26: identity.dod_issuers[0]: 'DOD' names no issuer: ",
        ),
        (
            "{dod_issuers: ['re:(?=x)']}",
            "5:26: identity.dod_issuers[0]: 're:(?=x)' names no issuer: RE2 refuses the expression",
        ),
        ("{profile: [fpki]}", "5:12: identity.profile: unknown key; did you mean `profiles`?"),
    ],
)
def test_mistake_in_the_section_has_its_place_and_sentence(site: Site, identity: str, problem: str) -> None:
    (found,) = site.problems(x=f"identity: {identity}")
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("require", "problem"),
    [
        ("{agency_code: [4700]}", ".agency_code[0]: must be a string, not the number 4700; write it in quotes"),
        ("{agency_code: ['470']}", ".agency_code[0]: '470' is not an agency code; write its 4 digits"),
        ("{agency_code: []}", ".agency_code: must not be an empty list; write at least one item"),
        ("{agency_code: ['9999']}", ".agency_code[0]: '9999' has the agency code 9999"),
        ("{fasc_n: ['4700-0257-000046']}", ".fasc_n[0]: '4700-0257-000046' is not the unique number of a FASC-N"),
        ("{card_uuid: [x]}", ".card_uuid[0]: no certificate has the UUID 'x'"),
        ("{ms_sid: [x]}", ".ms_sid[0]: no certificate has the SID 'x'"),
        ("{edipi: ['12']}", ".edipi[0]: '12' is not an EDIPI; write its 10 digits"),
        ("{upn: ['a*@mil']}", ".upn[0]: '*' must stand for a whole segment"),
        ("{policy_oids: {}}", ".policy_oids: must have one of the keys any, all, exactly, and only one"),
        (
            "{policy_oids: {any: ['1.2.3'], all: ['1.2.3']}}",
            ".policy_oids: must have one of the keys any, all, exactly, and only one",
        ),
        ("{policy_oids: {some: ['1.2.3']}}", ".policy_oids.some: unknown key; known here are any, all, exactly"),
        ("{policy_oids: {all: []}}", ".policy_oids.all: must not be an empty list; write at least one item"),
        ("{policy_oids: {all: [x]}}", ".policy_oids.all[0]: 'x' is not a dotted object identifier"),
        ("{policy_oids: [x]}", ".policy_oids[0]: 'x' is not a dotted object identifier"),
        ("{policy_oids: '1.2.3'}", ".policy_oids: must be a list of strings, not the string '1.2.3'"),
        ("{policy_oids: ['1.2.3', ~]}", ".policy_oids[1]: has no value; it must be a string"),
        ("{policy_oids: {all: ~}}", ".policy_oids.all: has no value; it must be a list of strings"),
        ("{extended_key_usage: {exactly: [cardAuth]}}", ".extended_key_usage.exactly[0]: 'cardAuth' is no known"),
        ("{spiffe_id: ['spiffe://*/x']}", ".spiffe_id[0]: 'spiffe://*/x' can match no SPIFFE ID: the trust domain"),
    ],
)
def test_mistake_in_a_condition_has_its_place_and_sentence(site: Site, require: str, problem: str) -> None:
    (found,) = site.problems(policies=REQUIRE % require)
    assert found.partition(": ")[2].startswith(f"policies[0].require{problem}"), found


@pytest.mark.parametrize(
    ("require", "identity", "problems"),
    [
        (
            "{kind: [piv-auth, cac]}",
            "",
            [
                (
                    "4:59: policies[0].require.kind[1]: no certificate can be cac: none of `identity.profiles` says by "
                    "which policies; add `dod` there, or the OIDs to `identity.policies`"
                )
            ],
        ),
        (
            "{kind: [cac]}",
            "identity: {profiles: [dod]}",
            [
                (
                    "4:49: policies[0].require.kind[0]: no certificate can be cac: name the issuers of the DoD in "
                    "`identity.dod_issuers`"
                )
            ],
        ),
        (
            "{kind: [piv-i-auth]}",
            "identity: {profiles: [dod]}",
            [
                (
                    "4:49: policies[0].require.kind[0]: no certificate can be piv-i-auth: none of `identity.profiles` "
                    "says by which policies; add `fpki` or `piv_i` there, or the OIDs to `identity.policies`"
                )
            ],
        ),
        (
            "{any_of: [{edipi: ['1234567890']}, {kind: [cac]}], not: {any_of: [{edipi: ['1234567890']}]}}",
            "",
            [
                (
                    "4:59: policies[0].require.any_of[0].edipi: no certificate can have an EDIPI: name the issuers of "
                    "the DoD in `identity.dod_issuers`"
                ),
                (
                    "4:84: policies[0].require.any_of[1].kind[0]: no certificate can be cac: none of "
                    "`identity.profiles` says by which policies; add `dod` there, or the OIDs to `identity.policies`"
                ),
                (
                    "4:115: policies[0].require.not.any_of[0].edipi: no certificate can have an EDIPI: name the "
                    "issuers of the DoD in `identity.dod_issuers`"
                ),
            ],
        ),
    ],
)
def test_condition_that_no_certificate_can_meet_is_refused(
    site: Site, require: str, identity: str, problems: list[str]
) -> None:
    assert site.problems(policies=REQUIRE % require, x=identity) == problems


@pytest.mark.parametrize(
    ("require", "identity"),
    [
        ("{kind: [software, spiffe, piv-auth, piv-card-auth, derived-piv, piv-i-auth, piv-i-card-auth]}", ""),
        ("{kind: [cac], edipi: ['1234567890']}", "identity: {profiles: [dod], dod_issuers: ['CN=DOD ID CA-59']}"),
        ("{kind: [cac]}", "identity: {policies: {cac: ['1.2.3']}, dod_issuers: ['re:CN=DOD ID CA-[0-9]+,.*']}"),
        ("{kind: [piv-i-auth]}", "identity: {policies: {piv-i-auth: ['1.2.3']}}"),
        ("{edipi: ['1234567890']}", "identity: {dod_issuers: ['CN=DOD ID CA-59']}"),
    ],
)
def test_condition_that_some_certificate_can_meet_is_accepted(site: Site, require: str, identity: str) -> None:
    assert site.load(policies=REQUIRE % require, x=identity).config.version == 1


def test_section_that_could_not_be_read_proves_nothing_of_the_conditions(site: Site) -> None:
    (problem,) = site.problems(policies=REQUIRE % "{kind: [cac]}", x="identity: {profiles: [dod], dod_issuer: [x]}")
    assert problem == "5:29: identity.dod_issuer: unknown key; did you mean `dod_issuers`?"


def test_test_cards_are_warned_about(site: Site) -> None:
    built = site.build(
        x="identity: {profiles: [fpki, icam_test]}", revocation="revocation: {crls: [{path: pki/issuing.crl}]}"
    )
    (warning,) = built.warnings
    assert str(warning).endswith(
        "5:29: identity.profiles[1]: icam_test takes test cards for real ones; anybody can have such a card"
    )

"""A value with the type of its attribute before it matches nobody, and is warned of with what to write."""

import pytest

from extauthz.config.attribute_warnings import attribute_warnings
from extauthz.config.schema.require import Conditions
from support.config_site import Site

AT = ("policies", 0, "require")


def warned(**conditions: object) -> list[str]:
    return [text for _, text in attribute_warnings(Conditions.model_validate(conditions), AT)]


def sentence(written: str, meant: str) -> str:
    return (
        f"{written!r} is compared with the value alone, which has no type before it: write {meant!r}, or compare the "
        "whole name with `subject`"
    )


@pytest.mark.parametrize("key", ["common_name", "organization", "organizational_unit"])
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("OU=Ops", "Ops"),
        ("ou = Ops", "Ops"),
        ("CN=alice,O=Example", "alice,O=Example"),
        ("2.5.4.11=Ops", "Ops"),
        ("organizationalUnitName=Ops", "Ops"),
        ("re:OU=Ops|Sales", "re:Ops|Sales"),
    ],
)
def test_a_value_with_its_type_before_it_is_told_to_stand_alone(key: str, written: str, meant: str) -> None:
    assert warned(**{key: [written]}) == [sentence(written, meant)]


@pytest.mark.parametrize(
    "text", ["Ops", "a=b", "key=value", "x OU=Ops", "re:.*=.*", "OU", "1=2", "=Ops", "re:(OU=)?Ops"]
)
def test_a_value_that_only_has_an_equals_sign_in_it_is_no_such_mistake(text: str) -> None:
    assert warned(organizational_unit=[text]) == []


def test_the_whole_name_has_its_types() -> None:
    assert warned(subject=["CN=alice,OU=Ops"], issuer=["CN=Issuing CA"], issuer_contains=["OU=Ops"]) == []


def test_it_is_told_with_its_place_wherever_conditions_stand(site: Site) -> None:
    conditions = "{any_of: [{organizational_unit: [Ops, OU=Ops]}], not: {common_name: [CN=eve]}}"
    built = site.build(
        policies=f"policies: [{{name: a, when: {{}}, require: {conditions}}}]",
        revocation="revocation: {crls: [{path: pki/issuing.crl}]}",
    )
    places = [str(one).partition(": ")[2].partition(": ")[0] for one in built.warnings]
    assert places == ["policies[0].require.any_of[0].organizational_unit[1]", "policies[0].require.not.common_name[0]"]

"""The file with the callers' secret: a bad one is found at load."""

import pytest

from support.config_site import Site

HTTP = "listen: {http: {dialect: nginx, callers: {secret: {file: secret.txt}}}}"
AT = "listen.http.callers.secret.file"


def warnings(site: Site) -> list[str]:
    return [str(one) for one in site.build(x=HTTP).warnings]


def test_a_secret_is_one_line(site: Site) -> None:
    site.write("secret.txt", "0123456789abcdef\n").chmod(0o600)
    assert site.load(x=HTTP).config.listen.http is not None
    site.write("secret.txt", "0123456789abcdef\r\n")
    assert site.load(x=HTTP).config.listen.http is not None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("0123456789abcde\n", "holds a secret of 15 characters; take at least 16 random ones"),
        ("", "holds a secret of 0 characters; take at least 16 random ones"),
        ("0123456789abcdef\n0123456789abcdef\n", "holds something that is not one line of printable ASCII"),
        ("0123456789 abcdef\n", "holds something that is not one line of printable ASCII without spaces"),
        ("0123456789äabcdef\n", "holds something that is not one line of printable ASCII without spaces"),
        ("x" * 5000, "is larger than 4096 bytes, the most that is read"),
    ],
)
def test_what_cannot_be_one_is_named(content: str, why: str, site: Site) -> None:
    site.write("secret.txt", content)
    (problem,) = site.problems(x=HTTP)
    assert f"{AT}: 'secret.txt' {why}" in problem


def test_a_missing_file_is_named(site: Site) -> None:
    (problem,) = site.problems(x=HTTP)
    assert f"{AT}: 'secret.txt' does not exist" in problem


def test_a_file_for_everybody_to_read_is_warned_of(site: Site) -> None:
    path = site.write("secret.txt", "0123456789abcdef\n")
    path.chmod(0o644)
    assert any(f"{AT}: 'secret.txt' may be read by every user" in one for one in warnings(site))
    path.chmod(0o640)
    assert not any(AT in one for one in warnings(site))

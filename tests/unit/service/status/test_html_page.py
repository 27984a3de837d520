"""The page says what the JSON says, and nothing that it shows can become markup."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from extauthz.service.status.html_page import html_bytes
from extauthz.service.status.json_form import json_fields
from extauthz.service.status.model import Status
from extauthz.service.status.style import CONTENT_SECURITY_POLICY
from support.statuses import ANCHOR, CRL_SOURCE, DENIAL, STATUS, status

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;"
VOID = frozenset({"meta"})


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, document: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.style = ""
        self._open: list[str] = []
        self.feed(document.decode("utf-8"))
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, one, value in self.attributes if one == name]


def leaves(value: object) -> Iterator[object]:
    """Yield the values of a document, without its names but for those of workers' states."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def is_on(page: Page, fact: object) -> bool:
    """Say whether a value of the JSON is on the page, as a text, a count, a time or a length of time."""
    if fact is None or isinstance(fact, bool):
        return True  # as a word, which the tests below look at
    if isinstance(fact, int):
        return f"{fact:,}" in page.text or str(fact) in page.values("value")
    text = str(fact)
    words = {"good": "ok", "bad": "problem", "waiting_for_workers": "waiting for workers"}
    return words.get(text, text) in page.text or text in page.values("datetime")


def test_every_fact_of_the_json_is_on_the_page() -> None:
    page = Page(html_bytes(STATUS))
    document = dict(json_fields(STATUS))
    del document["format"]  # it is about the JSON itself
    missing = [one for one in leaves(document) if not is_on(page, one)]
    assert missing == []


def test_a_fact_that_the_page_does_not_have_is_noticed() -> None:
    page = Page(html_bytes(status(denials=())))
    assert not is_on(page, DENIAL.decision_id)
    assert not is_on(page, 987_654)


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("Revocation is not checked.", {"crl_checking": False}),
        ("There is no source of CRLs.", {"crl_sources": ()}),
        ("No CRL is in use.", {"crl_sources": (replace(CRL_SOURCE, crls=()),)}),
        ("None since the processes that run now were started.", {"denials": ()}),
        ("(no longer configured)", {}),
        ("2 of the workers did not answer in time", {}),
        ("5 of the workers have ended since the start", {}),
        ("3 of the metrics are none that extauthz has", {}),
        ("URL, optional", {}),
        ("before a policy", {"denials": (replace(DENIAL, policy="", fingerprint8=None, subject=None),)}),
    ],
)
def test_what_is_true_or_missing_is_said_in_words(words: str, changes: dict[str, object]) -> None:
    assert words in Page(html_bytes(status(**changes))).text


def test_subjects_have_a_column_only_where_they_are_asked_for() -> None:
    assert "Subject, as claimed" in Page(html_bytes(STATUS)).text
    without = Page(html_bytes(status(identities=False))).text
    assert "Subject, as claimed" not in without
    assert "mallory" not in without


def _hostile() -> Status:
    config = replace(STATUS.configuration, digest=HOSTILE, warnings=(HOSTILE, HOSTILE), digests_in_use=(HOSTILE, "d"))
    reload_ = replace(config.last_reload, result=HOSTILE, trigger=HOSTILE, problems=(HOSTILE,))  # type: ignore[type-var]  # it has one
    crl = replace(CRL_SOURCE.crls[0], issuer=HOSTILE)
    return status(
        phase=HOSTILE,
        version=HOSTILE,
        python=HOSTILE,
        waiting_for_crls=(HOSTILE,),
        workers=((HOSTILE, 1),),
        configuration=replace(config, last_reload=reload_),
        listeners=(replace(STATUS.listeners[0], name=HOSTILE, address=HOSTILE, speaks=HOSTILE),),
        sources=(replace(STATUS.sources[0], type=HOSTILE, listeners=(HOSTILE,)),),
        anchors=(replace(ANCHOR, fingerprint8=HOSTILE, subject=HOSTILE),),
        crl_problems=(HOSTILE,),
        crl_sources=(replace(CRL_SOURCE, label=HOSTILE, problems=(HOSTILE, HOSTILE), crls=(crl,)),),
        policies=(replace(STATUS.policies[0], name=HOSTILE), replace(STATUS.policies[1], name=HOSTILE)),
        denials=(
            replace(
                DENIAL,
                decision_id=HOSTILE,
                reason=HOSTILE,
                policy=HOSTILE,
                listener=HOSTILE,
                fingerprint8=HOSTILE,
                subject=HOSTILE,
            ),
        ),
    )


def test_no_text_becomes_markup_wherever_it_stands() -> None:
    page = Page(html_bytes(_hostile()))
    usual = Page(html_bytes(STATUS))
    assert set(page.tags) == set(usual.tags)
    assert {"script", "img", "form", "link", "iframe", "input"}.isdisjoint(page.tags)
    assert {(tag, name) for tag, name, _ in page.attributes} == {(tag, name) for tag, name, _ in usual.attributes}
    assert page.text.count(HOSTILE) == 33, "each is shown, as it is"


def test_nothing_comes_from_elsewhere_and_nothing_runs() -> None:
    page = Page(html_bytes(STATUS))
    assert all(value.startswith(("#", "?format=json", "/metrics")) for value in page.values("href"))
    names = {name for _, name, _ in page.attributes}
    assert names == {
        "lang",
        "charset",
        "name",
        "content",
        "class",
        "href",
        "id",
        "tabindex",
        "datetime",
        "value",
        "role",
    } | {
        "scope",
        "aria-label",
        "aria-labelledby",
    }
    assert "url(" not in page.style
    assert "@import" not in page.style


def test_the_policy_lets_this_style_in_and_nothing_else() -> None:
    digest = base64.b64encode(hashlib.sha256(Page(html_bytes(STATUS)).style.encode()).digest()).decode()
    directives = dict(one.strip().split(" ", 1) for one in CONTENT_SECURITY_POLICY.split(";"))
    assert directives == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_it_can_be_read_by_ear() -> None:
    page = Page(html_bytes(STATUS))
    assert ("html", "lang", "en") in page.attributes
    for landmark in ("header", "nav", "main", "footer"):
        assert page.tags.count(landmark) == 1
    assert page.values("href")[0] == "#content"
    assert page.tags.count("caption") == page.tags.count("table") == 7
    assert page.tags.count("th") == page.values("scope").count("col") + page.values("scope").count("row")
    assert len(page.values("id")) == len(set(page.values("id")))
    assert set(page.values("aria-labelledby")) <= set(page.values("id"))


def test_each_link_within_the_page_leads_somewhere() -> None:
    page = Page(html_bytes(STATUS))
    targets = [value[1:] for value in page.values("href") if value.startswith("#")]
    assert len(targets) == 8
    assert set(targets) <= set(page.values("id"))


def test_every_standing_has_a_colour_in_both_schemes() -> None:
    style = Page(html_bytes(STATUS)).style
    light, _, dark = style.partition("prefers-color-scheme: dark")
    used = set(re.findall(r"var\((--[a-z-]+)\)", style))
    assert used
    for part in (light.partition("}")[0], dark.partition("}")[0]):
        assert used <= set(re.findall(r"(--[a-z-]+):", part))

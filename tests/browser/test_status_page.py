"""The status page in a real Chromium: it looks as it should, asks for nothing, runs nothing, and can be used by all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_core import install as axe_core

from support.browser import Browser, Page, Scheme, axe_violations
from support.service import RealService, eventually
from support.status_site import ALLOWED, MARKUP

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LEAST_CONTRAST = 4.5
_CONTRASTS = """
(() => {
  const channel = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = parts(colour).slice(0, 3).map((one) => channel(one / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = {};
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some((one) => one.nodeType === 3 && one.data.trim())) continue;
    const pair = [getComputedStyle(element).color, ground(element)];
    const [high, low] = pair.map(luminance).sort((one, other) => other - one);
    found[pair.join(" on ")] = (high + 0.05) / (low + 0.05);
  }
  return found;
})()
"""
"""Yields the contrast of each pair of colours in which there is text (WCAG 2.2, relative luminance)."""


@pytest.fixture(params=SCHEMES)
def page(browser: Browser, url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open the page in each scheme."""
    one = browser.open(url, scheme=request.param)
    yield one
    one.close()


@pytest.fixture
def narrow(browser: Browser, url: str) -> Iterator[Page]:
    one = browser.open(url, width=320, height=640)
    yield one
    one.close()


def test_it_asks_for_nothing_else_and_the_console_stays_empty(page: Page, url: str) -> None:
    assert page.requests == [url]
    assert page.console == []
    assert page.evaluate("document.cookie") == ""


def test_its_style_is_applied_in_the_scheme_of_the_reader(browser: Browser, url: str) -> None:
    grounds = []
    for scheme in SCHEMES:
        page = browser.open(url, scheme=scheme)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert grounds == ["rgb(246, 248, 250)", "rgb(13, 17, 23)"]


def test_axe_finds_nothing_wrong(page: Page) -> None:
    assert axe_violations(page, axe_core(), RULES) == []


def test_axe_finds_what_is_wrong(browser: Browser) -> None:
    broken = browser.open("data:text/html,<img src=x><p style='color:%23ccc'>pale")
    found = axe_violations(broken, axe_core(), RULES)
    broken.close()
    assert {one.partition(":")[0] for one in found} >= {"image-alt", "color-contrast", "html-has-lang"}


def test_every_text_has_enough_contrast(page: Page) -> None:
    contrasts = page.evaluate(_CONTRASTS)
    assert len(contrasts) >= 8, "text, quiet text, links, striped rows, three standings"
    assert {pair: ratio for pair, ratio in contrasts.items() if ratio < LEAST_CONTRAST} == {}


@pytest.mark.parametrize(("width", "zoom"), [(320, 1.0), (640, 1.0), (1280, 2.0), (1280, 4.0)])
def test_it_fits_a_small_window_and_a_large_zoom(page: Page, width: int, zoom: float) -> None:
    page.resize(width, 900, zoom=zoom)
    assert page.evaluate("innerWidth") == int(width / zoom)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    outside = "[...document.querySelectorAll('h1, h2, h3, p, dd, li')].filter(one => one.scrollWidth > one.clientWidth)"
    assert page.evaluate(f"{outside}.map(one => one.outerHTML)") == []


def test_axe_finds_nothing_wrong_in_a_small_window(narrow: Page) -> None:
    assert axe_violations(narrow, axe_core(), RULES) == []


def test_wide_tables_scroll_by_the_keyboard(narrow: Page) -> None:
    wide = "[...document.querySelectorAll('.wide')].filter(one => one.scrollWidth > one.clientWidth)"
    assert narrow.evaluate(f"{wide}.length") > 0
    assert narrow.evaluate(f"{wide}.every(one => one.tabIndex === 0 && one.getAttribute('role') === 'region')")


def test_the_first_key_leads_past_the_navigation(page: Page) -> None:
    page.press("Tab")
    skip = page.evaluate(
        "(() => { const one = document.activeElement, at = one.getBoundingClientRect();"
        " return [one.textContent, at.left >= 0 && at.top >= 0 && at.width > 0]; })()"
    )
    assert skip == ["Skip to the content", True], "it is seen as soon as it has the focus"
    page.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    assert page.evaluate("location.hash") == "#content"


def test_it_is_the_same_without_scripts(browser: Browser, url: str) -> None:
    page = browser.open(url, scripts=False)
    html = page.html()
    page.close()
    assert "<script" not in html
    assert html.count("<caption") == 7
    assert f"{ALLOWED:,}" in html


def test_a_name_that_is_markup_is_a_text(page: Page) -> None:
    assert page.evaluate("document.images.length + document.scripts.length") == 0
    texts = page.evaluate("[...document.querySelectorAll('#denials td')].map(one => one.textContent)")
    assert any(MARKUP.strip("<>") in one for one in texts)


def test_markup_that_slipped_in_could_do_nothing(browser: Browser, url: str) -> None:
    page = browser.open(url)
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend',"
        " '<img src=x onerror=\"window.ran = true\"><form action=/-/reload method=post></form>')"
    )
    page.evaluate("document.forms[0].submit()")
    eventually(lambda: len(page.console) >= 2 or None, "the refusal of the picture and of the form")
    assert page.evaluate("window.ran === undefined"), "nor was its handler run"
    assert "/-/reload" not in "".join(page.requests)
    assert page.requests[0] == url
    page.close()


def test_what_the_page_shows_is_what_the_json_says(service: RealService, browser: Browser, url: str) -> None:
    document = service.get("/status?format=json").json()
    page = browser.open(url)
    rows = page.evaluate(
        "[...document.querySelectorAll('#policies tbody tr')].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    ids = page.evaluate("[...document.querySelectorAll('#denials tbody tr')].map(row => row.cells[6].textContent)")
    page.close()
    assert rows == [
        [one["name"] or "before a policy", *(f"{one[name]:,}" for name in ("hits", "allowed", "denied"))]
        for one in document["policies"]
    ]
    assert ids == [one["decision_id"] for one in document["denials"]["latest"]]
    assert len(ids) == 7


def test_the_json_opens_as_a_text(browser: Browser, url: str) -> None:
    page = browser.open(f"{url}?format=json")
    assert page.evaluate("JSON.parse(document.body.textContent).format") == 1
    page.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_pictures_in_the_docs_are_there_and_small(scheme: Scheme) -> None:
    picture = Path(__file__).parents[2] / "docs" / f"status-{scheme}.png"
    assert 10_000 < picture.stat().st_size < 200_000

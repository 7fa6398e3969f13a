"""The pages in a real browser: that they open, that they lead somewhere, and that nothing runs."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from infected import PAYLOADS, infected
from pages import parsed
from reporter_samples import SAMPLES, ball, mended, run, worm

from validator.facts import Artifact, Observation, Part, Reply, SourceFile
from validator.findings import Finding, Location, Report, Severity, Verdict
from validator.reporters.html import index, page
from validator.summary import Row, summarise

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.chromium

NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    named = os.environ.get("VALIDATOR_CHROMIUM")
    path = named or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium is installed")
    # Chromium's own sandbox refuses to start as root; what it opens here is what we wrote.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=path, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open a page from a file; whatever it complains of or asks the network for is an error."""
    opened, troubles = [], []

    def opener(html: str, *, hash_: str = "", size: dict[str, int] = DESKTOP, **how: Any) -> Any:
        file = tmp_path / f"{len(opened)}.html"
        file.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport=size, **how)
        opened.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: troubles.append(message.text))
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("dialog", lambda dialog: troubles.append(dialog.message))
        tab.on(
            "request",
            lambda request: (
                None if request.url.startswith(("file:", "data:")) else troubles.append(request.url)
            ),
        )
        tab.goto(file.as_uri() + hash_)
        return tab

    yield opener
    for context in opened:
        context.close()
    assert troubles == []


def picture() -> bytes:
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (320, 240), (20, 90, 160)).save(data, "PNG")
    return data.getvalue()


def pictured() -> Report:
    shown = (
        Artifact("window.png", "screenshot", picture()),
        Artifact("window.apng", "animation", picture()),
        Artifact("page.html", "figure", b"<script>window.hacked=1</script>"),
    )
    seen = (
        Observation("input", {"prompt": "Name? ", "answer": "Alice"}),
        Observation("response", {"method": "GET", "path": "/" + "x" * 300, "status": 200}),
    )
    return replace(ball(), run=run(artifacts=shown, observations=seen))


def long() -> Report:
    """A program of 300 lines with one finding near its end."""
    lines = [f"value_{n} = {n}" for n in range(300)]
    text = "Some words first.\n" * 40 + "```python\n" + "\n".join(lines) + "\n```\n"
    file = SourceFile("main.py", "\n".join(lines) + "\n", tuple(range(42, 342)))
    finding = Finding(
        "RV401", "crashed", Severity.ERROR, "it crashed", Location("main.py", 280, 1, 321)
    )
    report = worm()
    submission = replace(report.submission, reply=Reply((Part(text, "a.md"),)), files=(file,))
    return replace(report, submission=submission, findings=(finding,))


def rows(count: int) -> tuple[Row, ...]:
    chance = random.Random(7)
    verdicts = (Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE)
    faults = (("RV102", "truncated-reply", Severity.ERROR), ("RV304", "no-wheel", Severity.ERROR))
    return tuple(
        Row(
            f"task/{n}",
            verdicts[n % 3],
            ("llama", "qwen", None)[n % 3],
            (faults[n % 2],) if n % 3 == 1 else (),
            None,
            chance.random(),
            "script",
            "a.jsonl",
            page="replies/1.html",
        )
        for n in range(count)
    )


PAGES: dict[str, Callable[[], str]] = {
    **{name: lambda make=make: page(make()) for name, make in SAMPLES.items()},
    "pictured": lambda: page(pictured()),
    "long": lambda: page(long()),
    "index": lambda: index(rows(250), summarise(rows(250))),
}
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
IN_VIEW = """(element) => {
  const box = element.getBoundingClientRect();
  const pane = (element.closest(".listing") ?? document.documentElement).getBoundingClientRect();
  const top = Math.max(0, pane.top), bottom = Math.min(innerHeight, pane.bottom);
  return box.height > 0 && box.top >= top - 1 && box.bottom <= bottom + 1;
}"""


@pytest.mark.parametrize("name", PAGES)
def test_it_opens_without_a_complaint_and_fits(open_page: Open, name: str) -> None:
    tab = open_page(PAGES[name](), size=DESKTOP)
    assert tab.locator("h1").is_visible()
    for size in (DESKTOP, {"width": 720, "height": 900}, PHONE):
        tab.set_viewport_size(size)
        assert tab.evaluate(WIDER) <= 0


# ── links ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_finding_leads_to_its_line_and_the_line_back(open_page: Open, size: Any) -> None:
    tab = open_page(page(long()), size=size)
    tab.click("#finding-1 .where a:has-text('main.py line 280')")
    line = tab.locator("#file-1-280")
    assert line.evaluate("(line) => line.matches(':target')")
    assert line.evaluate(IN_VIEW)
    # Its twin stands in the other pane at the same height, as far as there is a pane beside it.
    twin = tab.locator("#reply-321")
    assert "twin" in twin.get_attribute("class").split()
    if size is DESKTOP:
        assert twin.evaluate(IN_VIEW)
        assert abs(twin.bounding_box()["y"] - line.bounding_box()["y"]) < 60
    line.locator(".said").click()
    assert tab.locator("#finding-1").evaluate(IN_VIEW)


def test_a_link_from_outside_opens_at_the_line(open_page: Open) -> None:
    tab = open_page(page(long()), hash_="#reply-321")
    assert tab.locator("#reply-321").evaluate(IN_VIEW)
    assert tab.locator("#file-1-280").evaluate(IN_VIEW)


def test_a_line_number_leads_to_the_other_pane(open_page: Open) -> None:
    tab = open_page(page(worm()))
    tab.click("#reply-7 .number")
    assert tab.url.endswith("#file-1-4")
    tab.click("#file-1-4 .number")
    assert tab.url.endswith("#reply-7")


# ── what is not ours ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_a_reply_runs_or_breaks_the_page(open_page: Open, payload: str) -> None:
    report = infected(replace(mended(), run=pictured().run, reason=None), payload)
    tab = open_page(page(report), size=PHONE)
    assert tab.evaluate("window.hacked") is None
    assert tab.evaluate(WIDER) <= 0
    assert tab.evaluate("document.scripts.length") == 1
    assert tab.evaluate("document.querySelectorAll('iframe,object,embed,base,form').length") == 0
    assert tab.evaluate("[...document.images].every((each) => each.naturalWidth === 320)")
    clean = parsed(page(replace(mended(), run=pictured().run))).one("main").all("section")
    assert tab.evaluate("[...document.querySelectorAll('main section')].map(({ id }) => id)") == [
        each.attributes.get("id", "") for each in clean
    ]


def test_nothing_of_many_replies_runs(open_page: Open) -> None:
    hostile = tuple(
        replace(infected(each, PAYLOADS[n % len(PAYLOADS)]), page="replies/1.html")
        for n, each in enumerate(rows(2 * len(PAYLOADS)))
    )
    tab = open_page(index(hostile, summarise(hostile)))
    for number in range(1, tab.locator("#filter-fault option").count()):
        tab.select_option("#filter-fault", index=number)
        assert tab.locator("#rows tbody tr").count() >= 1
    assert tab.evaluate("window.hacked") is None
    assert tab.evaluate("document.scripts.length") == 1


def test_the_policy_stops_what_would_have_got_in(open_page: Open, browser: Any) -> None:
    """The second wall: markup put into a finished page all the same does not run either."""
    smuggled = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
    html = page(worm()).replace("<main>", f"<main>{smuggled}")
    context = browser.new_context()
    tab = context.new_page()
    tab.set_content(html)
    refused = []
    tab.on("console", lambda message: refused.append(message.text))
    tab.set_content(html)
    assert tab.evaluate("window.hacked") is None
    assert any("Content Security Policy" in each for each in refused)
    context.close()


# ── seen, heard and typed ────────────────────────────────────────────────────────────────────────

CONTRASTS = """() => {
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const { rgb, a } = parse(getComputedStyle(each).backgroundColor);
      if (a === 1) return rgb;
      if (a !== 0) throw new Error(`half transparent: ${each.className}`);
    }
    throw new Error("nothing behind it");
  };
  const low = [];
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.tagName === "OPTION") continue;
    if (!element.checkVisibility()) continue;
    seen += 1;
    const x = luminance(parse(getComputedStyle(element).color).rgb);
    const y = luminance(ground(element));
    const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${element.tagName}.${element.className}`);
  }
  return { seen, low: [...new Set(low)] };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["worm", "mended", "conversation", "pictured", "index"])
def test_every_text_has_contrast(open_page: Open, name: str, scheme: str) -> None:
    tab = open_page(PAGES[name](), color_scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    found = tab.evaluate(CONTRASTS)
    assert found["seen"] > 50
    assert found["low"] == []


def test_light_and_dark_follow_the_system_until_chosen(open_page: Open) -> None:
    from playwright.sync_api import expect

    light, dark = "rgb(251, 250, 248)", "rgb(17, 20, 23)"
    tab = open_page(page(worm()), color_scheme="dark")

    def expect_ground(color: str, choice: str) -> None:
        expect(tab.locator("#theme")).to_have_text(f"Colours: {choice}")
        expect(tab.locator("body")).to_have_css("background-color", color)

    expect_ground(dark, "system")
    tab.click("#theme")
    expect_ground(light, "light")
    tab.reload()
    expect_ground(light, "light")
    tab.click("#theme")
    expect_ground(dark, "dark")
    tab.emulate_media(color_scheme="light")
    expect_ground(dark, "dark")
    tab.click("#theme")
    expect_ground(light, "system")


@pytest.mark.parametrize("name", ["worm", "pictured", "index"])
def test_whatever_takes_the_focus_has_a_name(open_page: Open, name: str) -> None:
    tab = open_page(PAGES[name]())
    tree = tab.context.new_cdp_session(tab).send("Accessibility.getFullAXTree")["nodes"]
    roles = ("link", "button", "combobox", "searchbox", "region", "image", "table", "heading")
    told = [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in tree
        if node.get("role", {}).get("value") in roles
    ]
    assert len(told) > 20
    unnamed = [role for role, name in told if not name and role != "table"]
    assert unnamed == []
    landmarks = {node["role"]["value"] for node in tree if "role" in node}
    assert {"main", "banner", "navigation"} <= landmarks


def test_the_keyboard_reaches_everything_and_shows_where_it_is(open_page: Open) -> None:
    tab = open_page(page(worm()))
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the verdict"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "verdict"
    reached = set()
    for _ in range(60):
        tab.keyboard.press("Tab")
        shown = tab.evaluate(
            "(() => { const at = document.activeElement, style = getComputedStyle(at);"
            " return [at.tagName, at.className, style.outlineStyle, style.outlineWidth]; })()"
        )
        if shown[0] == "BODY":
            break
        assert shown[2:] == ["solid", "3px"], shown
        reached.add(shown[0] if shown[0] != "DIV" else shown[1])
    assert {"A", "BUTTON", "SUMMARY", "listing"} <= reached


def test_the_message_is_copied(open_page: Open) -> None:
    tab = open_page(page(worm()), permissions=["clipboard-read", "clipboard-write"])
    tab.get_by_role("button", name="Copy the message").click()
    tab.get_by_role("button", name="Copied").wait_for()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == tab.locator("#prompt").text_content()


def test_what_moves_can_be_stopped(open_page: Open) -> None:
    moving = open_page(page(pictured()))
    assert moving.locator("details.animation img").is_visible()
    still = open_page(page(pictured()), reduced_motion="reduce")
    assert not still.locator("details.animation img").is_visible()
    assert still.locator("#verdict img").is_visible()


def test_it_prints_whole_and_without_its_controls(open_page: Open) -> None:
    tab = open_page(page(long()), color_scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert not tab.locator(".bar").is_visible()
    assert not tab.locator("#message button").is_visible()
    assert tab.evaluate(
        "[...document.querySelectorAll('.listing, .output')]"
        ".every((each) => each.scrollHeight <= each.clientHeight + 1)"
    )
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(28, 32, 36)"
    assert tab.pdf().startswith(b"%PDF")


# ── many replies ─────────────────────────────────────────────────────────────────────────────────


def shown(tab: Any) -> tuple[str, int]:
    return tab.locator("#shown").text_content(), tab.locator("#rows tbody tr").count()


def test_rows_are_laid_out_a_page_at_a_time(open_page: Open) -> None:
    tab = open_page(PAGES["index"]())
    assert shown(tab) == ("250 replies", 100)
    tab.click("#more")
    tab.get_by_role("button", name="Show 50 more").click()
    assert shown(tab) == ("250 replies", 250)
    assert not tab.locator("#more").is_visible()


def test_rows_are_filtered_and_the_address_says_how(open_page: Open) -> None:
    tab = open_page(PAGES["index"]())
    tab.select_option("#filter-verdict", "failed")
    assert shown(tab) == ("83 of 250 replies", 83)
    tab.select_option("#filter-fault", "RV304")
    assert shown(tab) == ("42 of 250 replies", 42)
    tab.select_option("#filter-model", "llama")
    assert shown(tab) == ("0 of 250 replies", 0)
    tab.select_option("#filter-model", "qwen")
    tab.fill("#filter-text", "task/1 QWEN")
    left = sum(
        "task/1" in each.id
        for each in rows(250)
        if [code for code, _, _ in each.findings] == ["RV304"]
    )
    assert 5 < left < 42
    tab.get_by_text(f"{left} of 250 replies").wait_for()
    assert tab.url.endswith("#verdict=failed&fault=RV304&model=qwen&text=task%2F1+qwen")
    again = open_page(PAGES["index"](), hash_=tab.url[tab.url.index("#") :])
    assert shown(again) == (f"{left} of 250 replies", left)
    again.click("#clear")
    assert shown(again) == ("250 replies", 100)


def test_a_bar_filters_by_what_it_counts(open_page: Open) -> None:
    tab = open_page(PAGES["index"]())
    tab.click("#faults a:has-text('truncated-reply')")
    assert shown(tab) == ("41 of 250 replies", 41)
    assert tab.evaluate("document.activeElement.id") == "filter-fault"
    tab.click("#clear")
    tab.click("#models a:has-text('(not said)')")
    assert shown(tab) == ("83 of 250 replies", 83)


def test_rows_are_sorted_both_ways(open_page: Open) -> None:
    tab = open_page(PAGES["index"]())
    first = "#rows tbody tr:first-child th"
    tab.get_by_role("button", name="Reply", exact=True).click()
    assert tab.locator(first).text_content() == "task/0"
    tab.get_by_role("button", name="Reply", exact=True).click()
    assert tab.locator(first).text_content() == "task/249"
    assert tab.locator("#rows th[aria-sort=descending]").text_content() == "Reply"
    tab.get_by_role("button", name="Time", exact=True).click()
    slowest = max(rows(250), key=lambda row: round(row.seconds, 3))
    assert tab.locator(first).text_content() == slowest.id


def test_without_a_script_everything_is_there(open_page: Open) -> None:
    tab = open_page(PAGES["index"](), java_script_enabled=False)
    assert tab.locator("#rows tbody tr:visible").count() == 250
    assert not tab.locator(".filters").is_visible()
    single = open_page(page(worm()), java_script_enabled=False)
    assert not single.locator("#theme").is_visible()
    single.click("#finding-2 .where a:has-text('main.py')")
    assert single.url.endswith("#file-1-4")

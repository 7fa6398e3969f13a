"""The report as a page: what stands on it, where it leads, and what it never lets in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from infected import PAYLOADS, infected
from pages import Element, check, parsed
from reporter_samples import SAMPLES, WORM, ball, conversation, hello, mended, no_jail, run, worm

from validator.facts import (
    Artifact,
    Observation,
    Part,
    Pin,
    Recovery,
    Reply,
    RequirementSource,
    SourceFile,
    Span,
    Undeclared,
    Vulnerability,
)
from validator.findings import Finding, Location, Severity, Verdict
from validator.reporters import prompt
from validator.reporters.html import page
from validator.reporters.html.markup import element, joined

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (320).to_bytes(4) + (240).to_bytes(4) + b"rest"


def section(root: Element, name: str) -> Element:
    return root.one("section", id=name)


def rows(table: Element) -> list[list[str]]:
    return [
        [cell.text for cell in row.all() if cell.tag in ("th", "td")] for row in table.all("tr")
    ]


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_page_holds_together(sample: str) -> None:
    check(page(SAMPLES[sample]()))


# ── the verdict ──────────────────────────────────────────────────────────────────────────────────


def test_the_verdict_says_what_why_and_what_to_do() -> None:
    top = section(check(page(worm())), "verdict")
    assert top.one("p", class_="stamp").text == "\N{MULTIPLICATION X} failed"
    assert top.one("h1").text == "reply.md"
    assert top.one("p", class_="why").text == (
        "3 errors, 1 warning. The first: pygame 2.1.2 exists but has wheels only for Python 3.6 to"
        " 3.10, not for Python 3.11."
    )
    assert top.one("p", class_="next").text == (
        "Next: validate --fix reply.mdCopy mends RV204, RV202 without a model,"
        " or send the message below to the model"
    )
    facts = [(each.one("dt").text, each.one("dd").text) for each in top.one("dl").all("div")]
    assert ("program", "main.py, 16 lines, from reply lines 4-19") in facts
    assert ("requirements", "pygame>=2.1.3 would install") in facts


def test_a_reply_that_passed_asks_for_nothing() -> None:
    root = check(page(hello()))
    assert section(root, "verdict").one("p", class_="why").text == (
        "It ran and did what its kind of program does. Nothing found."
    )
    assert root.all("section", id="message") == []


def test_what_could_not_be_done_comes_with_its_remedy() -> None:
    top = section(check(page(no_jail())), "verdict")
    assert top.one("p", class_="why").text == "The program was not run: no jail can be made here."
    assert top.one("p", class_="next").text == "Next: start Docker, or see validate doctor"


def test_without_a_file_no_command_names_it() -> None:
    top = section(check(page(worm(), index="../index.html", commands=False)), "verdict")
    assert top.one("p", class_="next").text == "Next: send the message below to the model"
    assert top.all("button") == []


def test_a_page_of_many_leads_back_to_its_index() -> None:
    assert parsed(page(hello(), index="../index.html")).all("a", href="../index.html")
    assert not parsed(page(hello())).all("a", href="../index.html")


# ── findings, and their lines ────────────────────────────────────────────────────────────────────


def test_a_finding_leads_to_its_lines_and_they_lead_back() -> None:
    root = check(page(worm()))
    second = root.one("li", id="finding-2")
    assert second.one("h3").text == "\N{MULTIPLICATION X} error RV204 use-before-definition"
    where = second.one("p", class_="where")
    assert [(each.text, each.attributes["href"]) for each in where.all("a")] == [
        ("reply line 7", "#reply-7"),
        ("main.py line 4", "#file-1-4"),
    ]
    for place in ("reply-7", "file-1-4"):
        line = root.one("div", id=place)
        assert line.one("code").text == "place_apple()"
        note = line.one("a", class_="said")
        assert note.attributes["href"] == "#finding-2"
        assert note.text.endswith("error RV204 place_apple() is called above its definition")
    # The near miss: what only needs a finding's word is marked by none.
    assert root.one("div", id="reply-8").all("a", class_="said") == []


def test_a_line_leads_to_what_it_became_and_back() -> None:
    root = check(page(conversation()))
    of_reply = root.one("div", id="reply-6")
    assert of_reply.attributes["data-twin"] == "file-1-4"
    assert of_reply.one("a", class_="number").attributes["aria-label"] == (
        "turn-2.md line 1, main.py line 4"
    )
    assert root.one("div", id="file-1-5").attributes["data-twin"] == "reply-6"
    # A fence became nothing of the program.
    assert root.one("div", id="reply-1").all("a") == []


def test_a_line_of_the_program_that_the_reply_does_not_have_is_said_to_be_ours() -> None:
    report = worm()
    file = report.submission.files[0]
    supplied = replace(file, reply_lines=(0, *file.reply_lines[1:]))
    root = check(page(replace(report, submission=replace(report.submission, files=(supplied,)))))
    line = root.one("div", id="file-1-1")
    assert (
        line.one("span", class_="number").attributes["title"] == "main.py line 1, not in the reply"
    )


def test_a_finding_without_a_place_has_no_link() -> None:
    finding = Finding("RV101", "no-code", Severity.ERROR, "there is no code")
    lost = replace(finding, location=Location("gone.py", 90, None, 900))
    root = check(page(replace(worm(), findings=(finding, lost))))
    assert root.one("li", id="finding-1").all("a") == []
    assert root.one("li", id="finding-2").all("a") == []
    assert root.one("li", id="finding-2").one("p", class_="where").text == "gone.py line 90"


def test_quoted_code_is_code_and_a_lone_tick_is_none() -> None:
    finding = Finding("RV206", "undefined-name", Severity.ERROR, "`nam` is not ``a`b`` or 5` long")
    root = check(page(replace(worm(), findings=(finding,))))
    message = root.one("li", id="finding-1").one("p", class_="message")
    assert [each.text for each in message.all("code")] == ["nam", "a`b"]
    assert message.text == "nam is not a`b or 5` long"


def test_a_fix_is_shown_as_what_it_takes_out_and_puts_in() -> None:
    fix = check(page(worm())).one("li", id="finding-3").one("details", class_="fix")
    assert fix.one("summary").text == 'Fix: write the guard as __name__ == "__main__"'
    assert [each.text for each in fix.all("del")] == ['-if name == "main":']
    assert [each.text for each in fix.all("ins")] == ['+if __name__ == "__main__":']


def test_fixes_made_and_dropped_are_told() -> None:
    fixes = section(check(page(mended())), "fixes")
    assert [each.text for each in fixes.all("h3")] == [
        "RV204 move the call below the definition",
        'RV202 write the guard as __name__ == "__main__"',
        "not kept, RV204 move the call below the definition",
    ]
    assert '+if __name__ == "__main__":' in [each.text for each in fixes.all("ins")]
    assert "It would have brought RV206: nothing defines <U+001B>[31mapple" in fixes.text


def test_recoveries_are_shown_as_they_stood_and_as_they_were_read() -> None:
    undone = section(check(page(conversation())), "recoveries")
    assert [each.text for each in undone.all("h3")] == [
        "unclosed-fence", "flattened-code", "flattened-code",
    ]  # fmt: skip
    second = undone.one("ol").all("li")[1]
    assert [each.text for each in second.all("del")] == ["def main(): greet(nam)"]
    assert [each.text for each in second.all("ins")] == ["def main():", "    greet(nam)"]
    assert second.one("a").attributes["href"] == "#reply-6"


def test_a_program_is_coloured_and_loses_nothing_by_it() -> None:
    code = (
        'class A:\n\t"""Text\n\n    over lines"""\n    def b(self): return 0x1F  # é\n'
        '\f\nx = "\\\n"\n'
    )
    report = hello()
    file = SourceFile("main.py", code, tuple(range(1, 9)))
    root = check(page(replace(report, submission=replace(report.submission, files=(file,)))))
    pane = root.one("section", class_="program")
    shown = [each.one("code").text for each in pane.all("div", class_="line")]
    assert shown == [
        "class A:", '    """Text', "", '    over lines"""', "    def b(self): return 0x1F  # é",
        "<U+000C>", 'x = "\\', '"',
    ]  # fmt: skip
    assert {"k", "s", "c", "m", "f"} <= {
        each.attributes.get("class") for each in pane.all("span") if "class" in each.attributes
    }


# ── the run ──────────────────────────────────────────────────────────────────────────────────────


def test_pictures_are_let_in_by_what_they_are_and_not_by_their_names() -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>window.hacked=1</script></svg>"
    artifacts = (
        Artifact("window.png", "screenshot", PNG),
        Artifact("window.apng", "animation", PNG),
        Artifact("figure-1.png", "figure", svg),
        Artifact("page.html", "figure", b"<h1 onclick=evil()>Page</h1>\n<script>evil()</script>\n"),
        Artifact("files/data.png", "file", b"\x00\x01\x02\xff"),
    )
    root = check(page(replace(ball(), run=replace(ball().run, artifacts=artifacts))))  # type: ignore[type-var]
    images = root.all("img")
    assert [each.attributes["width"] for each in images] == ["320", "320"]
    assert all(each.attributes["src"].startswith("data:image/png;base64,") for each in images)  # type: ignore[union-attr]
    assert section(root, "verdict").all("img") == images[:1]
    assert images[1] in root.one("details", class_="animation").all("img")
    said = [each.text for each in section(root, "run").one("div", class_="pictures").all("pre")]
    assert said == [svg.decode(), "<h1 onclick=evil()>Page</h1>\n<script>evil()</script>"]
    captions = [each.text for each in section(root, "run").all("figcaption")]
    assert captions[-1].endswith("files/data.png, 1 KiB (not shown: no picture this page embeds)")


def test_the_pictures_of_one_page_are_bounded() -> None:
    large = tuple(Artifact(f"{n}.png", "figure", PNG + bytes(5 << 20)) for n in range(4))
    report = replace(ball(), run=replace(ball().run, artifacts=large))  # type: ignore[type-var]
    assert len(parsed(page(report)).all("img")) == 3


def test_the_noise_of_a_machine_is_folded_and_the_rest_is_not() -> None:
    report = worm()
    assert report.run is not None
    stdout = b"one\npygame 2.6.1 (SDL 2.28.4, Python 3.11.7)\nALSA lib is what I use\ntwo\n"
    quiet = replace(report, run=replace(report.run, stdout=stdout, stdout_bytes=len(stdout)))
    streams = check(page(quiet)).all("div", class_="streams")
    folded = [each.text for each in streams[0].all("details")]
    assert folded == [
        "1 line of libraries and the machine, not its ownpygame 2.6.1 (SDL 2.28.4, Python 3.11.7)"
    ]
    open_ = [each.text for each in streams[0].children if isinstance(each, Element)]
    assert open_ == ["one", folded[0], "ALSA lib is what I use\ntwo"]


def test_what_was_done_with_a_program_is_told_in_order() -> None:
    seen = (
        Observation("input", {"prompt": "Name? ", "answer": "Alice"}),
        Observation("input", {"prompt": "Age? ", "answer": "5"}),
        Observation("port", {"port": 5000}),
        Observation("response", {"method": "GET", "path": "/", "status": 200, "body_bytes": 12}),
        Observation("response", {"method": "GET", "path": "/x", "error": "timed out"}),
        Observation("unheard-of", {"what": "<b>"}),
    )
    done = run(observations=seen)
    timeline = check(page(replace(hello(), run=done))).one("ol", class_="timeline")
    steps = [each for each in timeline.children if isinstance(each, Element)]
    assert [each.all("p")[0].text for each in steps] == [
        "Answered 2 prompts",
        "Listened on port 5000",
        "Answered / with 200, and 1 more request, 1 failure among them",
        "Unheard-of: what <b>",
    ]
    assert rows(steps[0].one("table")) == [
        ["It asked", "It was answered"], ["Name?", "Alice"], ["Age?", "5"],
    ]  # fmt: skip
    assert rows(steps[2].one("table"))[2] == ["GET", "/x", "", "", "timed out"]


def test_the_frames_of_a_traceback_lead_to_the_program() -> None:
    frames = section(check(page(worm())), "run").one("ol", class_="frames")
    assert [(each.text, each.attributes["href"]) for each in frames.all("a")] == [
        ("main.py line 4", "#file-1-4")
    ]


# ── packages, times, the message ─────────────────────────────────────────────────────────────────


def test_packages_are_told_with_why_they_are_what_they_are() -> None:
    report = worm()
    assert report.resolution is not None
    weak = Vulnerability("PYSEC-2023-1", (), "<b>bad</b>", ("2.7",))
    pins = (
        *report.resolution.pins,
        Pin("numpy", "2.0", "cd" * 32, "n.whl", ("pygame",), vulnerabilities=(weak,)),
    )
    packages = section(
        check(page(replace(report, resolution=replace(report.resolution, pins=pins)))), "packages"
    )
    asked, locked = packages.all("table")
    assert rows(asked)[1] == [
        "pygame==2.1.2",
        "the reply lists it",
        "pygame 2.6.1, as pygame>=2.1.3",
        "pygame 2.1.2 exists but has wheels only for Python 3.6 to 3.10, not for Python 3.11",
    ]
    assert asked.one("a").attributes["href"] == "#reply-25"
    assert rows(locked)[1:] == [
        ["pygame", "2.6.1", "asked for", "not known"],
        ["numpy", "2.0", "for pygame", "PYSEC-2023-1 (fixed in 2.7)"],
    ]


def test_an_import_nobody_asked_for_is_told_once() -> None:
    report = worm()
    assert report.resolution is not None
    requirement = replace(
        report.resolution.requirements[0],
        source=RequirementSource.IMPORT,
        import_name="pygame",
        span=Span(4, 4),
    )
    undeclared = (
        Undeclared("pygame", "main.py", 1, "pygame"),
        Undeclared("sdl2x", "main.py", 2, None, candidates=("pysdl2", "sdl2")),
    )
    resolution = replace(
        report.resolution, requirements=(requirement,), unresolved=(), undeclared=undeclared
    )
    packages = section(check(page(replace(report, resolution=resolution))), "packages")
    asked, unknown, _ = packages.all("table")
    assert rows(asked)[1][1:] == [
        "the program imports it",
        "pygame 2.6.1",
        "nothing of the reply asks for it; imported as pygame",
    ]
    assert rows(unknown)[1:] == [
        ["sdl2x", "main.py line 2", "not found", "may be pysdl2, sdl2"],
    ]


def test_times_are_a_table_and_a_drawing() -> None:
    times = section(check(page(worm())), "times")
    assert [row[:2] for row in rows(times.one("table"))[1:]] == [
        ["reading", "0.01 s"],
        ["linting", "1.1 s"],
        ["packages", "0.40 s"],
        ["run", "0.90 s"],
        ["in all", "1.6 s"],
    ]
    assert [each.attributes["width"] for each in times.all("rect")] == [
        "6.2", "687.5", "250.0", "562.5", "1000.0",
    ]  # fmt: skip


def test_the_message_is_the_one_the_model_gets() -> None:
    assert check(page(worm())).one("pre", id="prompt").text == prompt.render(worm())


# ── size, and what is not ours ───────────────────────────────────────────────────────────────────


def test_a_page_without_pictures_is_small() -> None:
    program = "".join(
        f'def f{n}(a, b=None): return [x for x in a if x != "{n}"]\n' for n in range(60)
    )
    text = f"Here:\n\n```python\n{program}```\n"
    report = worm()
    file = SourceFile("main.py", program, tuple(range(4, 64)))
    submission = replace(report.submission, reply=Reply((Part(text, "a.md"),)), files=(file,))
    assert len(page(replace(report, submission=submission)).encode()) < 300 * 1024


def test_a_reply_without_end_is_cut_but_not_where_something_was_found() -> None:
    text = "x = 1\n" * 30_000
    report = worm()
    file = SourceFile("main.py", text, tuple(range(1, 30_001)))
    finding = Finding(
        "RV401", "crashed", Severity.ERROR, "no", Location("main.py", 20_000, 1, 20_000)
    )
    submission = replace(report.submission, reply=Reply((Part(text, "a.md"),)), files=(file,))
    shown = page(replace(report, submission=submission, findings=(finding,)))
    root = check(shown)
    assert root.one("li", id="finding-1").one("p", class_="where").all("a", href="#file-1-20000")
    assert len(root.all("div", class_="line")) == 2 * (4000 + 7)
    assert "15,996 lines not shown" in section(root, "listing").text
    assert len(shown) < 6_000_000


def test_findings_without_end_are_counted_and_no_link_leads_nowhere() -> None:
    report = worm()
    many = tuple(
        Finding("F821", "undefined", Severity.NOTE, f"no {n}", Location("main.py", 4, 1, 7))
        for n in range(1200)
    )
    root = check(page(replace(report, findings=many, suppressed=many)))
    assert len(root.one("ol", class_="findings").all("li", class_="finding")) == 500
    assert "and 700 more" in section(root, "findings").text
    assert len(root.one("div", id="reply-7").all("a", class_="said")) == 500


@pytest.mark.parametrize("sample", ["worm", "ball", "conversation", "mended", "no-jail"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_any_field_becomes_part_of_the_page(sample: str, payload: str) -> None:
    report = SAMPLES[sample]()
    root = check(page(infected(report, payload)))
    sections = [each.attributes.get("id") for each in root.one("main").all("section")]
    expected = parsed(page(report)).one("main").all("section")
    assert sections == [each.attributes.get("id") for each in expected]
    hidden = [char for char in root.text if not char.isprintable() and char not in "\n\u200d"]
    assert hidden == []


@settings(max_examples=60)
@given(
    st.text(st.characters(), max_size=60)
    | st.text(st.sampled_from("<>\"'&/=-!`\\{}\x00\u202e\nascript on:#"), max_size=60)
)
def test_any_text_stays_text(words: str) -> None:
    finding = Finding("F821", words, Severity.WARNING, words, Location(words, 1, 1, 1), hint=words)
    recovery = Recovery(f"kind {words}", Span(1, 1), words, words)
    report = worm()
    submission = replace(
        report.submission,
        reply=Reply((Part(f"{words}\n{WORM}", words),)),
        files=(SourceFile(words, f"{words}\n", (1,)),),
        entry_point=words,
        recoveries=(recovery,),
    )
    check(page(replace(report, submission=submission, reason=words, findings=(finding,))))


def test_the_builder_writes_nothing_that_acts() -> None:
    assert element("p", "<b>", element("b", '"&"'), None, title="'\"<\n").html == (
        '<p title="&#x27;&quot;&lt;\n">&lt;b&gt;<b>&quot;&amp;&quot;</b></p>'
    )
    assert (
        joined(("a\x00\u202eb\r\n", None)).html == "a&lt;U+0000&gt;&lt;U+202E&gt;b&lt;U+000D&gt;\n"
    )
    for refused in (
        lambda: element("script", "x"),
        lambda: element("iframe"),
        lambda: element("p onclick=x"),
        lambda: element("p", onclick="x"),
        lambda: element("p", style="x"),
        lambda: element("p", **{"a b": "x"}),
        lambda: element("a", href="javascript:x"),
        lambda: element("a", href="//example.invalid/x.html"),
        lambda: element("a", href="https://example.invalid/x.html"),
        lambda: element("a", href='#a" x="'),
        lambda: element("img", src="data:image/svg+xml;base64,AAAA"),
        lambda: element("img", src="x.png"),
    ):
        with pytest.raises(ValueError, match=r"page has no|not an address"):
            refused()


def test_a_verdict_is_a_word_and_a_mark() -> None:
    for verdict in Verdict:
        stamp = parsed(page(replace(hello(), verdict=verdict))).one("p", class_="stamp")
        mark = stamp.one("span")
        assert stamp.text == f"{mark.text} {verdict.value}"
        assert mark.attributes["aria-hidden"] == "true"

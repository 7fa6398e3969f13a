"""The Markdown summary, rendered by a parser that is not ours to see what a reader would."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reporter_samples import SAMPLES, WORM, hello, submission
from test_reporters_snapshots import expect

from validator.findings import Finding, Missing, Report, SetAside, Severity, Verdict
from validator.reporters.markdown import ROWS_SHOWN, render_all

if TYPE_CHECKING:
    from markdown_it.token import Token

PARSER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
HARMFUL = {"link_open", "image", "html_inline", "html_block", "fence"}


def tokens(text: str) -> list[Token]:
    return [token for block in PARSER.parse(text) for token in (block, *(block.children or ()))]


def hostile(words: str) -> Report:
    of = submission(WORM, 4, 19, origin=words or "-")
    finding = Finding("RV206", "undefined-name", Severity.ERROR, words, hint=words)
    aside = replace(finding, set_aside=SetAside("comment", words))
    return Report(
        of,
        Verdict.FAILED,
        words,
        findings=(finding,),
        suppressed=(aside,),
        missing=(Missing("packages", words, words),),
    )


def test_the_whole_document_of_several() -> None:
    expect("several.md", render_all([SAMPLES[each]() for each in SAMPLES]))


@pytest.mark.parametrize(
    "words",
    [
        "[click](https://evil.example)",
        "![x](https://evil.example/x.png)",
        "<img src=x onerror=alert(1)>",
        "` [out](https://evil.example) `",
        "``` <b>`",
        "a | b | <script>",
        "\\` [x](y) \\|",
        "line\n\n# heading\n\n```\nfence",
        "`",
    ],
)
def test_a_reply_makes_no_link_image_or_html(words: str) -> None:
    kinds = {token.type for token in tokens(render_all([hostile(words)]))}
    assert not kinds & HARMFUL


def test_the_table_keeps_its_columns() -> None:
    table = [each.type for each in tokens(render_all([hostile("a | b \\| c")]))]
    assert table.count("td_open") == 4


@given(st.text(st.characters(codec=None)))
def test_no_text_at_all_gets_out_of_its_span(words: str) -> None:
    found = tokens(render_all([hostile(words)]))
    assert not {token.type for token in found} & HARMFUL
    assert [each.type for each in found].count("heading_open") == 2


def test_of_many_replies_those_that_failed_come_first_and_the_rest_is_counted() -> None:
    reports = [hello()] * (ROWS_SHOWN + 5) + [SAMPLES["worm"]()]
    text = render_all(reports)
    rows = [line for line in text.splitlines() if line.startswith("| **") or "| passed" in line]
    assert rows[0].startswith("| **failed** |")
    assert len(rows) == ROWS_SHOWN
    assert "And 6 more." in text

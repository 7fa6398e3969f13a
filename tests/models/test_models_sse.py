from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.models import sse


def test_events_are_told_apart_by_empty_lines() -> None:
    assert list(sse.data([b"data: one\n\ndata: two\n\n"])) == ["one", "two"]


def test_lines_may_end_in_cr_lf() -> None:
    assert list(sse.data([b"data: one\r\n\r\ndata: two\r\n\r\n"])) == ["one", "two"]


def test_comments_and_other_fields_are_no_data() -> None:
    stream = b": ping - 2026-11-22\r\n\r\nevent: x\nid: 7\ndata: one\n\n:\n\n"
    assert list(sse.data([stream])) == ["one"]


def test_data_of_several_lines_is_joined() -> None:
    assert list(sse.data([b"data: one\ndata: two\n\n"])) == ["one\ntwo"]


def test_the_space_after_the_colon_is_optional_and_only_one_is_dropped() -> None:
    assert list(sse.data([b"data:one\n\ndata:  two\n\n"])) == ["one", " two"]


def test_an_event_the_stream_breaks_off_in_is_kept() -> None:
    assert list(sse.data([b"data: one\n\ndata: two"])) == ["one", "two"]


def test_a_line_separator_inside_the_data_ends_no_line() -> None:
    assert list(sse.data(["data: a\u2028b\x0cc\n\n".encode()])) == ["a\u2028b\x0cc"]


def test_an_endless_line_is_given_up_and_what_came_before_stands() -> None:
    events = sse.data([b"data: one\n\n", *[b"x" * 65536] * 20])
    assert next(events) == "one"
    with pytest.raises(sse.OverlongLine):
        next(events)


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1)),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    size=st.integers(1, 7),
)
def test_where_the_bytes_are_cut_changes_nothing(texts: list[str], ends: str, size: int) -> None:
    stream = "".join(f"data: {text}{ends}{ends}" for text in texts).encode()
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert list(sse.data(chunks)) == texts

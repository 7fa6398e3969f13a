"""What a terminal shows in the end, by what was drawn on it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seeing import guest


def shown(*drawn: str, lines: int = 6, columns: int = 20) -> list[str]:
    screen: Any = guest("screen").Screen(lines, columns)
    for each in drawn:
        screen.feed(each)
    return list(screen.shown())


@pytest.mark.parametrize(
    ("drawn", "seen"),
    [
        pytest.param("one\r\ntwo\n", ["one", "two"], id="lines"),
        pytest.param("one\x1b[3;5Htwo\x1b[2dx", ["one", "       x", "    two"], id="places"),
        pytest.param("score 1\rscore 2", ["score 2"], id="over itself"),
        pytest.param("50%\b\b\b75%", ["75%"], id="backspaces"),
        pytest.param("\x1b[1;31mred\x1b[0m \x1b[38;5;9mred", ["red red"], id="colours"),
        pytest.param("\x1b(0lqk\x1b(B lqk", ["┌─┐ lqk"], id="boxes"),
        pytest.param("a\x1b[4b", ["aaaaa"], id="the same again"),
        pytest.param("abcdef\x1b[3G\x1b[2P", ["abef"], id="characters taken out"),
        pytest.param("abcdef\x1b[3G\x1b[2@", ["ab  cdef"], id="room made"),
        pytest.param("abcdef\x1b[3G\x1b[2X", ["ab  ef"], id="characters blanked"),
        pytest.param("abcdef\x1b[3G\x1b[K", ["ab"], id="the rest of a line blanked"),
        pytest.param("a\r\nb\r\nc\x1b[2;1H\x1b[M", ["a", "c"], id="a line taken out"),
        pytest.param("a\r\nb\x1b[1;1H\x1b[L", ["a", "b"], id="a line put in"),
        pytest.param("a\r\nb\r\nc\x1b[2;1H\x1b[J", ["a"], id="everything below blanked"),
        pytest.param("x" * 25, ["x" * 20, "xxxxx"], id="a line too long"),
        pytest.param("\x1b]0;a title\x07text", ["text"], id="a title"),
        pytest.param("\x1b]0;never ended", ["0;never ended"], id="a title without end"),
        pytest.param("\x1b[999;999H.\x1b[999A\x1b[999D<", ["<", *[""] * 4, " " * 19 + "."],
                     id="out of bounds"),
    ],
)  # fmt: skip
def test_each_character_is_where_it_was_put(drawn: str, seen: list[str]) -> None:
    assert shown(drawn) == seen


def test_what_scrolled_off_can_still_be_read() -> None:
    assert shown("".join(f"line {number}\r\n" for number in range(9)))[0] == "line 0"


def test_a_part_that_scrolls_leaves_the_rest_alone() -> None:
    assert shown("head\r\n\x1b[2;3r\x1b[2;1Ha\r\nb\r\nc\x1b[6;1Hfoot") == [
        "head", "b", "c", "", "", "foot",
    ]  # fmt: skip


def test_the_screen_of_a_program_that_has_left_it_comes_before_what_it_printed() -> None:
    assert shown("before\r\n\x1b[?1049h\x1b[2;3Hmenu\x1b[?1049l", "bye\r\n") == [
        "  menu", "before", "bye",
    ]  # fmt: skip


def test_who_clears_the_screen_before_leaving_has_shown_it() -> None:
    assert shown("\x1b[?1049h\x1b[2;3Hmenu", "\x1b[2J\x1b[?1049lbye") == ["  menu", "bye"]


@given(st.lists(st.one_of(
    st.text(),
    st.from_regex(r"\x1b\[[?]?[0-9;]{0,6}[@-~]", fullmatch=True),
    st.sampled_from(["\x1b[?1049h", "\x1b[?1049l", "\x1bM", "\x1b7", "\x1b8", "\n" * 9]),
), max_size=30))  # fmt: skip
def test_whatever_is_drawn_the_screen_keeps_its_size(drawn: list[str]) -> None:
    screen: Any = guest("screen").Screen(6, 20)
    for each in drawn:
        screen.feed(each)

    assert [len(row) for row in screen.rows] == [20] * 6
    assert 0 <= screen.line < 6
    assert 0 <= screen.column <= 20
    assert all("\n" not in line for line in screen.shown())

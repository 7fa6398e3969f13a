from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.rules.noise import clean, strip_noise

HEADLESS = """\
pygame 2.6.1 (SDL 2.28.4, Python 3.11.7)
Hello from the pygame community. https://www.pygame.org/contribute.html
ALSA lib confmisc.c:855:(parse_card) cannot find card '0'
ALSA lib pcm.c:2664:(snd_pcm_open_noupdate) Unknown PCM default
libEGL warning: MESA-LOADER: failed to open swrast: /usr/lib/dri/swrast_dri.so: cannot open shared

error: XDG_RUNTIME_DIR not set in the environment.
error: XDG_RUNTIME_DIR is invalid or not set in the environment.
/lib/python3.11/site-packages/pygame/sysfont.py:223: UserWarning: 'fc-list' is missing, system
QStandardPaths: XDG_RUNTIME_DIR not set, defaulting to '/tmp/runtime-nobody'
/lib/site-packages/pygame/sysfont.py:223: UserWarning: 'fc-list' is missing, system fonts
  warnings.warn(
/lib/site-packages/pygame/pkgdata.py:25: UserWarning: pkg_resources is deprecated as an API. See x
  from pkg_resources import resource_stream, resource_exists
snake.py:12: UserWarning: FigureCanvasAgg is non-interactive, and thus cannot be shown
  plt.show()
Matplotlib is building the font cache; this may take a moment.
"""


def test_what_a_machine_without_screen_sound_and_fonts_says_is_taken_out() -> None:
    assert strip_noise(HEADLESS) == ""


def test_what_the_program_says_between_it_stays_in_order() -> None:
    text = "score: 3\nALSA lib conf.c:5178:(_snd_config_evaluate) function\n\n  indented\ndone\n"

    assert strip_noise(text) == "score: 3\n\n  indented\ndone\n"


@pytest.mark.parametrize(
    "line",
    [
        "ALSA lib is what Linux plays sound with",
        "Hello from the pygame community!",
        "pygame 2 is fun",
        "XDG_RUNTIME_DIR=/run/user/1000",
        "snake.py:3: UserWarning: pick a bigger board",
        "Matplotlib is fine",
        "the libEGL warning: was printed here",
    ],
)
def test_a_line_that_only_mentions_the_same_words_stays(line: str) -> None:
    assert strip_noise(f"{line}\n") == f"{line}\n"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b[31mred\x1b[0m\n", "red\n"),
        (b"\x1b]0;owned\x07title\n", "title\n"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", "link\n"),
        (b"10%\r20%\r\ndone\n", "10%\n20%\ndone\n"),
        (b"nul\x00 bell\x07 back\x08space\tkept\n", "nul bell backspace\tkept\n"),
        (b"\xff\xfeok\n", "\ufffd\ufffdok\n"),
        ("\u009b31mred\n".encode(), "red\n"),
        ("né 😀\n".encode(), "né 😀\n"),
    ],
)
def test_bytes_become_text_that_does_nothing_to_a_terminal(data: bytes, text: str) -> None:
    assert clean(data) == text


@given(st.binary(max_size=200))
def test_no_control_character_survives(data: bytes) -> None:
    assert all(char in "\n\t" or ord(char) >= 32 for char in clean(data))
    assert "\x1b" not in clean(data)


@given(st.text(max_size=200))
def test_stripping_twice_is_stripping_once(text: str) -> None:
    once = strip_noise(text)

    assert strip_noise(once) == once
    assert all(line in text.split("\n") for line in once.split("\n"))

"""Files a run did not find: which they were, and what stands for them."""

from __future__ import annotations

import csv
import io
import json
import struct
import wave
import zipfile

import pytest
from driving_outcome import program
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from validator.arguments import parse
from validator.facts import Ending, Frame, Plan, ProgramKind, Run, SourceFile, Traceback
from validator.sandbox import missing
from validator.sandbox.placeholders import EXTENSIONS, content
from validator.settings import load


def run(message: str = "", *, stderr: bytes = b"", line: int = 1, kind: str = "OSError") -> Run:
    trace = Traceback(kind, message, (Frame("main.py", line, "<module>"),)) if message else None
    return Run(
        backend="bubblewrap",
        plan=Plan(ProgramKind.SCRIPT, "chosen by the test"),
        ending=Ending.EXITED,
        exit_code=1,
        stdout=b"",
        stderr=stderr,
        stdout_bytes=0,
        stderr_bytes=len(stderr),
        wall_seconds=0.1,
        traceback=trace,
    )


@pytest.mark.parametrize(
    "message",
    [
        "[Errno 2] No such file or directory: 'img/hero.png'",
        "No file 'img/hero.png' found in working directory '/work'.",
        "Unable to open file 'img/hero.png'",
        'couldn\'t open "img/hero.png": no such file or directory',
        "[Errno 2] No such file or directory: '/work/img/hero.png'",
        "Failed to load image: img/hero.png",
    ],
)
def test_a_missing_file_is_known_by_every_librarys_words(message: str) -> None:
    assert missing.wanted(run(message), program("load()\n")) == ("img/hero.png",)


def test_what_the_code_reads_beside_it_is_wanted_too_and_what_it_writes_is_not() -> None:
    text = (
        'import os\n\nload("a.png")\nload(os.path.join("snd", "jump.wav"))\nopen("log.txt", "w")\n'
        'save("b.png")\nplot.savefig("c.png")\nload(":resources:/d.png")\nload("../e.png")\n'
    )

    assert missing.wanted(run("No such file or directory: 'a.png'", line=3), program(text)) == (
        "a.png",
        "snd/jump.wav",
    )


def test_a_template_that_a_page_wanted_goes_where_templates_lie() -> None:
    log = b"jinja2.exceptions.TemplateNotFound: index.html\n"
    program_ = program('render_template("index.html")\n')

    assert missing.wanted(run(stderr=log), program_) == ("templates/index.html",)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("No such file or directory: '/etc/x.txt'", "load()\n"),
        ("No such file or directory: '../x.txt'", "load()\n"),
        ("No such file or directory: 'x.sock'", "load()\n"),
        ("No such file or directory: 'out/x.txt'", 'open("out/x.txt", "w")\n'),
        ("No such file or directory: 'out/x.png'", 'plt.savefig("out/x.png")\n'),
        ("No such file or directory: '.git/x.txt'", "load()\n"),
        ("No such file or directory: 'main.py'", "load()\n"),
        ("division by zero", 'open("x.txt")\n'),
    ],
)
def test_nothing_is_wanted_where_nothing_could_stand(message: str, text: str) -> None:
    assert missing.wanted(run(message), program(text)) == ()


@settings(deadline=None)
@given(st.text(max_size=400), st.binary(max_size=400))
def test_whatever_a_program_says_no_path_leaves_the_work_folder(
    message: str, stderr: bytes
) -> None:
    for path in missing.wanted(run(message or "x", stderr=stderr), program("load()\n")):
        parts = path.split("/")
        assert ".." not in parts
        assert "" not in parts


@pytest.mark.parametrize("extension", ["png", "jpg", "gif", "bmp"])
def test_a_picture_that_stands_for_another_can_be_read(extension: str) -> None:
    picture = Image.open(io.BytesIO(content(f"a.{extension}", ()) or b""))
    picture.load()

    assert min(picture.size) >= 64


def test_a_sound_that_stands_for_another_can_be_played() -> None:
    with wave.open(io.BytesIO(content("a.wav", ()) or b"")) as sound:
        assert sound.getnframes() / sound.getframerate() == 0.5


def test_a_table_has_the_columns_the_program_looks_up() -> None:
    files = program('for row in rows:\n    print(row["amount"], row["sold_date"], row["name"])\n')
    rows = list(csv.DictReader(io.StringIO((content("a.csv", files.files) or b"").decode())))

    assert set(rows[0]) == {"amount", "sold_date", "name"}
    assert all(float(row["amount"]) > 0 for row in rows)
    assert json.loads(content("a.json", files.files) or b"")["name"]


@settings(deadline=None)
@given(st.sampled_from(sorted(EXTENSIONS)), st.text(max_size=200))
def test_everything_that_can_stand_for_a_file_does_for_any_program(
    extension: str, text: str
) -> None:
    made = content(f"x.{extension.upper()}", program(text).files)

    assert made or extension in ("ttf", "otf")
    assert made == content(f"x.{extension}", program(text).files)


def test_the_flags_that_drive_a_program_become_settings() -> None:
    options = parse(["a.md", "--kind", "cli", "--no-instrument", "--no-placeholder-assets"])
    made = load(
        {name: getattr(options, name) for name in ("kind", "instrument", "placeholder_assets")}
    )

    assert (made.kind, made.instrument, made.placeholder_assets) == (
        "cli",
        False,
        False,
    )
    assert load({}).kind is None
    assert load({}).instrument
    assert not load({}, environ={"VALIDATOR_INSTRUMENT": "no"}).instrument


def source(text: str) -> SourceFile:
    return SourceFile("main.py", text, tuple(range(1, text.count("\n") + 1)))


def test_music_and_workbooks_are_what_their_names_say() -> None:
    table = source('print(sheet["Qty"], sheet["a<b"])\n')
    music = content("theme.mp3", ()) or b""
    frames = [music[at : at + 4] for at in range(0, len(music), 104)]
    book = zipfile.ZipFile(io.BytesIO(content("sales.xlsx", (table,)) or b""))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()

    assert set(frames) == {b"\xff\xfb\x10\xc0"}
    assert book.testzip() is None
    assert "<t>Qty</t>" in sheet
    assert "<t>a&lt;b</t>" in sheet
    assert content("sales.xlsx", (table,)) == content("sales.xlsx", (table,))


def test_a_sound_in_ogg_is_a_stream_of_three_pages_each_with_its_checksum() -> None:
    data = content("theme.ogg", ()) or b""
    pages = [b"OggS" + each for each in data.split(b"OggS")[1:]]

    assert [page[5] for page in pages] == [2, 0, 4]  # the first of a stream, one between, the last
    assert [struct.unpack_from("<I", page, 18)[0] for page in pages] == list(range(3))
    assert [page[28:].count(b"vorbis") for page in pages] == [1, 2, 0]
    for page in pages:
        bare = page[:22] + bytes(4) + page[26:]
        assert struct.unpack_from("<I", page, 22)[0] == crc_of_ogg(bare)
    assert content("theme.ogg", ()) is data


def crc_of_ogg(data: bytes) -> int:
    """Return the remainder of a division of polynomials, bit by bit from the front."""
    bits = int.from_bytes(data + bytes(4), "big")
    for at in range(bits.bit_length() - 1, 31, -1):
        if bits >> at & 1:
            bits ^= 0x104C11DB7 << (at - 32)
    return bits


def test_columns_are_named_as_pandas_is_told_of_them() -> None:
    text = 'df.groupby("department")["salary"].mean()\ndf.plot(x="month", y=["a", "b"])\n'
    head = (content("x.csv", (source(text),)) or b"").splitlines()[0].decode()

    assert set(head.split(",")) == {"department", "salary", "month", "a", "b"}

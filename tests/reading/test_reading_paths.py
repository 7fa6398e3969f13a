"""File names come from a model: whatever it writes, the path is safe below any folder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.facts import Part, Reply
from validator.reading import read
from validator.reading.paths import safe_path


@pytest.mark.parametrize(
    "name", ["main.py", "src/app.py", "templates/index.html", "a b.py", "é.py"]
)
def test_a_safe_name_stays(name):
    assert safe_path(name) == name


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/cron.d/x.py", "etc/cron.d/x.py"),
        ("/etc/x.py", "etc/x.py"),
        ("C:\\Users\\ann\\x.py", "Users/ann/x.py"),
        ("a/../../x.py", "a/x.py"),
        ("x\0.py", "x.py"),
        ("con.py", "_con.py"),
        ("lib/NUL.txt", "lib/_NUL.txt"),
        ("~/x.py", "x.py"),
        ("~root/x.py", "root/x.py"),
        ("..", "main.py"),
        ("a/./x.py", "a/x.py"),
        ("x.py. ", "x.py"),
    ],
)
def test_an_unsafe_name_becomes_a_safe_one(name, path):
    assert safe_path(name) == path


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_no_name_escapes(name):
    path = safe_path(name)
    pieces = path.split("/")
    assert path
    assert not path.startswith(("/", "~"))
    assert not set(pieces) & {"", ".", ".."}
    assert not any(ord(character) < 32 or character in ':\\"*?<>|' for character in path)
    assert safe_path(path) == path


def test_the_reader_says_what_it_did():
    text = '```python title="../../outside.py"\nprint(1)\n```\n'
    found = read(Reply((Part(text, "reply.md"),)))
    assert [file.path for file in found.files] == ["outside.py"]
    (recovery,) = [r for r in found.recoveries if r.kind == "unsafe-path"]
    assert (recovery.before, recovery.after) == ("../../outside.py", "outside.py")

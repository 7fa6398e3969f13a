"""Members of a wheel are written by a process of its own: whole and as announced, or not at all."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.errors import Unavailable
from validator.packages import inflating
from validator.packages.inflating import PIECE_BYTES, write
from validator.packages.writers import Writers

LARGE = b"".join(b"%d " % number for number in range(400_000))


def pack(path, contents: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED):
    """A wheel of these, and what is told of its members."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    with zipfile.ZipFile(path) as archive:
        return [
            [
                each.filename, each.header_offset, each.compress_size, each.file_size, each.CRC,
                each.compress_type, 0o644,
            ]
            for each in archive.infolist()
        ]  # fmt: skip


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_comes_out_is_what_went_in(tmp_path, method):
    contents = {
        "empty.py": b"",
        "small.py": b"x = 1\n",
        "piece": b"\0" * PIECE_BYTES,
        "more": b"\0" * (PIECE_BYTES + 1),
        "large": LARGE,
        "naïve\n.py": b"y",
    }
    members = pack(tmp_path / "w", contents, method)
    (tmp_path / "out").mkdir()
    assert write(str(tmp_path / "w"), str(tmp_path / "out"), members) is None
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == contents


@pytest.mark.parametrize(
    ("field", "value", "damage"),
    [
        (1, 9, "its header is not where the list of files says"),
        (1, -5, "its header is not where the list of files says"),
        (1, 2**63 + 5, "its header is not where the list of files says"),
        (2, 2**62, "it is not where the list of files says"),
        (2, 5, "its size or its checksum is another than announced"),
        (3, 1, "its size or its checksum is another than announced"),
        (3, len(LARGE) + 1, "its size or its checksum is another than announced"),
        (3, 0, "its size or its checksum is another than announced"),
        (4, 7, "its size or its checksum is another than announced"),
        (5, 0, "its size or its checksum is another than announced"),
    ],
)
@pytest.mark.parametrize("which", [0, 1])
def test_what_is_not_as_announced_is_damage(tmp_path, which, field, value, damage):
    members = pack(tmp_path / "w", {"small.py": b"x = 1\n" * 9, "large": LARGE})
    members[which][field] = value
    (tmp_path / "out").mkdir()
    told = write(str(tmp_path / "w"), str(tmp_path / "out"), members)
    assert told == {"member": which, "damage": damage}
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= len(LARGE) + 54


def test_a_bomb_does_not_burst(tmp_path):
    members = pack(tmp_path / "w", {"bomb": b"\0" * 50_000_000})
    members[0][3] = 2 * PIECE_BYTES
    (tmp_path / "out").mkdir()
    told = write(str(tmp_path / "w"), str(tmp_path / "out"), members)
    assert told is not None
    assert "another than announced" in told["damage"]
    assert (tmp_path / "out" / "bomb").stat().st_size <= 2 * PIECE_BYTES


@given(data=st.binary(max_size=300), size=st.integers(0, 2 * PIECE_BYTES))
def test_no_data_upsets_it(tmp_path_factory, data, size):
    folder = tmp_path_factory.mktemp("any")
    (folder / "w").write_bytes(b"PK\x03\x04" + bytes(26) + data)
    member = ["x", 0, len(data), size, zlib.crc32(data), zipfile.ZIP_DEFLATED, 0o644]
    told = write(str(folder / "w"), str(folder), [member])
    assert told is None or told["damage"]


def run(prelude: str, asked: dict[str, object]) -> dict[str, object]:
    program = (
        f"import runpy\n{prelude}\nrunpy.run_path({inflating.__file__!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        input=json.dumps(asked).encode(), capture_output=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_what_the_system_says_is_passed_on(tmp_path):
    asked = {
        "wheel": str(tmp_path / "w"), "folder": str(tmp_path),
        "members": pack(tmp_path / "w", {"x.py": b"x = 1\n" * 9}),
    }  # fmt: skip
    small_disk = (
        "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))"
    )
    assert run(small_disk, asked) == {
        "member": 0,
        "errno": errno.EFBIG,
        "words": "File too large",
    }
    assert run("", asked) == {
        "member": 0,
        "errno": errno.EEXIST,
        "words": "File exists",
    }


def test_a_wheel_that_went_is_what_the_system_says_of_it(tmp_path):
    asked = {"wheel": str(tmp_path / "w"), "folder": str(tmp_path), "members": []}
    gone = {"member": 0, "errno": errno.ENOENT, "words": "No such file or directory"}
    assert run("", asked) == gone


def test_a_process_that_is_ended_is_nobody_s_fault(tmp_path):
    members = pack(tmp_path / "w", {"x.py": b"x = 1\n"})
    writers = Writers()
    try:
        asked = {"wheel": str(tmp_path / "w"), "folder": str(tmp_path), "members": members}
        assert writers.write(**asked) is None
        writers.kill()
        for _ in range(3):
            with pytest.raises(Unavailable, match="the process that unpacks packages was ended"):
                writers.write(**asked)
    finally:
        writers.close()

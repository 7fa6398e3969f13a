"""Source archives before they are built: what is read of them, and what is refused."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_archives import archive, project

from validator.packages import sources
from validator.packages.sources import UnfitSourceError, read_source


def member(name: str, kind: bytes = tarfile.REGTYPE, **facts: object) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type = kind
    for key, value in facts.items():
        setattr(found, key, value)
    return found


def test_files_and_build_system():
    source = read_source(
        project("tune", build_requires="[\"hatchling >= 1.20 ; python_version>'3'\"]"),
        "tune-1.0.tar.gz",
    )
    assert [each.path for each in source.files] == [
        "pyproject.toml", "build-tools/own_backend.py", "tune.py"
    ]  # fmt: skip
    assert (source.backend, source.backend_path) == ("own_backend", ("build-tools",))
    assert source.requires == ('hatchling>=1.20; python_version > "3"',)


def test_a_zip_is_read_as_well():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("tune-1.0/setup.py", "pass\n")
        packed.writestr("tune-1.0/empty/", "")
    source = read_source(buffer.getvalue(), "tune-1.0.zip")
    assert [each.path for each in source.files] == ["setup.py"]
    assert source.backend == "setuptools.build_meta:__legacy__"
    assert source.requires == ("setuptools>=40.8.0", "wheel")


def test_links_and_devices_are_left_out():
    data = archive(
        {"tune-1.0/setup.py": ""},
        member("tune-1.0/passwd", tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("tune-1.0/hard", tarfile.LNKTYPE, linkname="/etc/passwd"),
        member("tune-1.0/tty", tarfile.CHRTYPE),
        member("tune-1.0/pipe", tarfile.FIFOTYPE),
    )
    assert [each.path for each in read_source(data, "tune-1.0.tar.gz").files] == ["setup.py"]


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"tune-1.0/../../etc/passwd": ""}, "does not stay in its folder"),
        ({"/tune-1.0/setup.py": ""}, "does not stay in its folder"),
        ({"tune-1.0//setup.py": ""}, "does not stay in its folder"),
        ({"tune-1.0/a\\b": ""}, "does not stay in its folder"),
        ({"tune-1.0/a\x1bb": ""}, "does not stay in its folder"),
        ({"tune-1.0/a": "", "tune-1.0/a/b": ""}, "is a file and a folder"),
        ({"setup.py": ""}, "it holds no files"),
        ({"t/pyproject.toml": "["}, "its pyproject.toml cannot be read"),
        ({"t/pyproject.toml": '[build-system]\nbuild-backend = "os;x"'}, "is not one"),
        ({"t/pyproject.toml": '[build-system]\nbackend-path = ["../x"]'}, "leads out of it"),
        ({"t/pyproject.toml": '[build-system]\nrequires = ["-r x"]'}, "not a list of requirements"),
        ({"t/pyproject.toml": '[build-system]\nrequires = "x"'}, "not a list of requirements"),
        ({"t/pyproject.toml": '[build-system]\nrequires = ["x @ file:///x"]'},
         "needs x from an address of its own"),
    ],
)  # fmt: skip
def test_what_is_refused(files, why):
    with pytest.raises(UnfitSourceError, match=why):
        read_source(archive(files), "tune-1.0.tar.gz")


def test_dots_that_stay_inside_are_fine():
    data = archive({"./tune-1.0/./setup.py": "", "tune-1.0/..hidden": "", "PaxHeader": ""})
    assert [each.path for each in read_source(data, "t.tar.gz").files] == ["setup.py", "..hidden"]


def test_limits(monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILES", 3)
    with pytest.raises(UnfitSourceError, match="more than 3 files"):
        read_source(archive({f"t/{n}": "" for n in range(4)}), "t.tar.gz")
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    with pytest.raises(UnfitSourceError, match="it unpacks to over 0 MiB"):
        read_source(archive({"t/a": "x" * 600, "t/b": "x" * 600}), "t.tar.gz")


def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(bytes(256 << 20))
    with pytest.raises(UnfitSourceError, match="it unpacks to over 96 MiB"):
        read_source(bomb, "t.tar.gz")


def test_a_zip_that_lies_about_its_sizes():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("t/a", bytes(1 << 20))
    data = bytearray(buffer.getvalue())
    # The size in the central directory: 24 bytes into the entry.
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(UnfitSourceError):
        read_source(bytes(data), "t.zip")


def test_an_archive_of_several_members_is_read_to_its_end():
    plain = gzip.decompress(archive({"t/setup.py": "pass\n", "t/long.py": "x" * 20_000}))
    whole = gzip.compress(plain[:9_000]) + gzip.compress(plain[9_000:]) + bytes(512)
    found = read_source(whole, "t.tar.gz").files
    assert [(each.path, len(each.data)) for each in found] == [("setup.py", 5), ("long.py", 20_000)]
    with pytest.raises(UnfitSourceError, match="it is damaged"):
        read_source(gzip.compress(plain)[:-20], "t.tar.gz")


def test_several_members_are_no_way_around_the_limit():
    with pytest.raises(UnfitSourceError, match="it unpacks to over 96 MiB"):
        read_source(gzip.compress(bytes(32 << 20)) * 5, "t.tar.gz")


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_in_a_way_without_a_bound(kind):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as packed:
        packed.writestr("t/setup.py", "pass\n")
    with pytest.raises(UnfitSourceError, match="packed in an uncommon way"):
        read_source(buffer.getvalue(), "t.zip")


@given(st.binary(max_size=600), st.sampled_from(["t.tar.gz", "t.zip"]), st.booleans())
def test_any_bytes_are_read_or_refused(data, filename, packed):
    with suppress(UnfitSourceError):
        source = read_source(gzip.compress(data) if packed else data, filename)
        assert all(".." not in each.path.split("/") for each in source.files)


@given(st.text(max_size=200))
def test_any_pyproject_is_read_or_refused(text):
    whole = text.encode(errors="replace").decode()
    with suppress(UnfitSourceError):
        assert read_source(archive({"t/pyproject.toml": whole}), "t.tar.gz").backend


def test_a_list_of_files_that_is_too_long_is_not_read(monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("tune-1.0/setup.py", "")
    assert read_source(buffer.getvalue(), "tune-1.0.zip").files
    monkeypatch.setattr("validator.packages.contents.MAX_LIST_BYTES", 10)
    with pytest.raises(UnfitSourceError, match="its list of files is over"):
        read_source(buffer.getvalue(), "tune-1.0.zip")

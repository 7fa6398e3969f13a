"""A layer on its way into the engine: an archive anyone can read and nobody can write."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.errors import SandboxUnavailable
from validator.sandbox.docker.layers import _archive, _link


def unpacked(folder, sent=lambda size: None) -> dict[str, tarfile.TarInfo]:
    stream = io.BytesIO(b"".join(_archive(folder, ".copies/key-1", sent)))
    with tarfile.open(fileobj=stream) as archive:
        return {entry.name: entry for entry in archive.getmembers()}


def test_files_arrive_with_their_times_and_without_their_owners(tmp_path):
    module = tmp_path / "package" / "module.py"
    module.parent.mkdir()
    module.write_text("x = 1\n")
    module.chmod(0o600)
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o777)
    entries = unpacked(tmp_path)
    assert set(entries) == {
        ".copies",
        ".copies/key-1",
        ".copies/key-1/package",
        ".copies/key-1/package/module.py",
        ".copies/key-1/tool",
    }
    copied = entries[".copies/key-1/package/module.py"]
    assert (copied.uid, copied.gid, copied.mode, copied.size) == (0, 0, 0o644, 6)
    assert copied.mtime == int(module.stat().st_mtime)
    assert entries[".copies/key-1/tool"].mode == 0o755
    assert entries[".copies"].mode == 0o711


def test_a_link_that_points_out_of_the_layer_stays_behind(tmp_path):
    (tmp_path / "passwd").symlink_to("/etc/passwd")
    (tmp_path / "etc").symlink_to("/etc")
    assert set(unpacked(tmp_path)) == {".copies", ".copies/key-1"}


def test_names_longer_than_an_old_tar_header_and_not_ascii_survive(tmp_path):
    deep = tmp_path / ("long" * 40) / ("ü" * 60 + ".py")
    deep.parent.mkdir()
    deep.write_text("")
    assert f".copies/key-1/{'long' * 40}/{'ü' * 60}.py" in unpacked(tmp_path)


@given(data=st.binary(max_size=3000))
def test_content_of_any_size_is_padded_and_counted(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("layer")
    (folder / "file").write_bytes(data)
    counted: list[int] = []
    stream = io.BytesIO(b"".join(_archive(folder, "copy", counted.append)))
    with tarfile.open(fileobj=stream) as archive:
        assert archive.extractfile("copy/file").read() == data
    assert sum(counted) == len(data)


def test_a_file_that_shrinks_meanwhile_is_never_sent_as_if_whole(tmp_path):
    file = tmp_path / "big"
    file.write_bytes(bytes(5 * 1024 * 1024))

    def shrink(size: int) -> None:
        file.write_bytes(b"")

    with pytest.raises(SandboxUnavailable, match="shrank"):
        list(_archive(tmp_path, "copy", shrink))


def test_the_name_workers_use_is_a_link_to_the_copy():
    with tarfile.open(fileobj=io.BytesIO(_link("key", ".copies/key-1"))) as archive:
        (entry,) = archive.getmembers()
    assert (entry.name, entry.linkname, entry.issym()) == ("key", ".copies/key-1", True)

"""Pins in, a folder of unpacked wheels out: built once, whole or not at all, and never by luck."""

from __future__ import annotations

import errno
import io
import os
import pickle
import shutil
import stat
import subprocess
import sys
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fake_index import LINUX, Offer, wheel
from submitting import TARGET, submit

from validator import storage
from validator.errors import IndexUnavailable, SandboxUnavailable, Unavailable, UsageError
from validator.packages import Packages, cache
from validator.packages.compiling import Compiler
from validator.packages.connection import alone_with
from validator.packages.wheels import Unpacker, WheelRefused

if TYPE_CHECKING:
    from validator.facts import Resolution


@pytest.fixture
def packages(settings):
    with Packages(settings, TARGET) as packages:
        yield packages


def tree(folder):
    root = Path(folder)
    return {
        str(path.relative_to(root)): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_a_layer_holds_what_the_wheels_hold(index, packages):
    modules = {"flask/__init__.py": "web = 1\n", "flask/sub/deep.py": "x = 2\n"}
    index.add("flask", "3.0", "py3-none-any", requires=("click",), modules=modules)
    index.add("click", "8.1", "py3-none-any")
    layer = packages.layer(packages.resolve(submit("flask\n")))
    files = tree(layer.path)
    assert files["flask/__init__.py"] == "web = 1\n"
    assert files["flask/sub/deep.py"] == "x = 2\n"
    assert files["click/__init__.py"] == "version = '8.1'\n"
    assert "flask-3.0.dist-info/RECORD" in files
    assert layer.size_bytes == sum(
        path.stat().st_size for path in Path(layer.path).rglob("*") if path.is_file()
    )
    assert Path(layer.path).is_absolute()
    assert len(layer.key) == 64


def test_it_can_be_imported_from(index, packages):
    index.add("flask", "3.0", "py3-none-any")
    layer = packages.layer(packages.resolve(submit("flask\n")))
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import flask; print(flask.version)"],
        env={"PYTHONPATH": layer.path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "3.0\n"


def test_no_pins_are_an_empty_layer(packages, index):
    first = packages.layer(packages.resolve(submit(main="print()\n")))
    assert tree(first.path) == {}
    assert packages.layer(packages.resolve(submit())) == first
    assert index.asked == []


def test_the_key_is_the_content_s_and_the_target_s(index, packages, settings):
    index.add("flask", "3.0", "py3-none-any")
    index.add("click", "8.1", "py3-none-any")
    one = packages.layer(packages.resolve(submit("flask\nclick\n")))
    assert packages.layer(packages.resolve(submit("click\nflask==3.0\n"))) == one
    assert packages.layer(packages.resolve(submit("click\n"))).key != one.key
    other = replace(TARGET, python="3.12")
    with Packages(settings, other) as elsewhere:
        assert elsewhere.layer(elsewhere.resolve(submit("flask\nclick\n"))).key != one.key


def test_a_layer_once_built_needs_no_index(index, packages, settings, server):
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))
    layer = packages.layer(resolution)
    server.stop()
    with Packages(settings, TARGET) as again:
        assert again.layer(resolution) == layer


def test_wheels_are_kept_for_the_next_lock(index, packages, settings):
    index.add("flask", "3.0", "py3-none-any")
    index.add("click", "8.1", "py3-none-any")
    packages.layer(packages.resolve(submit("flask\n")))
    both = packages.resolve(submit("flask\nclick\n"))
    index.asked.clear()
    packages.layer(both)
    assert [line for line in index.asked if "/files/" in line] == [
        "200 /files/click-8.1-py3-none-any.whl"
    ]


def test_offline_without_the_wheel(index, packages, settings):
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))
    with Packages(replace(settings, offline=True), TARGET) as offline:
        with pytest.raises(
            IndexUnavailable, match=r"flask-3.0-py3-none-any.whl is not in the cache"
        ):
            offline.layer(resolution)
        packages.layer(resolution)
        assert offline.layer(resolution) == packages.layer(resolution)


def test_progress_is_told_in_bytes(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    told = []
    with Packages(settings, TARGET, told.append) as packages:
        packages.layer(packages.resolve(submit("flask\n")))
        last = [each for each in told if each.unit == "bytes"][-1]
        assert (last.stage, last.step) == ("packages", "downloading 1 package")
        assert last.done == last.total == len(index.offer("flask-3.0-py3-none-any.whl").data)
        told.clear()
        packages.layer(packages.resolve(submit("flask\n")))
        assert told == []


def test_a_download_that_breaks_off_is_taken_up_again(index, settings, monkeypatch):
    monkeypatch.setattr("validator.packages.connection.time.sleep", lambda seconds: None)
    index.add("flask", "3.0", "py3-none-any")
    told = []
    with Packages(settings, TARGET, told.append) as packages:
        resolution = packages.resolve(submit("flask\n"))
        index.cuts = 2
        assert "flask/__init__.py" in tree(packages.layer(resolution).path)
    last = [each for each in told if each.unit == "bytes"][-1]
    assert last.done == last.total


def test_a_download_that_never_comes(index, packages, settings, monkeypatch):
    monkeypatch.setattr("validator.packages.connection.time.sleep", lambda seconds: None)
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))
    index.cuts = 99
    with pytest.raises(IndexUnavailable, match="did not answer"):
        packages.layer(resolution)
    assert list((settings.cache_dir / "wheels").iterdir()) == []


def test_a_closed_stage_asks_nobody(index, packages):
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))
    packages.close()
    with pytest.raises(IndexUnavailable, match="this run is over"):
        packages.layer(resolution)


def test_closing_ends_a_download_that_hangs(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    started, ended = threading.Event(), []
    packages = Packages(settings, TARGET, lambda progress: progress.unit and started.set())
    resolution = packages.resolve(submit("flask\n"))
    index.gate = threading.Event()

    def build():
        with pytest.raises(IndexUnavailable) as caught:
            packages.layer(resolution)
        ended.append(caught.value)

    thread = threading.Thread(target=build)
    thread.start()
    assert started.wait(10)
    packages.close()
    thread.join(10)
    hung = thread.is_alive()
    index.gate.set()
    thread.join(30)
    assert not hung
    assert len(ended) == 1
    assert list((settings.cache_dir / "wheels").iterdir()) == []


# ── wheels that are not what they seem ───────────────────────────────────────────────────────────


def offered(index, packages, *members: tuple[str | zipfile.ZipInfo, str]) -> Resolution:
    """Resolve to a wheel with these members beside its own."""
    index.add("evil", "1.0", "py3-none-any", source=False)
    path = Path(packages._settings.cache_dir.parent) / "evil.whl"
    path.write_bytes(wheel("evil", "1.0"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members:
            archive.writestr(member, text)
    index.projects["evil"] = [Offer("evil-1.0-py3-none-any.whl", path.read_bytes())]
    return packages.resolve(submit("evil\n"))


def link(name: str, to: str) -> tuple[zipfile.ZipInfo, str]:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, to


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (("../outside.py", "x"), "does not stay in its folder"),
        (("evil/../../outside.py", "x"), "does not stay in its folder"),
        (("/outside.py", "x"), "does not stay in its folder"),
        (("evil\\..\\outside.py", "x"), "does not stay in its folder"),
        (("evil/./x.py", "x"), "does not stay in its folder"),
        (("evil-1.0.data/purelib/../../../outside.py", "x"), "does not stay in its folder"),
        (link("evil/etc", "/etc"), "is a link"),
        (("evil/__init__.py/x.py", "x"), "is a file and a folder"),
        (("evil/big.py", "0" * (300 * 1024 * 1024)), "bytes unpack to"),
        ((f"evil/{'é' * 128}.py", "x"), "is longer than names of files may be"),
        ((f"evil/{'x/' * 600}y.py", "x"), "is longer than names of files may be"),
    ],
    ids=[
        "up",
        "up-deeper",
        "absolute",
        "backslash",
        "dot",
        "data",
        "link",
        "both",
        "bomb",
        "long-name",
        "deep",
    ],
)
def test_an_unsafe_wheel_is_not_unpacked(index, packages, settings, member, why):
    resolution = offered(index, packages, member)
    with pytest.raises(WheelRefused) as caught:
        packages.layer(resolution)
    assert str(caught.value).startswith("evil-1.0-py3-none-any.whl is not unpacked: ")
    assert len(str(caught.value)) < 250
    assert why in str(caught.value)
    assert not list(settings.cache_dir.parent.rglob("outside.py"))
    assert [path for path in (settings.cache_dir / "layers").iterdir() if path.is_dir()] == []


STORED = zipfile.ZIP_STORED


def spoiled(method: int, old: bytes, new: bytes) -> bytes:
    """A wheel with one more module, packed by a method of zip, some of its bytes exchanged."""
    buffer = io.BytesIO(wheel("evil", "1.0"))
    with zipfile.ZipFile(buffer, "a", method) as archive:
        archive.writestr("evil/\u00e9.py", "".join(map(str, range(1000))))
    assert old in buffer.getvalue()
    return buffer.getvalue().replace(old, new)


@pytest.mark.parametrize(
    ("spoiling", "why"),
    [
        ((STORED, b"\xc3\xa9", b"\xff\xfe"), "its list of files cannot be read: 'utf-8' codec"),
        ((STORED, b"PK\1\2\x14\x03\x14", b"PK\1\2\x14\x03\xff"), "zip file version 25.5"),
        ((STORED, b"0123456789", b"0123456798"), "checksum is another"),
        ((zipfile.ZIP_BZIP2, b"BZh9", b"BZh0"), "'evil/é.py' is encrypted, or packed in an"),
        ((zipfile.ZIP_LZMA, b"", b""), "'evil/é.py' is encrypted, or packed in an"),
    ],
    ids=["name", "version", "checksum", "bzip2", "lzma"],
)
def test_a_damaged_wheel_is_blamed_itself(index, packages, settings, spoiling, why):
    index.projects["evil"] = [Offer("evil-1.0-py3-none-any.whl", spoiled(*spoiling))]
    told = "Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n"
    index.metadata["evil-1.0-py3-none-any.whl"] = told
    resolution = packages.resolve(submit("evil\n"))
    with pytest.raises(WheelRefused) as caught:
        packages.layer(resolution)
    assert why in str(caught.value)
    assert [path for path in (settings.cache_dir / "layers").iterdir() if path.is_dir()] == []


def test_a_list_of_files_that_is_too_long_is_not_read(index, packages, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))
    monkeypatch.setattr("validator.packages.contents.MAX_LIST_BYTES", 100)
    with pytest.raises(
        Unavailable, match=r"flask-3.0-py3-none-any.whl is not .*: its list of"
    ) as it:
        packages.layer(resolution)
    assert not isinstance(it.value, WheelRefused)


def test_only_what_can_be_imported_is_taken_from_data(index, packages):
    layer = packages.layer(
        offered(
            index,
            packages,
            ("evil-1.0.data/purelib/pure.py", "a"),
            ("evil-1.0.data/platlib/plat/x.py", "b"),
            ("evil-1.0.data/scripts/run", "c"),
            ("evil-1.0.data/data/etc/passwd", "d"),
            ("evil-1.0.data/headers/x.h", "e"),
        )
    )
    names = {name for name in tree(layer.path) if "dist-info" not in name}
    assert names == {"evil/__init__.py", "pure.py", "plat/x.py"}


def test_what_is_executable_stays_so_and_nothing_else_is(index, packages):
    tool = zipfile.ZipInfo("evil/tool")
    tool.external_attr = (stat.S_IFREG | 0o6777) << 16
    layer = packages.layer(offered(index, packages, (tool, "#!")))
    assert stat.S_IMODE(Path(layer.path, "evil/tool").stat().st_mode) == 0o755
    assert not Path(layer.path, "evil/__init__.py").stat().st_mode & stat.S_IXUSR


def test_a_wheel_with_another_hash_is_not_kept(index, packages, settings):
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))
    (pin,) = resolution.pins
    page = packages._index.pages(["flask"])["flask"]
    index.projects["flask"][0].data += b"x"
    assert page.files[0].sha256 == pin.sha256
    with pytest.raises(IndexUnavailable, match="has not the hash it names"):
        packages.layer(resolution)
    assert list((settings.cache_dir / "wheels").iterdir()) == []


def test_what_is_not_a_zip(index, packages):
    index.add("flask", "3.0", "py3-none-any")
    index.projects["flask"] = [Offer("flask-3.0-py3-none-any.whl", wheel("flask", "3.0")[:-9])]
    index.metadata["flask-3.0-py3-none-any.whl"] = (
        "Metadata-Version: 2.1\nName: flask\nVersion: 3.0\n"
    )
    resolution = packages.resolve(submit("flask\n"))
    with pytest.raises(WheelRefused, match=r"flask-3.0-py3-none-any.whl .* not a zip archive"):
        packages.layer(resolution)


def test_two_that_do_not_go_together_are_neither_s_fault(index, packages):
    index.add("left", "1.0", "py3-none-any", modules={"shared": "x"})
    index.add("right", "1.0", "py3-none-any", modules={"shared/__init__.py": "x"})
    resolution = packages.resolve(submit("left\nright\n"))
    with pytest.raises(
        Unavailable, match=r"'shared' is a file in left-1.0-.* and a folder"
    ) as caught:
        packages.layer(resolution)
    assert not isinstance(caught.value, WheelRefused)


def test_a_cache_that_was_changed_is_no_wheel_s_fault(index, packages):
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))
    (pin,) = resolution.pins
    store = packages._settings.cache_dir / "wheels"
    store.mkdir()
    (store / pin.sha256).write_bytes(b"not a zip")
    with pytest.raises(Unavailable, match="was changed after it was fetched") as caught:
        packages.layer(resolution)
    assert not isinstance(caught.value, WheelRefused)
    assert "flask/__init__.py" in tree(packages.layer(resolution).path)


# ── limits ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("wheels.MAX_FILES", 3, "the packages hold 5 files, more than 3"),
        ("wheels.MAX_BYTES", 10, "the packages unpack to 0 MiB, over 0"),
        ("fetching.MAX_DOWNLOAD_BYTES", 700,
         "1 package to download come to 0 MiB, over the limit of 0"),
    ],
)  # fmt: skip
def test_what_is_too_much_is_one_line_and_leaves_nothing(
    index, packages, settings, monkeypatch, limit, value, words
):
    monkeypatch.setattr(f"validator.packages.{limit}", value)
    resolution = offered(index, packages, ("evil/more.py", "x = 1\n"))
    with pytest.raises(Unavailable) as caught:
        packages.layer(resolution)
    assert str(caught.value) == words
    assert caught.value.remedy.startswith("require less")
    assert not isinstance(caught.value, WheelRefused)
    assert [path for path in (settings.cache_dir / "layers").iterdir() if path.is_dir()] == []


def test_an_index_that_does_not_say_how_large_its_files_are(index, packages, monkeypatch):
    index.speaks_json = False
    monkeypatch.setattr("validator.packages.fetching.MAX_DOWNLOAD_BYTES", 100)
    resolution = offered(index, packages)
    with pytest.raises(Unavailable, match="over the limit"):
        packages.layer(resolution)


# ── many at once, killed, full ───────────────────────────────────────────────────────────────────


def test_fifty_at_once_build_each_layer_once(index, settings, monkeypatch):
    for name in ("flask", "click", "rich"):
        index.add(name, "1.0", "py3-none-any")
    with Packages(settings, TARGET) as packages:
        sets = [packages.resolve(submit(f"{name}\n")) for name in ("flask", "click", "rich")]
    unpacked, compiled, built = [], [], []

    class Counted(Unpacker):
        def __init__(self, folder):
            unpacked.append(folder)
            super().__init__(folder)

    class CountedToo(Compiler):
        def __init__(self, site, python):
            compiled.append(site)
            super().__init__(site, python)

    monkeypatch.setattr("validator.packages.layers.Unpacker", Counted)
    monkeypatch.setattr("validator.packages.layers.Compiler", CountedToo)
    index.asked.clear()

    def validate(resolution):
        with Packages(settings, TARGET) as packages:
            built.append(packages.compile(packages.layer(resolution)))

    threads = [threading.Thread(target=validate, args=(sets[n % 3],)) for n in range(51)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 51
    assert len({layer.key for layer in built}) == 3
    assert len(unpacked) == len(compiled) == 3
    assert sorted(line for line in index.asked if "/files/" in line) == [
        f"200 /files/{name}-1.0-py3-none-any.whl" for name in ("click", "flask", "rich")
    ]


def test_a_kill_half_way_leaves_no_half_layer(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(submit("flask\n"))
    # A process of its own that dies as `kill -9` would have it, with all but the rename done.
    script = (
        "import os, pickle, sys\n"
        "from validator.packages import Packages, layers\n"
        "layers.Unpacker.finish = lambda self: os.kill(os.getpid(), 9)\n"
        "settings, resolution = pickle.load(sys.stdin.buffer)\n"
        "Packages(settings, resolution.target).layer(resolution)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=pickle.dumps((settings, resolution)), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -9, done.stderr.decode()
    folder = settings.cache_dir / "layers"
    assert [path.name[:5] for path in folder.iterdir() if path.is_dir()] == [".new-"]
    with Packages(settings, TARGET) as packages:
        layer = packages.layer(resolution)
    assert "flask/__init__.py" in tree(layer.path)
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [layer.key]


def test_a_layer_somebody_changed_is_not_used(index, packages):
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))
    layer = packages.layer(resolution)
    Path(layer.path).with_name("layer.json").write_text("{")
    with pytest.raises(Unavailable, match="was changed after it was made") as caught:
        packages.layer(resolution)
    assert caught.value.remedy == "run `validate cache clear` and try again"


def test_the_same_file_of_two_wheels_is_the_later_one_s(index, packages):
    for name in ("space-b", "space-a"):
        modules = {"space/__init__.py": f"of = {name!r}\n", f"space/{name[-1]}.py": ""}
        index.add(name, "1.0", "py3-none-any", modules=modules)
    layer = packages.layer(packages.resolve(submit("space-a\nspace-b\n")))
    files = tree(layer.path)
    assert files["space/__init__.py"] == "of = 'space-b'\n"
    assert {"space/a.py", "space/b.py"} <= files.keys()


def test_a_full_disk_is_one_clear_line(index, packages, settings, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")
    resolution = packages.resolve(submit("flask\n"))

    told = {"member": 0, "errno": errno.ENOSPC, "words": os.strerror(errno.ENOSPC)}
    monkeypatch.setattr("validator.packages.wheels.Writers.write", lambda self, **asked: told)
    with pytest.raises(Unavailable) as caught:
        packages.layer(resolution)
    assert str(caught.value) == (
        f"the cache in {settings.cache_dir} cannot be written: No space left on device"
    )
    assert "validate cache clear" in caught.value.remedy
    assert [path for path in (settings.cache_dir / "layers").iterdir() if path.is_dir()] == []


def test_a_cache_where_none_can_be(index, settings, tmp_path):
    index.add("flask", "3.0", "py3-none-any")
    (tmp_path / "file").write_text("")
    with (
        Packages(replace(settings, cache_dir=tmp_path / "file"), TARGET) as packages,
        pytest.raises(Unavailable, match="cannot be written: Not a directory"),
    ):
        packages.resolve(submit("flask\n"))


def test_a_target_nothing_is_known_of(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    with (
        Packages(settings, replace(TARGET, platform="win_amd64")) as packages,
        pytest.raises(UsageError, match="no packages can be chosen for win_amd64"),
    ):
        packages.resolve(submit("flask\n"))


# ── the cache ────────────────────────────────────────────────────────────────────────────────────


def test_the_cache_is_counted_and_cleared(index, packages, settings):
    assert cache.info(settings).size_bytes == 0
    index.add("flask", "3.0", f"cp311-cp311-{LINUX}")
    with Packages(settings, TARGET) as done:
        resolution = done.resolve(submit("flask\n"))
        done.layer(resolution)
    (settings.cache_dir / "mine.txt").write_text("not the cache's")
    before = cache.info(settings)
    parts = {part.name: part for part in before.parts}
    assert parts["wheels"].files == 1
    assert parts["wheels"].size_bytes == len(index.projects["flask"][0].data)
    assert parts["pages"].files == 1
    assert parts["layers"].size_bytes > 0
    assert cache.clear(settings).size_bytes == 0
    left = [path for path in settings.cache_dir.rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["mine.txt"]
    with Packages(settings, TARGET) as again:
        assert "flask/__init__.py" in tree(again.layer(resolution).path)


def test_clearing_leaves_what_a_program_may_be_running_on(index, packages, settings):
    index.add("flask", "3.0", "py3-none-any")
    index.add("click", "8.1", "py3-none-any")
    layer = packages.layer(packages.resolve(submit("flask\n")))
    with Packages(settings, TARGET) as done:
        other = done.layer(done.resolve(submit("click\n")))
    left = cache.clear(settings)
    assert [part.name for part in left.parts if part.files] == ["layers"]
    assert "flask/__init__.py" in tree(layer.path)
    assert not Path(other.path).exists()
    packages.close()
    assert cache.clear(settings).size_bytes == 0


def test_clearing_leaves_what_somebody_is_fetching(settings):
    wheels = settings.cache_dir / "wheels"
    wheels.mkdir(parents=True)
    (wheels / ".new-written").write_text("now")
    (wheels / ".new-left").write_text("somebody was killed")
    with alone_with(wheels / ".new-fetched", lambda: None):
        os.utime(wheels / ".new-fetched", (1000, 1000))
        os.utime(wheels / ".new-left", (1000, 1000))
        cache.clear(settings)
        left = sorted(path.name for path in wheels.iterdir())
    assert left == [".new-fetched", ".new-written"]


def test_clearing_goes_on_where_a_tool_writes_at_the_same_time(settings, monkeypatch):
    folder = settings.cache_dir / "uv" / "simple"
    folder.mkdir(parents=True)
    remove, tries = shutil.rmtree, []

    def disturbed(path):
        tries.append(path)
        if len(tries) == 1:
            (folder / "late").write_text("a page")
            raise OSError(errno.ENOTEMPTY, "Directory not empty")
        remove(path)

    monkeypatch.setattr(shutil, "rmtree", disturbed)
    assert cache.clear(settings).size_bytes == 0
    assert (len(tries), (settings.cache_dir / "uv").exists()) == (2, False)


@pytest.mark.parametrize(
    ("engine_left", "said"), [(0, "freed 3.0 MB"), (2_000_000, "freed 1.0 MB; 2.0 MB are in use")]
)
def test_only_what_went_is_freed(settings, monkeypatch, engine_left, said):
    (settings.cache_dir / "wheels").mkdir(parents=True)
    (settings.cache_dir / "wheels/a").write_bytes(bytes(1_000_000))
    told = iter([[("docker layers", 2_000_000, "")], [("docker layers", engine_left, "")]])
    monkeypatch.setattr(storage, "_engine_rows", lambda: next(told))

    def nobody():
        raise SandboxUnavailable("no engine")

    monkeypatch.setattr("validator.sandbox.docker.engine.connect", nobody)
    assert storage.clear(settings).startswith(said)


def test_what_cannot_be_removed_is_said(settings, monkeypatch):
    (settings.cache_dir / "uv").mkdir(parents=True)

    def refused(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(shutil, "rmtree", refused)
    with pytest.raises(Unavailable, match="uv cannot be removed: Permission denied"):
        cache.clear(settings)

"""Layers are compiled once, shared by whoever asks at once, and gone when they are used least."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from submitting import TARGET, submit

from validator.errors import Unavailable
from validator.facts import Target
from validator.packages import Packages, compiling, layers
from validator.packages.compiling import interpreter
from validator.packages.evicting import evict, holding
from validator.packages.wheels import Unpacker

OWN = Target(f"{sys.version_info.major}.{sys.version_info.minor}", "linux_x86_64", "glibc 2.36")
ODD = {
    "flask/__init__.py": "here = __file__\nwhere = (lambda: 0).__code__.co_filename\n",
    "flask/template.py": "this is {{ no python }}\n",
    "flask/tests/test_x.py": "x = 1\n",
}


def ready(packages, submission):
    """The layer a program would be run on."""
    return packages.compile(packages.layer(packages.resolve(submission)))


def test_what_can_be_compiled_is_and_works_from_where_it_lies(index, settings):
    index.add("flask", "3.0", "py3-none-any", modules=ODD)
    with Packages(settings, OWN) as packages:
        layer = ready(packages, submit("flask\n"))
    site = Path(layer.path)
    compiled = [str(path.relative_to(site).parent) for path in site.rglob("*.pyc")]
    assert compiled == ["flask/__pycache__"]
    (site / "flask" / "__init__.py").write_text("raise SystemExit('read the source')\n")
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import flask; print(flask.here == flask.where, flask.here)"],
        env={"PYTHONPATH": layer.path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == f"True {site}/flask/__init__.py\n", done.stderr
    assert sorted(path.name for path in site.parent.iterdir()) == ["layer.json", "site"]


def test_only_within_packages_are_tests_and_examples_left_out(index, settings, tmp_path):
    modules = {"lab/__init__.py": "", "lab/tests/x.py": "", "lab/examples/y.py": "", "docs.py": ""}
    index.add("lab", "1.0", "py3-none-any", modules=modules)
    below = replace(settings, cache_dir=tmp_path / "tests" / "docs" / "cache")
    with Packages(below, TARGET) as packages:
        layer = ready(packages, submit("lab\n"))
    compiled = {path.name.partition(".")[0] for path in Path(layer.path).rglob("*.pyc")}
    assert compiled == {"__init__", "docs"}


def test_what_cannot_be_compiled_holds_nothing_else_up(index, settings):
    modules = {f"lab/m{number}.py": f"x = {number}\n" for number in range(9)}
    modules |= {"lab/old.py": "print 'x'\n", "lab/deep.py": f"x = {'(' * 5000}\n"}
    modules |= {"lab/odd name\n.py": "", "lab/null.py": "\0", "lab/loud.py": r"x = '\d'"}
    index.add("lab", "1.0", "py3-none-any", modules=modules)
    with Packages(settings, OWN) as packages:
        layer = ready(packages, submit("lab\n"))
    compiled = {path.name.partition(".")[0] for path in Path(layer.path).rglob("*.pyc")}
    assert compiled == {*(f"m{number}" for number in range(9)), "odd name\n", "loud"}


def test_byte_code_of_a_python_this_host_does_not_have_is_not_made(index, settings, monkeypatch):
    monkeypatch.setattr("validator.packages.compiling.find_interpreter", lambda python: None)
    other = Target("3.13", "linux_x86_64", "glibc 2.36")
    index.add("flask", "3.0", "py3-none-any", modules=ODD)
    with Packages(settings, other) as packages:
        layer = ready(packages, submit("flask\n"))
    assert list(Path(layer.path).rglob("*.pyc")) == []


@pytest.mark.parametrize("python", ["3.10", "3.12", "3.13"])
def test_another_python_of_this_host_compiles_for_itself(index, settings, python):
    other = Target(python, "linux_x86_64", "glibc 2.36")
    if (executable := interpreter(other)) is None:
        pytest.skip(f"no Python {python} here")
    index.add("flask", "3.0", "py3-none-any", modules=ODD)
    with Packages(settings, other) as packages:
        layer = ready(packages, submit("flask\n"))
    kept = {path.name.partition(".")[2] for path in Path(layer.path).rglob("*.pyc")}
    assert kept == {f"cpython-{python.replace('.', '')}.pyc"}
    site = Path(layer.path)
    (site / "flask" / "__init__.py").write_text("raise SystemExit('read the source')\n")
    done = subprocess.run(
        [executable, "-S", "-c", "import flask; print(flask.here)"],
        env={"PYTHONPATH": layer.path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == f"{site}/flask/__init__.py\n", done.stderr


def facts(layer):
    return json.loads(Path(layer.path).with_name("layer.json").read_bytes())


def test_what_was_killed_while_it_compiled_is_compiled_the_next_time(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, OWN) as packages:
        layer = packages.layer(packages.resolve(submit("flask\n")))
    assert (facts(layer)["compiled"], list(Path(layer.path).rglob("*.pyc"))) == (False, [])
    with Packages(settings, OWN) as packages:
        again = ready(packages, submit("flask\n"))
    assert (again.key, facts(again)["compiled"]) == (layer.key, True)
    files = [path for path in Path(layer.path).rglob("*") if path.is_file()]
    assert again.size_bytes == sum(path.stat().st_size for path in files) > layer.size_bytes


def test_a_limit_that_cannot_be_set_is_no_reason_not_to_compile(tmp_path):
    (tmp_path / "x.py").write_text("x = 1\n")
    as_on_macos = (
        "import resource\n"
        "def refuse(*limit): raise ValueError('current limit exceeds maximum limit')\n"
        "resource.setrlimit = refuse\n"
    )
    command = [sys.executable, "-I", "-S", "-c", as_on_macos + compiling._PROGRAM]
    subprocess.run(command, cwd=tmp_path, input=b"x.py", check=True)
    assert len(list(tmp_path.rglob("*.pyc"))) == 1


def test_who_compiles_ends_with_whoever_started_it(tmp_path):
    for name in ("x.py", "y.py"):
        (tmp_path / name).write_text("x = 1\n")
    orphaned = "import os\nparents = iter([1, 1, 2])\nos.getppid = lambda: next(parents)\n"
    command = [sys.executable, "-I", "-S", "-c", orphaned + compiling._PROGRAM]
    subprocess.run(command, cwd=tmp_path, input=b"x.py\0y.py", check=True)
    assert [path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")] == ["x"]


def test_what_is_removed_while_it_is_flushed_does_not_come_back_empty(index, settings, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")
    settle = layers.settle

    def emptied(site, stopped):
        shutil.rmtree(settings.cache_dir)
        return settle(site, stopped)

    with monkeypatch.context() as patch, Packages(settings, OWN) as packages:
        patch.setattr(layers, "settle", emptied)
        ready(packages, submit("flask\n"))
    assert [path for path in settings.cache_dir.rglob("*") if path.is_file()] == []
    with Packages(settings, OWN) as packages:
        assert (Path(ready(packages, submit("flask\n")).path) / "flask/__init__.py").exists()


def test_a_layer_removed_by_hand_is_said_and_built_again(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, OWN) as packages:
        resolution = packages.resolve(submit("flask\n"))
        layer = packages.layer(resolution)
        shutil.rmtree(settings.cache_dir / "layers" / layer.key)
        with pytest.raises(Unavailable, match="was removed while it was in use"):
            packages.compile(layer)
        assert there([packages.compile(packages.layer(resolution))]) == [True]


def test_a_layer_is_had_on_disk_beside_whatever_runs_on_it(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, OWN) as packages:
        layer = ready(packages, submit("flask\n"))
        for _ in range(200):
            if facts(layer)["settled"]:
                break
            time.sleep(0.05)
        assert facts(layer)["settled"]


@pytest.mark.parametrize("settled", [True, False])
def test_after_a_power_cut_only_what_was_on_disk_is_trusted(index, settings, monkeypatch, settled):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, OWN) as packages:
        layer = ready(packages, submit("flask\n"))
    told = facts(layer) | {"settled": settled}
    Path(layer.path).with_name("layer.json").write_text(json.dumps(told))
    # What the disk had not taken yet.
    source = Path(layer.path, "flask", "__init__.py")
    source.write_text("")
    monkeypatch.setattr("validator.packages.layers.boot", lambda: "another")
    with Packages(settings, OWN) as packages:
        again = ready(packages, submit("flask\n"))
    assert again.key == layer.key
    assert (source.read_text() == "") is settled
    assert [path.name for path in (settings.cache_dir / "layers").iterdir() if path.is_dir()] == [
        layer.key
    ]


@pytest.mark.parametrize("left", [b"", b"\0" * 300])
def test_what_a_power_cut_left_of_its_facts_is_nobody_s_tampering(index, settings, left):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, OWN) as packages:
        layer = ready(packages, submit("flask\n"))
    Path(layer.path).with_name("layer.json").write_bytes(left)
    with Packages(settings, OWN) as packages:
        assert ready(packages, submit("flask\n")) == layer


@pytest.fixture
def three(index, settings):
    """Three layers of the same size, the first used longest ago, all let go of."""
    layers = []
    for number, name in enumerate(("one", "two", "six")):
        index.add(name, "1.0", "py3-none-any", modules={f"{name}.py": "x = 1\n" * 50_000})
        with Packages(settings, TARGET) as packages:
            layers.append(packages.layer(packages.resolve(submit(f"{name}\n"))))
        for path in (Path(layers[-1].path).with_name("layer.json"), *wheels(settings)):
            if path.stat().st_mtime > 1_000_000:
                os.utime(path, (1000 + number, 1000 + number))
    return layers


def wheels(settings):
    return list((settings.cache_dir / "wheels").iterdir())


def there(layers):
    return [Path(layer.path).is_dir() for layer in layers]


def test_the_least_recently_used_go_first(three, settings):
    layer, wheel = three[0].size_bytes, wheels(settings)[0].stat().st_size
    evict(settings.cache_dir, 2 * layer + 3 * wheel, spare="")
    assert there(three) == [False, True, True]
    with Packages(settings, TARGET) as packages:
        packages.layer(packages.resolve(submit("two\n")))
    evict(settings.cache_dir, layer + wheel, spare="")
    assert there(three) == [False, True, False]


def test_a_layer_s_lock_goes_with_it(three, settings):
    with Packages(settings, TARGET) as packages:
        packages.compile(packages.layer(packages.resolve(submit("one\n"))))
        evict(settings.cache_dir, 0, spare="")
        left = {path.name for path in (settings.cache_dir / "layers").iterdir()}
        assert left == {three[0].key, f"{three[0].key}.lock", f"{three[0].key}.compiling"}
    evict(settings.cache_dir, 0, spare="")
    assert list((settings.cache_dir / "layers").iterdir()) == []


def test_who_waited_for_the_lock_of_a_file_that_went_has_that_of_the_next(tmp_path):
    path, tried = tmp_path / "x.lock", []

    def take(lock):
        tried.append(lock)
        if len(tried) == 1:
            path.unlink()
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with holding(path, take):
        assert (len(tried), path.exists()) == (2, True)
        with pytest.raises(BlockingIOError), holding(path, take):
            pytest.fail("it is held")


def test_a_cache_that_can_only_be_read_still_serves(index, settings, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")
    index.add("click", "8.1", "py3-none-any")
    with Packages(settings, OWN) as packages:
        layer = ready(packages, submit("flask\n"))
        other = packages.resolve(submit("click\n"))
    plain = os.open

    def read_only(path, flags, *mode, **more):
        if flags & (os.O_CREAT | os.O_RDWR | os.O_WRONLY):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return plain(path, flags, *mode, **more)

    monkeypatch.setattr(os, "open", read_only)
    with Packages(replace(settings, offline=True), OWN) as packages:
        assert ready(packages, submit("flask\n")) == layer
        with pytest.raises(Unavailable, match="cannot be written: Read-only file system"):
            packages.layer(other)


def test_what_is_in_use_stays(three, settings):
    with Packages(settings, TARGET) as packages:
        packages.layer(packages.resolve(submit("one\n")))
        evict(settings.cache_dir, 0, spare=three[1].key)
        assert there(three) == [True, True, False]
        assert wheels(settings) == []
    evict(settings.cache_dir, 0, spare="")
    assert there(three) == [False, False, False]


def test_what_somebody_was_killed_over_goes_a_day_later(three, settings):
    layers, wheels = settings.cache_dir / "layers", settings.cache_dir / "wheels"
    for folder in (layers, wheels):
        (folder / ".new-today").write_text("half")
        (folder / ".new-yesterday").write_text("half")
        os.utime(folder / ".new-yesterday", (1000, 1000))
    (layers / ".new-build" / "site").mkdir(parents=True)
    os.utime(layers / ".new-build", (1000, 1000))
    evict(settings.cache_dir, 10**9, spare="")
    assert [path.name for path in layers.glob(".new-*")] == [".new-today"]
    assert [path.name for path in wheels.glob(".new-*")] == [".new-today"]
    assert there(three) == [True, True, True]


def test_a_wheel_that_somebody_evicts_before_it_is_unpacked_is_fetched_again(
    index, settings, monkeypatch
):
    index.add("flask", "3.0", "py3-none-any")
    evictions = []

    class Robbed(Unpacker):
        def add(self, filename, path):
            if not evictions:
                evictions.append(path)
                evict(settings.cache_dir, 0, spare="")
            super().add(filename, path)

    monkeypatch.setattr("validator.packages.layers.Unpacker", Robbed)
    with Packages(settings, TARGET) as packages:
        layer = packages.layer(packages.resolve(submit("flask\n")))
    assert evictions
    assert layer.modules == ("flask",)


def test_a_build_makes_room_and_what_went_is_built_again(three, settings, index):
    tight = replace(settings, cache_mib=1)
    index.add("large", "1.0", "py3-none-any", modules={"large.py": "x = 1\n" * 180_000})
    with Packages(tight, TARGET) as packages:
        large = packages.layer(packages.resolve(submit("large\n")))
    assert there([*three, large]) == [False, False, False, True]
    with Packages(settings, TARGET) as packages:
        again = packages.layer(packages.resolve(submit("one\n")))
    assert (again, there([again])) == (three[0], [True])


def test_many_at_once_build_each_layer_once(index, settings):
    sets = [f"p{number}\n" for number in range(5)]
    for name in sets:
        index.add(name.strip(), "1.0", "py3-none-any")
    told = []
    with Packages(settings, TARGET, told.append) as packages:
        resolutions = [packages.resolve(submit(each)) for each in sets]
        with ThreadPoolExecutor(50) as pool:
            layers = list(pool.map(packages.layer, resolutions * 10))
    assert len({layer.key for layer in layers}) == 5
    assert [each.step for each in told].count("unpacking 1 package") == 5


@pytest.mark.parametrize("shared", [True, False])
def test_who_waits_for_a_layer_does_not_wait_for_the_programs_that_run_on_it(
    index, settings, monkeypatch, shared
):
    """Both see that there is none; whoever builds it goes on holding it after that."""
    index.add("flask", "3.0", "py3-none-any")
    both, plain = threading.Barrier(2), layers.Layers._held_layer

    def held(self, key):
        kept = plain(self, key)
        if kept is None:
            with suppress(threading.BrokenBarrierError):
                both.wait(5)
        return kept

    monkeypatch.setattr(layers.Layers, "_held_layer", held)
    with Packages(settings, OWN) as packages, Packages(settings, OWN) as further:
        resolution = packages.resolve(submit("flask\n"))
        waiting = (packages, packages if shared else further)
        found: list = []
        threads = [
            threading.Thread(target=lambda p=p: found.append(p.layer(resolution)), daemon=True)
            for p in waiting
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert [thread.is_alive() for thread in threads] == [False, False]
    assert found[0] == found[1]

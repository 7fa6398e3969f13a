"""What exists only as source, built in the jail: what comes of it, and what does not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fake_index import Offer
from packaging.version import Version
from source_archives import archive, offer_source, project
from submitting import submit

from validator import sandbox
from validator.events import ignore
from validator.facts import UnresolvedReason as Reason
from validator.packages import Packages
from validator.settings import load
from validator.writing import pylock_text, requirements_text

pytestmark = pytest.mark.bubblewrap


@pytest.fixture
def jail(sandboxes, settings):
    if "bubblewrap" not in sandboxes:
        pytest.skip("no bubblewrap here")
    backend = sandbox.choose(replace(settings, sandbox="bubblewrap"), ignore)
    yield backend
    backend.close()


class Jail:
    """The real sandbox, its runs counted."""

    def __init__(self, backend):
        self.backend, self.jobs = backend, []

    def __call__(self, job):
        self.jobs.append(job)
        return self.backend.run(job)


@pytest.fixture
def run(jail):
    return Jail(jail)


@pytest.fixture
def build(jail, run, settings):
    """Resolve with building on; return the resolution and, where pins came of it, the layer."""

    def build(requirements, *, main="", **changes):
        chosen = replace(settings, build_sdists=True, **changes)
        with Packages(chosen, jail.target(), run=run) as packages:
            resolution = packages.resolve(submit(requirements, main=main))
            layer = packages.layer(resolution) if resolution.pins else None
            return resolution, layer

    return build


def the_one(resolution):
    (unresolved,) = resolution.unresolved
    return unresolved


def test_what_exists_only_as_source_is_built_and_installed(index, build, run):
    offer = offer_source(index, "tune", project("tune"))
    resolution, layer = build("tune\n")
    assert resolution.unresolved == ()
    (pin,) = resolution.pins
    assert (pin.name, pin.version, pin.built_from) == ("tune", "1.0", offer.sha256)
    assert pin.filename == "tune-1.0-py3-none-any.whl"
    assert layer.modules == ("tune",)
    assert len(run.jobs) == 1
    assert f"tune==1.0 \\\n    --hash=sha256:{offer.sha256}\n" == requirements_text(resolution)
    assert f'sdist = {{ name = "tune-1.0.tar.gz", url = "{pin.url}"' in pylock_text(resolution)


def test_nothing_is_built_unless_asked_for(index, settings, jail, run):
    offer_source(index, "tune", project("tune"))
    with Packages(settings, jail.target(), run=run) as packages:
        unresolved = the_one(packages.resolve(submit("tune\n")))
    assert unresolved.message == (
        "tune 1.0 exists (2023-05-06) but only as source, which only --build-sdists builds"
    )
    assert run.jobs == []


def test_a_built_wheel_is_kept_by_the_hash_of_its_source(index, build, run, settings):
    offer_source(index, "tune", project("tune"))
    build("tune\n")
    # Another question, so no remembered answer; the build is remembered.
    resolution, _ = build("tune>=0.5\n")
    assert [pin.version for pin in resolution.pins] == ["1.0"]
    assert len(run.jobs) == 1
    for wheel in (settings.cache_dir / "wheels").iterdir():
        wheel.unlink()
    resolution, _ = build("tune\n")
    assert [pin.version for pin in resolution.pins] == ["1.0"]
    assert len(run.jobs) == 2


def test_the_pinned_version_is_the_one_that_is_built(index, build):
    for version in ("1.0", "2.0"):
        offer_source(index, "tune", project("tune", version), version)
    resolution, _ = build("tune==1.0\n")
    assert [pin.version for pin in resolution.pins] == ["1.0"]


def test_an_import_that_only_source_answers(index, build):
    index.add("shapes", "1.0", "py3-none-any")
    offer_source(index, "docopt", project("docopt"))
    resolution, layer = build("shapes\n", main="import docopt\nimport shapes\n")
    assert [pin.name for pin in resolution.pins] == ["docopt", "shapes"]
    assert "docopt" in layer.modules


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_what_a_wheel_needs_may_exist_only_as_source(index, build, resolver):
    index.add("front", "1.0", "py3-none-any", requires=("middle>=1",))
    offer_source(index, "middle", project("middle", requires=("back",)))
    offer_source(index, "back", project("back"))
    resolution, layer = build("front\n", resolver=resolver)
    assert resolution.unresolved == ()
    assert [(pin.name, bool(pin.built_from)) for pin in resolution.pins] == [
        ("back", True), ("front", False), ("middle", True)
    ]  # fmt: skip
    assert layer.modules == ("back", "front", "middle")


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_the_newest_is_had_where_only_it_needs_a_build(index, build, resolver):
    index.add("front", "1.0", "py3-none-any")
    index.add("front", "2.0", "py3-none-any", requires=("middle>=1",))
    offer_source(index, "middle", project("middle"))
    resolution, layer = build("front\n", resolver=resolver)
    assert resolution.unresolved == ()
    assert [f"{pin.name}=={pin.version}" for pin in resolution.pins] == [
        "front==2.0", "middle==1.0"
    ]  # fmt: skip
    assert layer.modules == ("front", "middle")


def test_the_older_is_had_where_that_build_fails(index, build):
    index.add("front", "1.0", "py3-none-any")
    index.add("front", "2.0", "py3-none-any", requires=("middle>=1",))
    offer_source(index, "middle", project("middle", before="raise ValueError('no')"))
    resolution, _ = build("front\n")
    assert [f"{pin.name}=={pin.version}" for pin in resolution.pins] == ["front==1.0"]
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.HELD_BACK
    assert "only as source, and building it failed: ValueError: no" in unresolved.message
    assert unresolved.build_log[-1] == "ValueError: no"


@pytest.mark.parametrize(
    ("resolver", "wanted"), [("uv", "middle==1.0"), ("pip-tools", "middle>=1")]
)
def test_a_need_that_exists_only_as_source_is_said(index, settings, jail, resolver, wanted):
    index.add("front", "1.0", "py3-none-any", requires=("middle>=1",))
    offer_source(index, "middle", project("middle"))
    with Packages(replace(settings, resolver=resolver), jail.target()) as packages:
        unresolved = the_one(packages.resolve(submit("front\n")))
    assert unresolved.reason is Reason.SOURCE_ONLY
    assert unresolved.message == (
        f"front needs {wanted}, which exists only as source, which only --build-sdists builds"
    )


def test_what_the_backend_asks_for_comes_from_the_index_as_wheels(index, build, run):
    index.add("helper", "3.0", "py3-none-any", modules={"helper.py": "word = 'helped'\n"})
    index.add("stated", "1.0", "py3-none-any", modules={"stated.py": ""})
    offer_source(index, "tune", project(
        "tune", before="import helper, stated\nassert helper.word == 'helped'",
        needs=("helper>=2",), build_requires='["stated"]',
    ))  # fmt: skip
    resolution, _ = build("tune\n")
    assert [pin.name for pin in resolution.pins] == ["tune"]
    assert len(run.jobs) == 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"before": "raise ValueError('no such luck')"}, "ValueError: no such luck"),
        ({"needs": ("x @ https://example.org/x.tar.gz",)},
         "to be built it needs x from an address of its own"),
        ({"build_requires": '["nowhere"]'},
         "what it needs to be built cannot be had: nowhere was not found"),
        ({"told_name": "pip"}, "the wheel it makes is not taken: it is named as pip 1.0"),
        ({"requires": ("evil @ https://example.org/evil.tar.gz",)},
         "the wheel it makes is not taken: it needs evil from an address of its own"),
        ({"before": "import subprocess\nsubprocess.run(['gcc-of-nowhere', 'x.c'], check=True)"},
         ("it wants a compiler, and the sandbox has none that serves (FileNotFoundError: "
          "[Errno 2] No such file or directory: 'gcc-of-nowhere')")),
        # ── hostile ones
        ({"before": "import socket\nsocket.create_connection(('1.1.1.1', 443), 3)"},
         "OSError: [Errno 101] Network is unreachable"),
        ({"before": "open('/etc/owned', 'w')"},
         "OSError: [Errno 30] Read-only file system: '/etc/owned'"),
        ({"before": "import os\nwhile True: os.fork()"},
         "BlockingIOError: [Errno 11] Resource temporarily unavailable"),
        ({"before": "x = bytearray(3 << 30)"}, "it took more than 1024 MiB of memory"),
        ({"before": "import os\nos._exit(0)"}, "no word"),
        ({"before": "import os\nos.kill(os.getpid(), 11)"}, "it was brought down by a signal"),
    ],
)  # fmt: skip
def test_a_build_that_fails_is_said_with_its_last_words(index, build, given, words):
    offer_source(index, "tune", project("tune", **given))
    resolution, layer = build("tune\n")
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.SOURCE_ONLY
    assert unresolved.message.startswith(
        f"tune 1.0 exists (2023-05-06) but only as source, and building it failed: {words}"
    )
    assert layer is None
    assert len(unresolved.build_log) <= 6
    assert all(line.isprintable() for line in unresolved.build_log)


def test_what_a_build_sees_is_nothing_of_the_host(index, build, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    (tmp_path / "secret").write_text("hush")
    offer_source(index, "tune", project("tune", before=(
        "import os\n"
        "assert 'hush' not in str(os.environ), 'environment'\n"
        f"assert not os.path.exists({str(tmp_path / 'secret')!r}), 'files'\n"
        "assert not os.path.exists('../main.py') or os.path.abspath('..') == '/work'\n"
    )))  # fmt: skip
    resolution, _ = build("tune\n")
    assert resolution.unresolved == ()


def test_what_a_build_needs_elsewhere_it_does_not_need_here(index, build):
    index.add("helper", "1.0", "py3-none-any")
    requires = """["tomli>=1; python_version < '3'", "helper; python_version >= '3'"]"""
    needs = ("colorama; sys_platform == 'win32'", "helper>=1; os_name == 'posix'")
    before = "import helper"
    offer_source(
        index, "tune", project("tune", build_requires=requires, needs=needs, before=before)
    )
    resolution, _ = build("tune\n")
    assert resolution.unresolved == ()
    assert [pin.name for pin in resolution.pins] == ["tune"]


@pytest.mark.parametrize("marker", ["'x' in extras", "os_name ~= 'posix'"])
def test_a_need_whose_marker_cannot_be_told(index, build, run, marker):
    requires = f'["helper; {marker}"]'
    offer_source(index, "tune", project("tune", build_requires=requires))
    unresolved = the_one(build("tune\n")[0])
    assert "whether it needs helper to be built its marker does not tell" in unresolved.message
    assert run.jobs == []


def test_an_archive_whose_size_nobody_says_has_a_bound(index, build, run, monkeypatch, settings):
    index.gives_sizes = False
    offer = offer_source(index, "tune", project("tune"))
    monkeypatch.setattr("validator.packages.building.MAX_ARCHIVE_BYTES", 100)
    assert "it is over 0 MiB" in the_one(build("tune\n")[0]).message
    assert not (settings.cache_dir / "wheels" / offer.sha256).exists()
    assert run.jobs == []


def test_a_failed_need_leaves_the_rest_installed(index, build):
    index.add("front", "1.0", "py3-none-any", requires=("middle",))
    index.add("other", "1.0", "py3-none-any")
    offer_source(index, "middle", project("middle", before="raise ValueError('no')"))
    resolution, _ = build("front\nother\n")
    assert [pin.name for pin in resolution.pins] == ["other"]
    unresolved = the_one(resolution)
    assert unresolved.message == (
        "front needs middle, which exists only as source, and building it failed: ValueError: no"
    )
    assert unresolved.build_log[-1] == "ValueError: no"


def test_the_cutoff_holds_for_sources(index, build):
    offer_source(index, "tune", project("tune"))
    late = Offer("tune-2.0.tar.gz", project("tune", "2.0"), uploaded="2026-01-02T00:00:00Z")
    index.projects["tune"].append(late)
    resolution, _ = build("tune\n", cutoff="2025-01-01")
    assert [pin.version for pin in resolution.pins] == ["1.0"]


def test_an_archive_that_is_not_one(index, build, run):
    offer_source(index, "tune", b"\x1f\x8b not much of an archive")
    unresolved = the_one(build("tune\n")[0])
    assert "building it failed: it is damaged" in unresolved.message
    assert run.jobs == []


def test_an_old_project_without_pyproject_names_setuptools(index, build, run):
    offer_source(index, "tune", archive({"tune-1.0/setup.py": "from setuptools import setup\n"}))
    unresolved = the_one(build("tune\n")[0])
    assert "setuptools" in unresolved.message
    assert run.jobs == []


@pytest.mark.online
@pytest.mark.parametrize("backend", ["setuptools", "hatchling", "flit"])
def test_real_backends(jail, run, tmp_path, index, settings, backend):
    """Borrow the backend's wheels from the real index, and build a project of ours with it."""
    live = replace(load({}), cache_dir=tmp_path / "live")  # a cache of its own: another index
    name = {"flit": "flit_core"}.get(backend, backend)
    with Packages(live, jail.target()) as packages:
        resolution = packages.resolve(submit(f"{name}\n"))
        packages.layer(resolution)
    for pin in resolution.pins:
        data = (live.cache_dir / "wheels" / pin.sha256).read_bytes()
        index.projects[pin.name] = [Offer(pin.filename, data)]
    offer_source(index, "tune", archive(PROJECTS[backend]))
    with Packages(replace(settings, build_sdists=True), jail.target(), run=run) as packages:
        resolution = packages.resolve(submit("tune\n"))
        assert resolution.unresolved == ()
        assert packages.layer(resolution).modules == ("tune",)


_TABLE = '[project]\nname = "tune"\nversion = "1.0"\ndescription = "Tunes."\n'
PROJECTS = {
    "setuptools": {
        "tune-1.0/setup.py": "from setuptools import setup\n"
        "setup(name='tune', version='1.0', py_modules=['tune'])\n",
        "tune-1.0/pyproject.toml": '[build-system]\nrequires = ["setuptools>=61"]\n',
        "tune-1.0/tune.py": "",
    },
    "hatchling": {
        "tune-1.0/pyproject.toml": '[build-system]\nrequires = ["hatchling"]\n'
        'build-backend = "hatchling.build"\n' + _TABLE,
        "tune-1.0/tune/__init__.py": "",
    },
    "flit": {
        "tune-1.0/pyproject.toml": '[build-system]\nrequires = ["flit_core>=3.2"]\n'
        'build-backend = "flit_core.buildapi"\n' + _TABLE,
        "tune-1.0/tune/__init__.py": "",
    },
}


@pytest.mark.online
def test_a_real_source_only_package(jail, run, settings):
    """docopt has had no wheel since 2014, and half of the command lines of its day need it."""
    live = replace(load({}), cache_dir=settings.cache_dir, build_sdists=True)
    with Packages(live, jail.target(), run=run) as packages:
        resolution = packages.resolve(submit("num2words==0.5.10\n"))
        assert resolution.unresolved == ()
        assert [(pin.name, bool(pin.built_from)) for pin in resolution.pins] == [
            ("docopt", True), ("num2words", False)
        ]  # fmt: skip
        assert packages.layer(resolution).modules == ("docopt", "num2words")
        # Without a pin an older one would do, and the newest is had.
        (newest,) = (pin for pin in packages.resolve(submit("num2words\n")).pins
                     if pin.name == "num2words")  # fmt: skip
        assert Version(newest.version) > Version("0.5.10")


@pytest.mark.docker
def test_in_a_container_as_well(sandboxes, index, settings):
    if "docker" not in sandboxes:
        pytest.skip("no Docker engine here")
    offer_source(index, "tune", project("tune"))
    offer_source(index, "bad", project("bad", before="open('/usr/owned', 'w')"))
    backend = sandbox.choose(load({"sandbox": "docker"}), ignore)
    try:
        chosen = replace(settings, build_sdists=True)
        with Packages(chosen, backend.target(), run=backend.run) as packages:
            resolution = packages.resolve(submit("tune\nbad\n"))
    finally:
        backend.close()
    assert [pin.name for pin in resolution.pins] == ["tune"]
    assert "Read-only file system" in the_one(resolution).message


def test_answers_are_remembered_with_what_was_built(index, build, run, settings):
    offer_source(index, "tune", project("tune"))
    first, _ = build("tune\n")
    (lock,) = (settings.cache_dir / "locks").iterdir()
    assert json.loads(lock.read_bytes())["pins"][0][-2] == first.pins[0].built_from
    again, _ = build("tune\n")
    assert again.pins == first.pins

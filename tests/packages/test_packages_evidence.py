"""A name counts for a package only where that is proven; what looks like a trap is said so."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from fake_index import wheel as plain_wheel
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version
from submitting import TARGET, submit

from validator.facts import Undeclared
from validator.facts import UnresolvedReason as Reason
from validator.packages import Packages
from validator.packages.contents import importable, provides, read_metadata
from validator.packages.suspicion import lookalike, told
from validator.packages.vouching import UnfitWheelError, vouch


def _listed(data, at, value):
    """Change the wheel's list of files: a field, so far into the entry of its METADATA."""
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b".dist-info/METADATA"))
    return data[: entry + at] + value + data[entry + at + len(value) :]


def _deflated(data):
    begin = data.index(b".dist-info/METADATA") + len(b".dist-info/METADATA")
    return data[:begin] + bytes(8) + data[begin + 8 :]


DAMAGES = {
    "deflate": _deflated,
    "encrypted": lambda data: _listed(data, 8, b"\x01"),
    "later version": lambda data: _listed(data, 6, b"\xff"),
    "bzip2": lambda data: _listed(data, 10, b"\x0c"),
    "name": lambda data: _listed(data, 8, b"\x00\x08").replace(b"plotter-2.0.d", b"\xff" * 13),
    "no name": lambda data: _listed(data, 28, b"\x00\x00"),
    "cut": lambda data: data[:-30],
}
"""What may be wrong with a wheel, by what it is."""

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")


def pins(resolution):
    return [f"{pin.name}=={pin.version}" for pin in resolution.pins]


def the_one(resolution):
    (unresolved,) = resolution.unresolved
    return unresolved


# ── an import taken for the project of its name ──────────────────────────────────────────────────


@pytest.mark.parametrize("has_ranges", [True, False], ids=["ranges", "whole files"])
def test_a_wheel_that_holds_the_module_proves_it(index, resolve, has_ranges):
    index.has_ranges = has_ranges
    index.add("plotter", "2.0", "py3-none-any")
    resolution = resolve(main="import plotter.axes\n")
    assert resolution.undeclared == (Undeclared("plotter", "main.py", 1, "plotter"),)
    assert pins(resolution) == ["plotter==2.0"]


def test_a_part_of_the_wheel_is_enough(index, resolve, settings):
    index.add("plotter", "2.0", "py3-none-any")
    assert pins(resolve(main="import plotter\n")) == ["plotter==2.0"]
    assert "206 /files/plotter-2.0-py3-none-any.whl" in index.asked
    assert not (settings.cache_dir / "wheels").exists()


def test_another_project_of_that_name_is_not_taken(index, resolve):
    index.add("plotter", "2.0", "py3-none-any", modules={"ink/__init__.py": "", "pen.py": ""})
    resolution = resolve(main="import plotter\n")
    (undeclared,) = resolution.undeclared
    assert undeclared.distribution is None
    assert undeclared.note == "plotter on the index holds ink, pen, not plotter"
    assert resolution.pins == ()


def test_a_project_that_holds_nothing_is_known_by_its_part(index, resolve):
    nothing = {"README.txt": ""}
    needs = ("plotter-slim[ink]==2.0", "pens ; extra == 'all'")
    index.add("plotter", "2.0", "py3-none-any", modules=dict(nothing), requires=needs)
    index.add("plotter-slim", "2.0", "py3-none-any", modules={"plotter/__init__.py": ""})
    resolution = resolve(main="import plotter\n")
    assert [each.distribution for each in resolution.undeclared] == ["plotter"]
    assert pins(resolution) == ["plotter==2.0", "plotter-slim==2.0"]


@pytest.mark.parametrize("needs", ["ink", "plotter-slim ; extra == 'all'", ""])
def test_a_project_that_holds_nothing_is_not_known_by_a_strangers_wheel(index, resolve, needs):
    requires = (needs,) if needs else ()
    index.add("plotter", "2.0", "py3-none-any", modules={"README.txt": ""}, requires=requires)
    for name in ("ink", "plotter-slim"):
        index.add(name, "2.0", "py3-none-any", modules={"plotter/__init__.py": ""})
    (undeclared,) = resolve(main="import plotter\n").undeclared
    assert undeclared.distribution is None
    assert undeclared.note == "plotter on the index holds no module"


def test_what_exists_only_as_source_proves_nothing(index, resolve):
    index.add("inkpen", "2.0")
    index.add("wget", "3.2")
    resolution = resolve(main="import inkpen\nimport wget\n")
    assert resolution.undeclared == (
        Undeclared(
            "inkpen", "main.py", 1, None,
            note="inkpen exists only as source, so whether it holds inkpen is not known",
        ),
        Undeclared("wget", "main.py", 2, "wget"),
    )  # fmt: skip
    assert the_one(resolution).reason is Reason.SOURCE_ONLY, "known to be what it seems"
    assert the_one(resolution).requirement.name == "wget"


def test_metadata_that_names_its_imports_is_believed_without_the_wheel(index, resolve):
    index.add("plotter", "2.0", "py3-none-any", modules={"wrong.py": ""})
    filename = "plotter-2.0-py3-none-any.whl"
    index.metadata[filename] = (
        "Metadata-Version: 2.5\nName: plotter\nVersion: 2.0\nSummary: Ink.\nImport-Name: plotter\n"
    )
    assert pins(resolve(main="import plotter\n")) == ["plotter==2.0"]
    assert f"200 /files/{filename}.metadata" in index.asked


def test_a_young_project_with_one_file_is_no_evidence(index, resolve):
    index.add("plotter", "2.0", "py3-none-any", uploaded=YESTERDAY, source=False)
    resolution = resolve(main="import plotter\n")
    (undeclared,) = resolution.undeclared
    assert undeclared.distribution is None
    assert undeclared.note == (
        f"plotter is suspicious: its first file was uploaded on {YESTERDAY[:10]}, "
        "it has 1 file in all, so it is not taken for plotter"
    )
    assert resolution.pins == ()


def test_an_invention_gets_the_names_that_may_have_been_meant(index, resolve):
    (undeclared,) = resolve(main="import beautifulsoup\n").undeclared
    assert (undeclared.distribution, undeclared.candidates) == (None, ("beautifulsoup4",))


def test_what_another_package_brings_is_told_from_what_nobody_brings(index, resolve):
    index.add("flask", "3.0", "py3-none-any", requires=("werkzeug",))
    index.add("werkzeug", "3.1", "py3-none-any")
    index.add("requests", "2.0", "py3-none-any")
    resolution = resolve("flask\n", main="import flask, werkzeug, requests\n")
    assert [(each.module, each.brought_by) for each in resolution.undeclared] == [
        ("werkzeug", ("flask",)),
        ("requests", ()),
    ]


def test_the_evidence_is_remembered(index, settings):
    index.add("plotter", "2.0", "py3-none-any")
    program = submit(main="import plotter\n")
    with Packages(settings, TARGET) as packages:
        first = packages.resolve(program)
    index.asked.clear()
    with Packages(replace(settings, resolver="uv", pins="latest"), TARGET) as packages:
        assert packages.resolve(program).undeclared == first.undeclared
    assert not [line for line in index.asked if line.startswith("206")]


def test_a_wheel_without_end_is_not_looked_into(index, resolve, settings, monkeypatch):
    index.has_ranges = False
    index.add("plotter", "2.0", "py3-none-any")
    monkeypatch.setattr("validator.packages.index.MAX_PEEKED_BYTES", 100)
    (undeclared,) = resolve(main="import plotter\n").undeclared
    assert undeclared.note == "what plotter on the index holds cannot be read"
    assert not list((settings.cache_dir / "wheels").glob("*"))


@pytest.mark.parametrize("has_ranges", [True, False], ids=["ranges", "whole files"])
@pytest.mark.parametrize("damage", list(DAMAGES))
def test_a_damaged_wheel_proves_nothing_and_is_not_taken(
    index, resolve, tmp_path, has_ranges, damage
):
    index.has_ranges = has_ranges
    index.add("plotter", "2.0", "py3-none-any")
    offer = index.offer("plotter-2.0-py3-none-any.whl")
    offer.data = DAMAGES[damage](offer.data)
    (undeclared,) = resolve(main="import plotter\n").undeclared
    assert undeclared.distribution is None
    assert undeclared.note == "what plotter on the index holds cannot be read"
    wheel = tmp_path / "wheel"
    wheel.write_bytes(offer.data)
    with pytest.raises(UnfitWheelError):
        vouch(offer.filename, wheel, "plotter", Version("2.0"), TARGET)


def test_metadata_of_a_version_without_end(tmp_path):
    wheel = tmp_path / "wheel"
    with zipfile.ZipFile(wheel, "w") as archive:
        text = f"Name: plotter\nVersion: {'9' * 5000}\n"
        archive.writestr("plotter-2.0.dist-info/METADATA", text)
    with pytest.raises(UnfitWheelError):
        vouch("plotter-2.0-py3-none-any.whl", wheel, "plotter", Version("2.0"), TARGET)


@given(st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=4)), max_size=4))
def test_any_wheel_is_taken_or_refused(tmp_path_factory, changes):
    data = bytearray(plain_wheel("plotter", "2.0"))
    for place, bytes_there in changes:
        data[place % len(data) : place % len(data) + len(bytes_there)] = bytes_there
    wheel = tmp_path_factory.getbasetemp() / "any.whl"
    wheel.write_bytes(data)
    with suppress(UnfitWheelError):
        vouch("plotter-2.0-py3-none-any.whl", wheel, "plotter", Version("2.0"), TARGET)


@pytest.mark.parametrize(
    ("paths", "modules"),
    [
        (("numpy/__init__.py", "numpy/linalg/__init__.py"), ("numpy",)),
        (("six.py", "six-1.0.dist-info/RECORD"), ("six",)),
        (("google/cloud/storage/__init__.py",), ("google.cloud.storage",)),
        (("fast.cpython-311-x86_64-linux-gnu.so", "share/x.png"), ("fast",)),
        (("numpy.libs/libopenblas.so", "bin-x/tool.py"), ()),
        (("__init__.py",), ()),
    ],
)
def test_what_can_be_imported_from_files(paths, modules):
    assert importable(paths) == modules


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ("google.cloud.storage.Client", True),
        ("google.cloud", True),
        ("google.cloud.vision", False),
        ("googl", False),
        ("google.cloud.storages", False),
    ],
)
def test_a_namespace_is_answered_by_its_parts(wanted, answer):
    assert provides(("google.cloud.storage",), wanted) is answer


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=8))
def test_no_list_of_files_is_too_odd(paths):
    modules = importable(paths)
    assert all(provides(modules, module) for module in modules)


@given(st.text(max_size=300))
def test_no_metadata_is_too_odd(text):
    described, names = read_metadata(text)
    assert isinstance(described, bool)
    assert all(names)


# ── what looks like a trap ───────────────────────────────────────────────────────────────────────


def test_a_slip_of_the_hand_with_a_young_project_behind_it(index, resolve):
    index.add("reqeusts", "1.0", "py3-none-any", uploaded=YESTERDAY)
    resolution = resolve("reqeusts\n")
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.SUSPICIOUS
    assert unresolved.message == (
        "reqeusts is suspicious: its name is almost requests, its first file was uploaded on "
        f"{YESTERDAY[:10]}, it has 2 files in all"
    )
    assert unresolved.candidates == ("requests",)
    assert pins(resolution) == ["reqeusts==1.0"], "the jail may see what it does"


def test_an_upload_without_a_description(index, resolve):
    index.add("zorkify", "0.0.0", "py3-none-any", summary="", source=False)
    assert the_one(resolve("zorkify\n")).message == (
        "zorkify is suspicious: it has 1 file in all, it has no description"
    )


@pytest.mark.parametrize(
    ("name", "offers"),
    [
        ("small-old-tool", {"uploaded": "2019-01-01T00:00:00Z"}),
        ("requests", {"uploaded": YESTERDAY, "source": False, "summary": ""}),
        ("undated", {"uploaded": None}),
    ],
)
def test_one_sign_alone_or_a_known_name_is_no_matter(index, resolve, name, offers):
    index.add(name, "1.0", "py3-none-any", **offers)
    assert resolve(f"{name}\n").unresolved == ()


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("reqeusts", "requests"),
        ("panda5", None),
        ("nunpy", "numpy"),
        ("tenserflow", "tensorflow"),
        ("matplotl1b", "matplotlib"),
    ],
)
def test_names_one_slip_away(name, known):
    if known is None:
        assert lookalike(name) == "pandas"  # 5 folds to s
    else:
        assert lookalike(name) == known


@pytest.mark.parametrize("name", ["zorkify", "snake-game", "ab", "fine", "django-zork", "x" * 200])
def test_names_like_no_other(name):
    assert lookalike(name) is None


def test_a_lookalike_without_any_other_sign_is_let_be():
    assert told("nunpy", (), described=True) is None


@pytest.mark.parametrize("speaks_json", [True, False], ids=["json", "html"])
def test_what_the_index_says_of_a_project(index, resolve, speaks_json):
    index.speaks_json = speaks_json
    index.add("oldie", "1.0", "py3-none-any")
    index.add("evil", "1.0", "py3-none-any")
    index.add("fine", "1.0", "py3-none-any")
    index.statuses = {
        "oldie": ("archived", "see newie"),
        "evil": ("quarantined", ""),
        "fine": ("active", ""),
    }
    resolution = resolve("oldie\nevil\nfine\n")
    assert [(each.reason, each.message) for each in resolution.unresolved] == [
        (Reason.RETIRED, 'the project oldie is archived: "see newie"'),
        (Reason.QUARANTINED, "evil is quarantined by the index"),
    ]
    assert pins(resolution) == ["fine==1.0", "oldie==1.0"]


def test_a_name_that_only_leads_elsewhere_is_followed(index, resolve):
    index.add("bs4", "0.0.2", "py3-none-any", requires=("beautifulsoup4",))
    index.add("beautifulsoup4", "4.12", "py3-none-any")
    resolution = resolve("bs4==0.0.1\n", main="import bs4\n")
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.RENAMED
    assert unresolved.message == "bs4 holds nothing itself; the package is beautifulsoup4"
    assert unresolved.relaxed_to == "beautifulsoup4"
    assert pins(resolution) == ["beautifulsoup4==4.12"]
    assert resolution.undeclared == ()


def test_a_name_its_project_has_left_still_installs(index, resolve):
    index.add("PyPDF2", "3.0.1", "py3-none-any")
    resolution = resolve("PyPDF2==3.0.1\n", main="import PyPDF2\n")
    unresolved = the_one(resolution)
    assert (unresolved.reason, unresolved.candidates) == (Reason.RENAMED, ("pypdf",))
    assert unresolved.message == "PyPDF2 has no future releases; its project goes on as pypdf"
    assert pins(resolution) == ["pypdf2==3.0.1"]


# ── pins that cannot install, and days that are too late ─────────────────────────────────────────


@pytest.mark.parametrize(
    ("policy", "asked", "used"),
    [
        ("nearest", "pygame==2.1.2", "pygame==2.1.3"),
        ("latest", "pygame==2.1.2", "pygame==2.6.1"),
        ("strict", "pygame==2.1.2", None),
        ("nearest", "pygame==1.9.6", "pygame==2.6.1"),
        ("nearest", "pygame==2.9", "pygame==2.6.1"),
    ],
)
def test_what_becomes_of_a_pin(arcade, settings, policy, asked, used):
    with Packages(replace(settings, pins=policy), TARGET) as packages:
        resolution = packages.resolve(submit(asked))
    assert the_one(resolution).relaxed_to == used
    assert pins(resolution) == ([used] if used else [])


def test_strict_keeps_a_conflict(index, settings):
    index.add("flask", "3.0.3", "py3-none-any", requires=("Werkzeug>=3.0.0",))
    index.add("werkzeug", "2.0.3", "py3-none-any")
    index.add("werkzeug", "3.1.0", "py3-none-any")
    with Packages(replace(settings, pins="strict"), TARGET) as packages:
        resolution = packages.resolve(submit("flask==3.0.3\nwerkzeug==2.0.3\n"))
    assert the_one(resolution).reason is Reason.CONFLICT
    assert the_one(resolution).relaxed_to is None


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_nothing_later_than_the_cutoff_is_taken(index, settings, resolver):
    index.add("web", "1.0", "py3-none-any", requires=("tmpl",), uploaded="2024-03-01T23:59:59Z")
    index.add("web", "2.0", "py3-none-any", requires=("tmpl",), uploaded="2024-03-02T00:00:00Z")
    index.add("tmpl", "1.0", "py3-none-any", uploaded="2024-01-01T00:00:00Z")
    index.add("tmpl", "1.1", "py3-none-any", uploaded="2024-04-01T00:00:00Z")
    chosen = replace(settings, cutoff="2024-03-01", resolver=resolver)
    with Packages(chosen, TARGET) as packages:
        free, pinned = (packages.resolve(submit(line)) for line in ("web\n", "web==2.0\n"))
    assert pins(free) == pins(pinned) == ["tmpl==1.0", "web==1.0"]
    assert free.unresolved == ()
    assert free.cutoff == "2024-03-01"
    unresolved = the_one(pinned)
    assert unresolved.reason is Reason.NEWER_THAN_CUTOFF
    assert unresolved.message == "web 2.0 was uploaded on 2024-03-02, after the cutoff 2024-03-01"
    assert (unresolved.nearest, unresolved.relaxed_to) == ("1.0", "web==1.0")


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-30", "9999-12-29", "2999-01-01"])
def test_a_cutoff_in_a_future_without_end(index, settings, resolver, day):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(replace(settings, resolver=resolver, cutoff=day), TARGET) as packages:
        assert [pin.version for pin in packages.resolve(submit("flask\n")).pins] == ["3.0"]


def test_an_upload_nobody_dated_is_after_any_cutoff(index, settings):
    index.add("web", "1.0", "py3-none-any", uploaded=None)
    with Packages(replace(settings, cutoff="2024-03-01"), TARGET) as packages:
        unresolved = the_one(packages.resolve(submit("web\n")))
    assert unresolved.reason is Reason.NEWER_THAN_CUTOFF
    assert unresolved.message == (
        "the index does not say when web 1.0 was uploaded, and only what was by 2024-03-01 is taken"
    )


def test_an_age_is_a_day():
    from validator.settings import load

    day = load({"min_age": "7"}, environ={}).cutoff
    assert day == (datetime.now(UTC).date() - timedelta(days=7)).isoformat()
    early = load({"min_age": "7", "cutoff": "2020-01-01"}, environ={})
    assert early.cutoff == "2020-01-01"
    assert date.fromisoformat(day)


# ── what the layer really holds ──────────────────────────────────────────────────────────────────


def test_an_import_the_required_package_does_not_hold(index, settings):
    index.add("pillow", "9.0", "py3-none-any", modules={"pillow_plus.py": ""})
    index.add("flask", "3.0", "py3-none-any")
    program = submit("pillow\nflask\n", main="import flask\nfrom PIL import Image\n")
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(program)
        layer = packages.layer(resolution)
        checked = packages.check(resolution, layer, program)
    assert layer.modules == ("flask", "pillow_plus")
    (unprovided,) = checked.unprovided
    assert (unprovided.module, unprovided.line) == ("PIL", 2)
    assert unprovided.candidates == ("pillow-simd",)


def test_an_import_that_came_with_something_is_not_unknown(index, settings):
    index.add("app", "1.0", "py3-none-any", requires=("odd-quill",))
    index.add("odd-quill", "1.0", "py3-none-any", modules={"quill/__init__.py": ""})
    program = submit("app\n", main="import app, quill, zork\n")
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(program)
        assert [each.module for each in resolution.undeclared] == ["quill", "zork"]
        checked = packages.check(resolution, packages.layer(resolution), program)
    assert [each.module for each in checked.undeclared] == ["zork"]


def test_what_was_said_once_is_not_said_again(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    program = submit("flask\nghost\n", main="import flask, ghost, zork\nimport os\n")
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(program)
        checked = packages.check(resolution, packages.layer(resolution), program)
    assert checked.unprovided == ()
    assert [each.module for each in checked.undeclared] == ["zork"]


def setuptools(index):
    index.add("setuptools", "81.0", "py3-none-any", modules={"pkg_resources/__init__.py": ""})
    index.add("setuptools", "82.0", "py3-none-any", modules={"setuptools/__init__.py": ""})


def test_of_what_a_project_has_given_up_the_last_version_that_holds_it_is_taken(index, resolve):
    setuptools(index)
    resolution = resolve(main="import pkg_resources\n")
    assert pins(resolution) == ["setuptools==81.0"]
    assert [each.requirement for each in resolution.undeclared] == ["setuptools<82"]
    assert pins(resolve(main="import setuptools\n")) == ["setuptools==82.0"]


def test_what_is_required_in_a_version_that_has_given_it_up_says_which_holds_it(index, settings):
    setuptools(index)
    given = submit("setuptools\n", main="import pkg_resources\n")
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(given)
        checked = packages.check(resolution, packages.layer(resolution), given)
    ((module, candidates),) = [(each.module, each.candidates) for each in checked.unprovided]
    assert (module, candidates) == ("pkg_resources", ("setuptools<82",))

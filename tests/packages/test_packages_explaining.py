"""A requirement in, and in words why it cannot be met as written; what is taken instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_index import LINUX
from submitting import TARGET, submit

from validator.facts import UnresolvedReason as Reason
from validator.packages import Packages


def pins(resolution):
    return [f"{pin.name}=={pin.version}" for pin in resolution.pins]


def the_one(resolution):
    (unresolved,) = resolution.unresolved
    return unresolved


def test_a_shim_of_what_this_machine_has_no_wheels_for(index, resolve):
    index.add("pypiwin32", "223", "py3-none-any", requires=("pywin32>=223",))
    index.add("pywin32", "306", "cp311-cp311-win_amd64", source=False)
    unresolved = the_one(resolve("pypiwin32\n", main="import win32api\n"))
    assert unresolved.reason is Reason.NO_WHEEL
    assert unresolved.message == (
        "pypiwin32 holds nothing itself; the package is pywin32, and pywin32 306 exists "
        "(2023-05-06) but has no wheel for Python 3.11 on Linux x86_64 (only for Windows)"
    )


@pytest.mark.parametrize(
    ("tag", "python"),
    [
        ("py2-none-any", "Python 2"),
        ("py27-none-any", "Python 2.7"),
        ("py314-none-any", "Python 3.14"),
    ],
)
def test_a_wheel_for_any_machine_and_another_python(index, resolve, tag, python):
    index.add("soup", "3.2", tag, source=False)
    assert the_one(resolve("soup\n")).message.endswith(f"on Linux x86_64 (only for {python})")


def test_wheels_of_older_versions_make_no_wheel_of_the_newest(index, resolve):
    index.add("dlib", "19.6", "cp36-cp36m-win_amd64")
    index.add("dlib", "20.0")
    unresolved = the_one(resolve("dlib\n"))
    assert (unresolved.reason, unresolved.message) == (
        Reason.SOURCE_ONLY,
        "dlib 20.0 exists (2023-05-06) but only as source, which only --build-sdists builds",
    )


@pytest.mark.parametrize(
    ("tag", "reason", "kind"),
    [
        ("py2-none-any", Reason.SOURCE_ONLY, "only as source for Python 3, which"),
        ("cp27-cp27mu-win_amd64", Reason.SOURCE_ONLY, "only as source for Python 3, which"),
        ("cp314-cp314-win_amd64", Reason.NO_WHEEL, "has no wheel for Python 3.11"),
    ],
)
def test_a_wheel_for_python_2_beside_a_source(index, resolve, tag, reason, kind):
    index.add("soup", "3.2", tag)
    unresolved = the_one(resolve("soup\n"))
    assert unresolved.reason is reason
    assert f"soup 3.2 exists (2023-05-06) but {kind}" in unresolved.message


def test_of_what_left_this_python_behind_the_newest_for_it_is_spoken_of(index, resolve):
    index.add("cord", "3.2", "py3-none-any", requires_python=">=3.12")
    index.add("cord", "2.6")
    unresolved = the_one(resolve("cord\n"))
    assert unresolved.reason is Reason.SOURCE_ONLY
    assert unresolved.message.startswith("cord 2.6 exists (2023-05-06) but only as source")
    assert unresolved.other_python == "3.12"
    assert the_one(resolve("cord>=3\n")).reason is Reason.REQUIRES_PYTHON


def test_a_pre_release_that_was_followed_by_a_release_is_not_recommended(index, resolve):
    index.add("speed", "0.3.1.dev5", "py3-none-any")
    index.add("speed", "0.19")
    assert the_one(resolve("speed\n")).relaxed_to is None
    index.add("ahead", "0.19")
    index.add("ahead", "0.20rc1", "py3-none-any")
    assert the_one(resolve("ahead\n")).relaxed_to == "ahead==0.20rc1"


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_what_is_needed_and_has_no_wheel_here(index, settings, resolver):
    index.add("toast", "0.1")
    index.add("toast", "0.8", "py3-none-any", requires=("notices",))
    index.add("toast", "0.9", "py3-none-any", requires=("notices", "win32shim"))
    index.add("win32shim", "223", "py3-none-any", requires=("notices>=2",))
    index.add("notices", "2.0", "cp311-cp311-win_amd64", source=False)
    index.add("notices", "1.0", "cp27-cp27m-win_amd64", source=False)
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        unresolved = the_one(packages.resolve(submit("toast\n")))
    assert unresolved.reason is Reason.NO_WHEEL
    assert "which has no wheel for Python 3.11 on Linux x86_64 (only for Wind" in unresolved.message


def test_what_is_needed_of_a_package_whose_old_versions_are_source_only(index, resolve):
    index.add("news", "0.1")
    index.add("news", "0.2", "py3-none-any", requires=("segmenter==0.3",))
    index.add("segmenter", "0.3")
    unresolved = the_one(resolve("news\n"))
    assert (unresolved.reason, unresolved.message) == (
        Reason.SOURCE_ONLY,
        "news needs segmenter==0.3, which exists only as source, which only --build-sdists builds",
    )


def test_what_two_disagree_about_is_not_said_to_be_required_in_no_version(index, resolve):
    index.add("left", "1.0", "py3-none-any", requires=("shared<2",))
    index.add("right", "1.0", "py3-none-any", requires=("shared>=2",))
    for version in ("1.0", "2.0"):
        index.add("shared", version, "py3-none-any")
    unresolved = resolve("left==1.0\nright==1.0\nshared\n").unresolved
    assert {each.message.replace("==1.0", "") for each in unresolved} == {
        "left needs shared<2 and right needs shared>=2"
    }


def test_a_conflict_of_what_all_has_wheels_is_one(index, resolve):
    index.add("front", "1.0", "py3-none-any", requires=("shared<2",))
    for version in ("1.0", "2.0"):
        index.add("shared", version, "py3-none-any")
    unresolved = the_one(resolve("front\nshared==2.0\n"))
    assert unresolved.reason is Reason.CONFLICT


@pytest.mark.parametrize("name", ["tk", "python3-tk", "Tk"])
def test_a_name_for_a_module_of_python_is_another_project(index, resolve, name):
    index.add("tk", "0.1.0", "py3-none-any")
    unresolved = the_one(resolve(f"{name}\n", main="import tkinter\n"))
    assert (unresolved.reason, unresolved.message) == (
        Reason.STDLIB,
        f"{name} is not tkinter, which is part of Python 3.11; there is nothing to install",
    )
    assert pins(resolve("tk\n", main="import tk\n")) == ["tk==0.1.0"]


def test_a_local_version_is_nearest_to_its_public_one(index, resolve):
    for version in ("2.0.1", "2.1.0", "2.1.1"):
        index.add("torch", version, f"cp311-cp311-{LINUX}")
    assert the_one(resolve("torch==2.1.0+cpu\n")).relaxed_to == "torch==2.1.0"


def test_a_local_version_is_not_said_to_have_been_released_nowhere(index, resolve):
    for version in ("2.0.1", "2.1.1"):
        index.add("torch", version, f"cp311-cp311-{LINUX}")
    has, lacks = (the_one(resolve(f"torch=={each}+cu118\n")) for each in ("2.1.1", "2.1.0"))
    assert {has.reason, lacks.reason} == {Reason.UNKNOWN_VERSION}
    said = "is a local version, and the index has none of those"
    newest = "the newest for Python 3.11 is 2.1.1"
    assert has.message == f"torch 2.1.1+cu118 {said}; it has 2.1.1; {newest}"
    assert lacks.message == f"torch 2.1.0+cu118 {said}; {newest}"
    assert (has.relaxed_to, lacks.relaxed_to) == ("torch==2.1.1", "torch==2.1.1")


@pytest.mark.parametrize(
    "asked", ["flask>=3,<2", "flask==2.0,==3.0", "flask==2.*,>=3", "flask>2,<=2"]
)
def test_versions_that_exclude_each_other(index, resolve, asked):
    for version in ("2.0", "3.0"):
        index.add("flask", version, "py3-none-any")
    unresolved = the_one(resolve(f"{asked}\n"))
    assert unresolved.reason is Reason.UNKNOWN_VERSION
    assert "contradicts itself: no version could be all of that" in unresolved.message


@pytest.mark.parametrize("asked", ["flask>2.0,<2.0.1", "flask==2.*,!=2.0", "flask>3", "flask<1"])
def test_versions_that_might_have_been(index, resolve, asked):
    for version in ("2.0", "3.0"):
        index.add("flask", version, "py3-none-any")
    assert "was never released" in the_one(resolve(f"{asked}\n")).message


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ("numpy<1.22", "numpy==1.23.2"),
        ("numpy<=1.21,!=1.20", "numpy==1.23.2"),
        ("numpy>=1.20,<1.22", "numpy==1.23.2"),
        ("numpy<0.5", "numpy==2.4"),
    ],
)
def test_an_upper_bound_is_near_what_stands_above_it(index, resolve, asked, used):
    index.add("numpy", "1.21", f"cp39-cp39-{LINUX}")
    index.add("numpy", "0.4", f"cp39-cp39-{LINUX}")
    for version in ("1.23.2", "1.24", "2.4"):
        index.add("numpy", version, f"cp311-cp311-{LINUX}")
    assert the_one(resolve(f"{asked}\n")).relaxed_to == used


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_the_same_package_in_two_versions_is_a_conflict(index, settings, resolver):
    for version in ("2.0.0", "3.0.3"):
        index.add("flask", version, "py3-none-any")
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit("flask==3.0.3\nflask==2.0.0\n"))
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.CONFLICT
    assert unresolved.message == (
        "flask==3.0.3 and flask==2.0.0 are required, which no version is at once"
    )
    assert pins(resolution) == ["flask==3.0.3"]


def test_the_same_package_twice_is_no_matter(index, resolve):
    index.add("flask", "3.0.3", "py3-none-any")
    assert resolve("flask>=3\nflask==3.0.3\n").unresolved == ()

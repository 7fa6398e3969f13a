"""What installs on a target: tags, Pythons and markers, none of them the host's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.markers import Marker
from packaging.tags import cpython_tags

from validator.errors import UsageError
from validator.facts import Target
from validator.packages import target as targets

BOOKWORM = Target("3.11", "linux_x86_64", "glibc 2.36")
ALPINE = Target("3.12", "linux_aarch64", "musl 1.2")
MAC = Target("3.13", "macosx_arm64", "")


@pytest.mark.parametrize(
    ("filename", "target", "installs"),
    [
        ("a-1-py3-none-any.whl", BOOKWORM, True),
        ("a-1-py2.py3-none-any.whl", BOOKWORM, True),
        ("a-1-2-py3-none-any.whl", BOOKWORM, True),
        ("a-1-py311-none-any.whl", BOOKWORM, True),
        ("a-1-py312-none-any.whl", BOOKWORM, False),
        ("a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", BOOKWORM, True),
        ("a-1-cp311-cp311-manylinux1_x86_64.whl", BOOKWORM, True),
        ("a-1-cp311-cp311-manylinux_2_36_x86_64.whl", BOOKWORM, True),
        ("a-1-cp311-cp311-manylinux_2_37_x86_64.whl", BOOKWORM, False),
        ("a-1-cp311-cp311-linux_x86_64.whl", BOOKWORM, True),
        ("a-1-cp37-abi3-manylinux2014_x86_64.whl", BOOKWORM, True),
        ("a-1-cp312-abi3-manylinux2014_x86_64.whl", BOOKWORM, False),
        ("a-1-cp310-cp310-manylinux2014_x86_64.whl", BOOKWORM, False),
        ("a-1-cp313-cp313t-manylinux2014_x86_64.whl", BOOKWORM, False),
        ("a-1-pp311-pypy311_pp73-manylinux2014_x86_64.whl", BOOKWORM, False),
        ("a-1-cp311-cp311-musllinux_1_1_x86_64.whl", BOOKWORM, False),
        ("a-1-cp311-cp311-manylinux2014_aarch64.whl", BOOKWORM, False),
        ("a-1-cp311-cp311-win_amd64.whl", BOOKWORM, False),
        ("a-1-py3-none-manylinux2014_x86_64.whl", BOOKWORM, True),
        ("a-1-cp312-cp312-musllinux_1_2_aarch64.whl", ALPINE, True),
        ("a-1-cp312-cp312-musllinux_1_3_aarch64.whl", ALPINE, False),
        ("a-1-cp312-cp312-manylinux2014_aarch64.whl", ALPINE, False),
        ("a-1-cp313-cp313-macosx_11_0_arm64.whl", MAC, True),
        ("a-1-cp313-cp313-macosx_10_13_universal2.whl", MAC, True),
        ("a-1-cp313-cp313-macosx_11_0_x86_64.whl", MAC, False),
        ("not a wheel", BOOKWORM, False),
        ("a.whl", BOOKWORM, False),
    ],
)
def test_a_wheel_installs_or_does_not(filename, target, installs):
    assert (targets.rank(filename, target) is not None) is installs


def test_the_closer_wheel_is_preferred():
    order = [
        "a-1-cp311-cp311-manylinux_2_28_x86_64.whl",
        "a-1-cp311-cp311-manylinux2014_x86_64.whl",
        "a-1-cp311-abi3-manylinux2014_x86_64.whl",
        "a-1-cp38-abi3-manylinux2014_x86_64.whl",
        "a-1-py3-none-manylinux2014_x86_64.whl",
        "a-1-py3-none-any.whl",
    ]
    shuffled = order[::-1]
    assert sorted(shuffled, key=lambda name: targets.rank(name, BOOKWORM)) == order


def test_the_tags_are_packaging_s_own():
    wanted = cpython_tags((3, 11), abis=["cp311"], platforms=["manylinux_2_36_x86_64"])
    known = targets.ranks(BOOKWORM)
    assert all((tag.interpreter, tag.abi, tag.platform) in known for tag in wanted)


@pytest.mark.parametrize(
    ("requires", "admitted"),
    [("", True), (">=3.8", True), (">=3.8,<4", True), (">=3.12", False), ("<3.11", False),
     ("!=3.11.*", False), ("==3.11.*", True), ("~=3.10", True), ("nonsense", True),
     (f">={'9' * 5000}", True)],
)  # fmt: skip
def test_requires_python(requires, admitted):
    assert targets.allows(requires, BOOKWORM) is admitted


@pytest.mark.parametrize(
    ("said", "python", "micro"),
    [("3.11.7", "3.11", 7), ("3.12", "3.12", 0), ("3.14.0rc1", "3.14", 0), ("3.13.1+", "3.13", 1)],
)
def test_a_target_knows_its_python_by_what_it_says(said, python, micro):
    target = Target.of(said, "linux_x86_64", "glibc 2.36")
    assert (target.python, target.micro) == (python, micro)
    assert target.full_python == f"{python}.{micro}"


def test_the_third_number_counts_where_it_is_asked_for():
    late = replace(BOOKWORM, micro=7)
    assert targets.allows(">=3.11.5", late)
    assert not targets.allows(">=3.11.5", BOOKWORM)
    newer = Marker('python_full_version >= "3.11.5"')
    assert newer.evaluate(targets.marker_environment(late))
    assert not newer.evaluate(targets.marker_environment(BOOKWORM))


def test_markers_see_the_target():
    environment = targets.marker_environment(ALPINE)
    assert Marker('python_version == "3.12" and platform_machine == "aarch64"').evaluate(
        environment
    )
    assert Marker('sys_platform == "linux" and implementation_name == "cpython"').evaluate(
        environment
    )
    assert not Marker('extra == "test" or os_name == "nt"').evaluate(environment)
    assert Marker('sys_platform == "darwin"').evaluate(targets.marker_environment(MAC))


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (BOOKWORM, "x86_64-manylinux_2_36"),
        (Target("3.11", "linux_x86_64", "glibc 2.30"), "x86_64-manylinux_2_28"),
        (Target("3.11", "linux_x86_64", "glibc 2.99"), "x86_64-manylinux_2_40"),
        (Target("3.11", "linux_aarch64", "glibc 2.28"), "aarch64-manylinux_2_28"),
        (ALPINE, "aarch64-unknown-linux-musl"),
        (MAC, "aarch64-apple-darwin"),
        (Target("3.11", "macosx_x86_64", ""), "x86_64-apple-darwin"),
    ],
)
def test_uv_is_told_the_nearest_it_knows(target, name):
    assert targets.uv_platform(target) == name


def test_a_platform_no_program_runs_on_here():
    with pytest.raises(UsageError, match="win_amd64: it is not Linux or macOS"):
        targets.platforms(Target("3.11", "win_amd64", ""))

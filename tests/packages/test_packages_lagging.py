"""An older version taken in silence, because the newest needs what has no wheel: said, or built."""

from __future__ import annotations

from dataclasses import replace

import pytest
from source_archives import offer_source, project
from submitting import TARGET, submit

from validator.facts import UnresolvedReason as Reason
from validator.packages import Packages


@pytest.fixture
def numbers(index):
    """A project whose newest versions need something that exists only as source."""
    index.add("numbers2", "0.5", "py3-none-any")
    for version in ("0.6", "0.7"):
        index.add("numbers2", version, "py3-none-any", requires=("tune>=0.6",))
    offer_source(index, "tune", project("tune"))
    return index


def pins(resolution):
    return [f"{pin.name}=={pin.version}" for pin in resolution.pins]


@pytest.mark.parametrize("line", ["numbers2", "numbers2>=0.5", "numbers2<1"])
@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_the_older_version_is_said_with_what_it_is_for(numbers, settings, resolver, line):
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit(f"{line}\n"))
    (unresolved,) = resolution.unresolved
    wanted = {"uv": "tune==1.0", "pip-tools": "tune>=0.6"}[resolver]
    assert pins(resolution) == ["numbers2==0.5"]
    assert unresolved.reason is Reason.HELD_BACK
    assert (unresolved.nearest, unresolved.latest) == ("0.5", "0.7")
    assert unresolved.relaxed_to is None
    assert unresolved.message == (
        f"the newest numbers2, 0.7, needs {wanted}, which exists only as source, which only "
        "--build-sdists builds; this run has 0.5"
    )


def test_an_import_s_package_is_spoken_of_too_and_remembered(numbers, resolve):
    first = resolve(main="import numbers2\n")
    asked = len(numbers.asked)
    assert [each.reason for each in first.unresolved] == [Reason.HELD_BACK]
    assert resolve(main="import numbers2\n").unresolved == first.unresolved
    assert len(numbers.asked) == asked


def test_who_needs_it_is_named_through_others(numbers, resolve):
    numbers.add("front", "1.0", "py3-none-any")
    numbers.add("front", "2.0", "py3-none-any", requires=("numbers2>=0.6",))
    (unresolved,) = resolve("front\n").unresolved
    assert unresolved.message.startswith("the newest front, 2.0, needs numbers2")
    assert unresolved.message.endswith("; this run has 1.0")


@pytest.mark.parametrize(
    "lines",
    [
        "numbers2==0.5",  # as pinned
        "numbers2<0.6",  # as bounded
        "numbers2~=0.5.0",
        "plain",
        "plain\nolder",  # kept back by another, not by a wheel
        "plain<2\nolder",
        "early",  # whose newest is a pre-release
    ],
)
def test_what_has_its_reason_in_the_reply_is_not_spoken_of(numbers, resolve, lines):
    numbers.add("plain", "1.0", "py3-none-any")
    numbers.add("plain", "2.0", "py3-none-any")
    numbers.add("older", "1.0", "py3-none-any", requires=("plain<2",))
    numbers.add("early", "1.0", "py3-none-any")
    numbers.add("early", "2.0rc1", "py3-none-any", requires=("tune",))
    assert resolve(f"{lines}\n").unresolved == ()

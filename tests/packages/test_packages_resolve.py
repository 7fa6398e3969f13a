"""Requirements and imports in, the whole resolution out: real uv against an index on loopback."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_index import LINUX
from submitting import TARGET, submit

from validator.errors import IndexUnavailable, UsageError
from validator.facts import RequirementSource, Span, Target, Undeclared
from validator.facts import UnresolvedReason as Reason
from validator.packages import Packages


def pins(resolution):
    return [f"{pin.name}=={pin.version}" for pin in resolution.pins]


def the_one(resolution):
    (unresolved,) = resolution.unresolved
    return unresolved


@pytest.mark.parametrize("speaks_json", [True, False], ids=["json", "html"])
def test_the_pin_the_product_exists_for(arcade, resolve, speaks_json):
    arcade.speaks_json = speaks_json
    resolution = resolve("pygame==2.1.2\n", main="import pygame\n")

    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.NO_WHEEL
    assert unresolved.message == (
        "pygame 2.1.2 exists (2021-12-27) but has wheels only for CPython 3.6 to 3.10; "
        "this run uses Python 3.11"
    )
    assert unresolved.nearest == "2.1.3"
    assert unresolved.latest == "2.6.1"
    assert unresolved.wheel_pythons == ("3.6", "3.7", "3.8", "3.9", "3.10")
    assert unresolved.relaxed_to == "pygame==2.1.3"
    (pin,) = resolution.pins
    wheel = arcade.offer(f"pygame-2.1.3-cp311-cp311-{LINUX}.whl")
    assert (pin.version, pin.sha256, pin.filename) == ("2.1.3", wheel.sha256, wheel.filename)
    assert resolution.undeclared == ()


def test_a_pin_that_installs_is_no_matter(arcade, resolve):
    resolution = resolve("pygame==2.1.3\n", main="import pygame\n")
    assert resolution.unresolved == ()
    assert pins(resolution) == ["pygame==2.1.3"]


def test_the_same_pin_is_fine_where_it_has_a_wheel(arcade, resolve):
    resolution = resolve("pygame==2.1.2\n", target=Target("3.10", "linux_x86_64", "glibc 2.36"))
    assert resolution.unresolved == ()
    assert pins(resolution) == ["pygame==2.1.2"]


def test_a_version_that_never_was(arcade, resolve):
    unresolved = the_one(resolve("pygame==2.1.9\n"))
    assert unresolved.reason is Reason.UNKNOWN_VERSION
    assert unresolved.message == (
        "pygame==2.1.9 was never released (nearest: 2.1.3 below, 2.2.0 above); "
        "the newest for Python 3.11 is 2.6.1"
    )
    assert (unresolved.nearest, unresolved.latest) == ("2.2.0", "2.6.1")
    assert (unresolved.nearest_below, unresolved.nearest_above) == ("2.1.3", "2.2.0")
    assert unresolved.wheel_pythons == ()


def test_a_python_too_new_for_every_wheel_names_the_fork(arcade, resolve):
    target = Target("3.14", "linux_x86_64", "glibc 2.36")
    resolution = resolve(main="import pygame\n", target=target)
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.NO_WHEEL
    assert unresolved.message == (
        "pygame 2.6.1 exists (2023-05-06) but has wheels only for CPython 3.10 to 3.13; "
        "this run uses Python 3.14"
    )
    assert unresolved.candidates == ("pygame-ce",)
    assert unresolved.requirement.source is RequirementSource.IMPORT
    assert resolution.pins == ()


def test_a_python_too_old_by_its_third_number(index, resolve):
    index.add("soup", "4.1", "py3-none-any", requires_python=">=3.11.5")
    target = Target.of("3.11.2", "linux_x86_64", "glibc 2.36")
    unresolved = the_one(resolve("soup\n", target=target))
    assert unresolved.reason is Reason.REQUIRES_PYTHON
    assert unresolved.message == (
        "soup 4.1 exists (2023-05-06) but needs Python >=3.11.5; this run uses Python 3.11.2"
    )
    assert unresolved.other_python == "3.12"
    assert pins(resolve("soup\n", target=replace(target, micro=5))) == ["soup==4.1"]


def test_a_machine_without_wheels(index, resolve):
    index.add("pywin32", "306", "cp311-cp311-win_amd64", source=False)
    unresolved = the_one(resolve("pywin32==306\n"))
    assert unresolved.reason is Reason.NO_WHEEL
    assert unresolved.message == (
        "pywin32 306 exists (2023-05-06) but has no wheel for Python 3.11 on Linux x86_64 "
        "(only for Windows)"
    )
    assert (unresolved.nearest, unresolved.relaxed_to) == (None, None)


def test_a_libc_too_old_for_the_wheel(index, resolve):
    index.add("fast", "1.0", "cp311-cp311-manylinux_2_34_x86_64")
    old = Target("3.11", "linux_x86_64", "glibc 2.28")
    assert the_one(resolve("fast\n", target=old)).reason is Reason.NO_WHEEL
    assert pins(resolve("fast\n")) == ["fast==1.0"]


def test_an_invented_package_is_not_replaced(arcade, resolve):
    resolution = resolve("pygane\npygame\n")
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.UNKNOWN_PACKAGE
    assert unresolved.message == "the index has no package named pygane"
    assert unresolved.candidates[0] == "pygame"
    assert unresolved.relaxed_to is None
    assert pins(resolution) == ["pygame==2.6.1"]


def test_newest_means_newest_for_this_python(index, resolve):
    index.add(
        "django", "6.1", "py3-none-any", requires_python=">=3.12", uploaded="2026-11-03T00:00:00Z"
    )
    index.add("django", "5.2.19", "py3-none-any", requires_python=">=3.10")
    unresolved = the_one(resolve("django==6.1\n"))
    assert unresolved.reason is Reason.REQUIRES_PYTHON
    assert unresolved.message == (
        "django 6.1 exists (2026-11-03) but needs Python >=3.12; this run uses Python 3.11"
    )
    assert (unresolved.nearest, unresolved.latest) == ("5.2.19", "5.2.19")
    assert pins(resolve("django\n")) == ["django==5.2.19"]


def test_wheels_only_for_newer_pythons_are_a_python_too_old(index, resolve):
    index.add("numpy", "2.5", f"cp312-cp312-{LINUX}", requires_python=">=3.12")
    assert the_one(resolve("numpy==2.5\n")).reason is Reason.REQUIRES_PYTHON


def test_an_upper_bound_with_old_wheels_is_still_no_wheel(index, resolve):
    index.add("numpy", "1.21.0", f"cp39-cp39-{LINUX}", requires_python=">=3.7,<3.11")
    index.add("numpy", "1.23.2", f"cp311-cp311-{LINUX}", requires_python=">=3.8")
    unresolved = the_one(resolve("numpy==1.21.0\n"))
    assert unresolved.reason is Reason.NO_WHEEL
    assert unresolved.relaxed_to == "numpy==1.23.2"


def test_source_only(index, resolve):
    index.add("wget", "3.2", uploaded="2015-10-22")
    unresolved = the_one(resolve("wget\n"))
    assert unresolved.reason is Reason.SOURCE_ONLY
    assert (
        unresolved.message
        == "wget 3.2 exists (2015-10-22) but only as source, which only --build-sdists builds"
    )


def test_a_yanked_range_moves_on_and_a_yanked_pin_stays(index, resolve):
    index.add("urllib3", "2.0.1", "py3-none-any", yanked="truncates\nlarge bodies")
    index.add("urllib3", "2.0.2", "py3-none-any")
    moved = resolve("urllib3>=2.0.0,<2.0.2\n")
    assert the_one(moved).reason is Reason.YANKED
    assert the_one(moved).message == (
        'urllib3 2.0.1 was withdrawn by its owner: "truncates large bodies"'
    )
    assert pins(moved) == ["urllib3==2.0.2"]
    stayed = resolve("urllib3==2.0.1\n")
    assert the_one(stayed).reason is Reason.YANKED
    assert the_one(stayed).relaxed_to is None
    assert pins(stayed) == ["urllib3==2.0.1"]


def test_a_yanked_file_beside_good_ones_is_no_matter(index, resolve):
    index.add("urllib3", "2.0.1", "py3-none-any", yanked=True)
    index.add("urllib3", "2.0.2", "py3-none-any")
    resolution = resolve("urllib3>=2\n")
    assert resolution.unresolved == ()
    assert pins(resolution) == ["urllib3==2.0.2"]


def test_the_standard_library_is_not_installed(index, resolve):
    index.add("asyncio", "4.0.0", "py3-none-any")
    index.add("datetime", "5.5", "py3-none-any")
    resolution = resolve("tkinter\nasyncio>=3\nRandom\n")
    assert [each.reason for each in resolution.unresolved] == [Reason.STDLIB] * 3
    assert resolution.unresolved[0].message == (
        "tkinter is part of Python 3.11; there is nothing to install"
    )
    assert resolution.pins == ()
    assert pins(resolve("DateTime\n", main="import DateTime\n")) == ["datetime==5.5"]


def test_python_itself_is_not_installed(resolve, index):
    unresolved = the_one(resolve("python>=3.8\n"))
    assert unresolved.reason is Reason.STDLIB
    assert unresolved.message == "python is Python 3.11; there is nothing to install"
    assert index.asked == []


def test_extras_survive_relaxing(index, resolve):
    index.add("web", "1.0", f"cp39-cp39-{LINUX}")
    index.add("web", "2.0", "py3-none-any", requires=("extra-thing ; extra == 'full'",))
    index.add("extra-thing", "1.0", "py3-none-any")
    resolution = resolve("web[full]==1.0\n")
    assert the_one(resolution).relaxed_to == "web[full]==2.0"
    assert pins(resolution) == ["extra-thing==1.0", "web==2.0"]


def test_the_standard_library_is_the_target_s(index, resolve):
    index.add("setuptools", "80.0", "py3-none-any")
    newer = Target("3.12", "linux_x86_64", "glibc 2.36")
    assert resolve(main="import distutils\n").undeclared == ()
    (undeclared,) = resolve(main="import distutils\n", target=newer).undeclared
    assert undeclared.distribution == "setuptools"


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_a_conflict_says_who_needs_what_and_gives_way(index, settings, resolver):
    index.add("flask", "3.0.3", "py3-none-any", requires=("Werkzeug>=3.0.0",))
    index.add("werkzeug", "2.0.3", "py3-none-any")
    index.add("werkzeug", "3.1.0", "py3-none-any")
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit("flask==3.0.3\nwerkzeug==2.0.3\n"))
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.CONFLICT
    assert str(unresolved.requirement) == "werkzeug==2.0.3"
    assert unresolved.message == (
        "flask==3.0.3 needs werkzeug>=3.0.0, but werkzeug==2.0.3 is required"
    )
    assert (unresolved.nearest, unresolved.relaxed_to) == ("3.1.0", "werkzeug")
    assert pins(resolution) == ["flask==3.0.3", "werkzeug==3.1.0"]


def test_a_conflict_two_steps_away(index, resolve):
    index.add("front", "1.0", "py3-none-any", requires=("shared<2",))
    index.add("back", "1.0", "py3-none-any", requires=("shared>=2",))
    index.add("back", "0.9", "py3-none-any", requires=("shared",))
    index.add("shared", "1.5", "py3-none-any")
    index.add("shared", "2.5", "py3-none-any")
    resolution = resolve("front==1.0\nback==1.0\n")
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.CONFLICT
    assert unresolved.message == "back==1.0 needs shared>=2 and front==1.0 needs shared<2"
    assert pins(resolution) == ["back==0.9", "front==1.0", "shared==1.5"]


def test_a_conflict_through_somebody_else(index, resolve):
    index.add("front", "1.0", "py3-none-any", requires=("middle",))
    index.add("middle", "1.0", "py3-none-any", requires=("shared<2",))
    index.add("shared", "1.5", "py3-none-any")
    index.add("shared", "2.5", "py3-none-any")
    resolution = resolve("front\nshared==2.5\n")
    assert the_one(resolution).message == (
        "front needs middle, which needs shared<2, but shared==2.5 is required"
    )
    assert pins(resolution) == ["front==1.0", "middle==1.0", "shared==1.5"]


def test_a_dependency_that_is_not_there_is_left_out_not_fatal(index, resolve):
    index.add("broken", "1.0", "py3-none-any", requires=("ghost",))
    index.add("whole", "1.0", "py3-none-any")
    resolution = resolve("broken\nwhole\n")
    unresolved = the_one(resolution)
    assert unresolved.requirement.name == "broken"
    assert unresolved.message == "broken needs ghost, of which no version can be installed"
    assert unresolved.relaxed_to is None
    assert pins(resolution) == ["whole==1.0"]


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_both_resolvers_pin_the_same(index, settings, resolver):
    index.add("web", "2.0", "py3-none-any", requires=("route>=1", "tmpl ; extra == 'views'"))
    index.add("route", "1.2", "py3-none-any", requires=("odd-name",))
    index.add("route", "2.0", "cp312-cp312-win_amd64")
    index.add("odd-name", "0.1", "py3-none-any")
    index.add("tmpl", "3.0", "py3-none-any", requires=("odd-name",))
    index.add("tmpl", "4.0rc1", "py3-none-any")
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit("web[views]\nold ; python_version < '3'\n"))
    assert [(pin.name, pin.version, pin.required_by) for pin in resolution.pins] == [
        ("odd-name", "0.1", ("route", "tmpl")),
        ("route", "1.2", ("web",)),
        ("tmpl", "3.0", ("web",)),
        ("web", "2.0", ()),
    ]
    assert resolution.unresolved == ()
    assert resolution.resolver == resolver


def test_pip_tools_says_that_it_cannot_lock_for_another_python(index, settings):
    index.add("flask", "3.0.3", "py3-none-any")
    target = Target("3.9", "linux_x86_64", "glibc 2.36")
    with (
        Packages(replace(settings, resolver="pip-tools"), target) as packages,
        pytest.raises(UsageError, match=r"this run uses 3\.9: take --resolver uv"),
    ):
        packages.resolve(submit("flask\n"))


def test_an_optional_import_that_cannot_be_had_is_no_loss(index, resolve):
    index.add("simplejson", "3.0", "cp27-cp27mu-manylinux1_x86_64")
    code = "try:\n    import simplejson as json\nexcept ImportError:\n    import json\n"
    resolution = resolve(main=code)
    assert resolution.undeclared == (Undeclared("simplejson", "main.py", 2, "simplejson", True),)
    assert resolution.unresolved == ()
    assert resolution.pins == ()


def test_an_optional_import_whose_needs_cannot_be_met_is_no_loss(index, resolve):
    index.add("fancy", "1.0", "py3-none-any", requires=("ghost",))
    index.add("plain", "1.0", "py3-none-any")
    code = "import plain\ntry:\n    import fancy\nexcept ImportError:\n    fancy = None\n"
    resolution = resolve(main=code)
    assert resolution.unresolved == ()
    assert pins(resolution) == ["plain==1.0"]


def test_another_python_than_the_one_this_runs_on(index, resolve):
    index.add("web", "1.0", "py3-none-any", requires=("old ; python_version < '3.13'", "new"))
    index.add("new", "1.0", f"cp313-cp313-{LINUX}")
    index.add("old", "1.0", "py3-none-any")
    target = Target("3.13", "linux_x86_64", "glibc 2.36")
    assert pins(resolve("web\n", target=target)) == ["new==1.0", "web==1.0"]


def test_nothing_required_asks_nobody(index, resolve):
    resolution = resolve(main="import os, sys\nprint(os, sys)\n")
    assert (resolution.pins, resolution.unresolved, index.asked) == ((), (), [])


def test_a_marker_for_another_system_is_not_asked_for(index, resolve):
    resolution = resolve("pywin32 ; sys_platform == 'win32'\nold ; python_version < '3.8'\n")
    assert (resolution.pins, resolution.unresolved, index.asked) == ((), (), [])
    assert len(resolution.requirements) == 2


def test_refused_lines_are_kept_and_never_asked_for(index, resolve):
    index.add("flask", "3.0", "py3-none-any")
    resolution = resolve("--index-url http://evil.example/simple\nflask\ngit+https://h.example/x\n")
    assert [each.kind for each in resolution.refused] == ["option", "url"]
    assert pins(resolution) == ["flask==3.0"]


# ── when the index cannot be asked ───────────────────────────────────────────────────────────────


def test_answers_are_remembered(arcade, settings):
    with Packages(settings, TARGET) as packages:
        first = packages.resolve(submit("pygame==2.1.2\n", main="import pygame, zzqq\n"))
    arcade.asked.clear()
    with Packages(settings, TARGET) as packages:
        assert packages.resolve(submit("pygame==2.1.2\n", main="import pygame, zzqq\n")) == first
    assert arcade.asked == []


def test_moving_code_about_asks_nothing_anew(arcade, settings):
    with Packages(settings, TARGET) as packages:
        packages.resolve(submit(main="import zzqq\nimport pygame\n"))
        arcade.asked.clear()
        moved = packages.resolve(submit(main="\n\nimport pygame\nimport zzqq\n"))
    assert arcade.asked == []
    assert moved.undeclared == (
        Undeclared("pygame", "main.py", 3, "pygame"),
        Undeclared("zzqq", "main.py", 4, None),
    )
    assert [each.span for each in moved.requirements] == [Span(3, 3)]


def test_an_implied_requirement_is_remembered_whole(arcade, settings):
    program = submit(main="import zzqq\nimport pygame\n")
    with Packages(settings, TARGET) as packages:
        first = packages.resolve(program)
    with Packages(settings, TARGET) as packages:
        assert packages.resolve(program) == first
    assert [each.import_name for each in first.requirements] == ["pygame"]


def test_offline_answers_from_the_cache_and_says_what_is_missing(arcade, settings):
    offline = replace(settings, offline=True)
    with Packages(settings, TARGET) as packages:
        known = packages.resolve(submit("pygame==2.1.2\n"))
    with Packages(offline, TARGET) as packages:
        assert packages.resolve(submit("pygame==2.1.2\n")) == known
        with pytest.raises(IndexUnavailable) as caught:
            packages.resolve(submit("flask\n"))
    assert str(caught.value) == "flask is not in the cache, and --offline asks no index"
    assert caught.value.remedy == "run once without --offline"


def test_offline_a_lock_the_cache_cannot_answer_is_nobody_s_fault(index, settings):
    index.add("flask", "3.0", "py3-none-any", requires=("click",))
    index.add("click", "8.0", "py3-none-any")
    with Packages(settings, TARGET) as packages:
        packages._index.pages(["flask"])
    with (
        Packages(replace(settings, offline=True), TARGET) as packages,
        pytest.raises(IndexUnavailable, match="uv could not lock from") as caught,
    ):
        packages.resolve(submit("flask\n"))
    assert caught.value.remedy == "run once without --offline"


def test_an_old_answer_is_better_than_an_outage(arcade, settings, monkeypatch):
    with Packages(settings, TARGET) as packages:
        known = packages.resolve(submit("pygame==2.1.2\n"))
    monkeypatch.setattr("validator.packages.answers.LIFE_SECONDS", 0.0)
    monkeypatch.setattr("validator.packages.index.LIFE_SECONDS", 0.0)
    monkeypatch.setattr("validator.packages.connection.ATTEMPTS", 1)
    arcade.status = 500
    with Packages(settings, TARGET) as packages:
        assert packages.resolve(submit("pygame==2.1.2\n")) == known
        with pytest.raises(IndexUnavailable, match="answered 500 for flask"):
            packages.resolve(submit("flask\n"))


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_an_index_that_goes_away_half_way_is_not_the_program_s_fault(
    index, server, settings, resolver
):
    index.add("flask", "3.0.3", "py3-none-any")
    chosen = replace(
        settings, resolver=resolver, index_url=server.url.replace("//", "//me:secret@")
    )
    with Packages(chosen, TARGET) as packages:
        packages._index.pages(["flask"])
        server.stop()
        with pytest.raises(IndexUnavailable, match=f"{resolver} could not lock from") as caught:
            packages.resolve(submit("flask\n"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("asked", "told"), [(">=3.12", [">=3.12"]), (">=3.8", []), ("odd", [])])
def test_only_a_python_that_is_not_the_sandbox_s_is_told_of(index, resolve, asked, told):
    header = f'# /// script\n# requires-python = "{asked}"\n# ///\n'
    resolution = resolve(main=header + "print('hello')\n")
    assert [each.specifier for each in resolution.other_pythons] == told

"""The table of the real index: what is true of these pins on CPython 3.11 and Linux x86-64.

Old releases do not change, so what is said of them is compared whole; what is newest does.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from submitting import TARGET, submit
from truth import COMMON, HARD

from validator import settings as setting
from validator.facts import UnresolvedReason as Reason
from validator.packages import Packages
from validator.packages.contents import provides
from validator.packages.offering import best_wheel, newest

pytestmark = pytest.mark.online


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    chosen = replace(
        setting.load({}, environ=os.environ), cache_dir=tmp_path_factory.mktemp("live")
    )
    with Packages(chosen, TARGET) as packages:
        yield packages


@pytest.mark.parametrize(
    ("line", "reason", "nearest", "message"),
    [
        ("pygame==2.1.2", Reason.NO_WHEEL, "2.1.3",
         ("pygame 2.1.2 exists (2021-12-27) but has wheels only for CPython 3.6 to 3.10; "
         "this run uses Python 3.11")),
        ("numpy==1.21.0", Reason.NO_WHEEL, "1.23.2",
         ("numpy 1.21.0 exists (2021-06-22) but has wheels only for CPython 3.7 to 3.9; "
         "this run uses Python 3.11")),
        ("scipy==1.5.0", Reason.NO_WHEEL, "1.9.2",
         ("scipy 1.5.0 exists (2020-06-21) but has wheels only for CPython 3.6 to 3.8; "
         "this run uses Python 3.11")),
        ("torch==1.9.0", Reason.NO_WHEEL, "1.13.0",
         ("torch 1.9.0 exists (2021-06-15) but has wheels only for CPython 3.6 to 3.9; "
         "this run uses Python 3.11")),
        ("pywin32==306", Reason.NO_WHEEL, None,
         ("pywin32 306 exists (2023-03-25) but has no wheel for Python 3.11 on Linux x86_64 "
         "(only for Windows)")),
        ("pygame==2.1.9", Reason.UNKNOWN_VERSION, "2.2.0", "pygame==2.1.9 was never released"),
        ("snake-game-helper-9000", Reason.UNKNOWN_PACKAGE, None,
         "the index has no package named snake-game-helper-9000"),
        ("tkinter", Reason.STDLIB, None,
         "tkinter is part of Python 3.11; there is nothing to install"),
        ("sklearn", Reason.WRONG_DISTRIBUTION, ...,
         "sklearn is not the name of the package; that is scikit-learn"),
        ("urllib3==2.0.0", Reason.YANKED, "2.0.2", "urllib3 2.0.0 was withdrawn by its owner"),
        ("wget==3.2", Reason.SOURCE_ONLY, None,
         "wget 3.2 exists (2015-10-22) but only as source, which only --build-sdists builds"),
    ],
)  # fmt: skip
def test_one_reason_each(packages, line, reason, nearest, message):
    (unresolved,) = packages.resolve(submit(f"{line}\n")).unresolved
    assert unresolved.reason is reason
    assert unresolved.message.startswith(message)
    assert nearest is ... or unresolved.nearest == nearest


def test_a_conflict_of_real_packages(packages):
    resolution = packages.resolve(submit("flask==3.0.3\nwerkzeug==2.0.3\n"))
    (unresolved,) = resolution.unresolved
    assert unresolved.reason is Reason.CONFLICT
    assert unresolved.message == (
        "flask==3.0.3 needs werkzeug>=3.0.0, but werkzeug==2.0.3 is required"
    )
    assert "werkzeug" in {pin.name for pin in resolution.pins}


def test_what_needs_a_newer_python(packages):
    (unresolved,) = packages.resolve(submit("django==6.0\n")).unresolved
    assert unresolved.reason is Reason.REQUIRES_PYTHON
    assert "but needs Python >=3.12; this run uses Python 3.11" in unresolved.message
    assert unresolved.latest.startswith("5.2.")


def test_the_seed_s_game_installs(packages):
    resolution = packages.resolve(submit("pygame==2.1.2\n", main="import pygame\n"))
    layer = packages.layer(resolution)
    assert [(pin.name, pin.version) for pin in resolution.pins] == [("pygame", "2.1.3")]
    assert (Path(layer.path) / "pygame" / "__init__.py").is_file()


@pytest.mark.parametrize("line", ["flask\nrequests", "numpy\npandas\nmatplotlib", "discord.py"])
def test_both_resolvers_pin_the_same(packages, line):
    other = replace(packages._settings, resolver="pip-tools")
    with Packages(other, TARGET) as second:
        assert second.resolve(submit(line)).pins == packages.resolve(submit(line)).pins


@pytest.mark.parametrize(("module", "distribution"), COMMON + HARD)
def test_the_table_is_true_of_the_wheels(packages, module, distribution):
    page = packages._index.pages([distribution])[distribution]
    version = page and newest(page, TARGET)
    if version is None:
        assert distribution in NO_WHEEL_HERE
        return
    contents = packages._index.contents(best_wheel(page, version, TARGET))
    assert provides(contents.modules, module) is (module not in DROPPED)


NO_WHEEL_HERE = (
    *("mysqlclient", "openai-whisper", "pyautogui", "pygobject", "pywin32", "wxpython"),
)
"""Source only, or for Windows only."""
DROPPED = ("pkg_resources",)
"""What the newest version no longer holds: setuptools since 82."""


@pytest.mark.parametrize("module", ["cv2", "PIL", "yaml", "sklearn", "bs4", "serial", "fitz"])
def test_the_distribution_taken_really_provides_the_import(packages, module):
    resolution = packages.resolve(submit(main=f"import {module}\n"))
    layer = packages.layer(resolution)
    assert list(Path(layer.path).glob(f"{module}*")), resolution.pins


def test_an_old_version_for_want_of_a_wheel(packages):
    """The one known to be asked for: docopt has had no wheel since 2014."""
    resolution = packages.resolve(submit("num2words\n"))
    (unresolved,) = resolution.unresolved
    assert [(pin.name, pin.version) for pin in resolution.pins] == [("num2words", "0.5.6")]
    assert unresolved.reason is Reason.HELD_BACK
    assert "needs docopt" in unresolved.message
    assert unresolved.message.endswith("; this run has 0.5.6")

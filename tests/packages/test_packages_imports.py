"""A program's text in; the third-party modules it imports out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from submitting import submit

from validator.errors import UsageError
from validator.packages.imports import third_party


def found(python: str = "3.11", **files: str) -> list[tuple[str, int, bool]]:
    imports = third_party(submit(**files).files, python)
    return [(each.module, each.line, each.optional) for each in imports]


def test_every_form_of_import():
    code = (
        "import numpy as np, os.path\n"
        "from google.cloud import storage, vision\n"
        "from flask import *\n"
        "def late():\n"
        "    import rich.table\n"
    )
    assert found(main=code) == [
        ("numpy", 1, False),
        ("google.cloud.storage", 2, False),
        ("google.cloud.vision", 2, False),
        ("flask", 3, False),
        ("rich.table", 5, False),
    ]


def test_the_program_s_own_modules_are_not_packages():
    assert found(main="import snake\nfrom game import board\nfrom . import x\n", snake="") == [
        ("game.board", 2, False)
    ]
    files = submit(main="from game.board import grid\n").files
    folder = type(files[0])("game/board.py", "", ())
    assert third_party((*files, folder), "3.11") == ()


@pytest.mark.parametrize(
    "handler", ["ImportError", "ModuleNotFoundError", "Exception", "(OSError, ImportError)", ""]
)
def test_a_guarded_import_is_optional(handler):
    code = f"try:\n    import rich\nexcept {handler}:\n    rich = None\n"
    assert found(main=code) == [("rich", 2, True)]


def test_a_try_for_something_else_guards_no_import():
    code = "try:\n    import rich\nexcept ValueError:\n    pass\nfinally:\n    import attr\n"
    assert found(main=code) == [("rich", 2, False), ("attr", 6, False)]


def test_only_the_body_and_the_handlers_are_guarded():
    code = (
        "try:\n    import a1\nexcept ImportError:\n    import a2\n"
        "else:\n    import a3\nfinally:\n    import a4\n"
    )
    assert found(main=code) == [
        ("a1", 2, True), ("a2", 4, True), ("a3", 6, False), ("a4", 8, False),
    ]  # fmt: skip


def test_one_unguarded_place_makes_it_needed():
    code = "try:\n    import rich\nexcept ImportError:\n    pass\nimport rich\n"
    assert found(main=code) == [("rich", 5, False)]


def test_imports_for_type_checkers_are_not_imports():
    code = "import typing as t\nif t.TYPE_CHECKING:\n    import pandas\nelse:\n    import attr\n"
    assert found(main=code) == [("attr", 5, False)]


def forked(test: str) -> str:
    return (
        "import os, platform, sys\nfrom sys import platform as system\n"
        "WINDOWS = os.name == 'nt'\nON = platform.system()\nMAC = ON == 'Darwin'\nSWITCH = False\n"
        "TWICE = os.name == 'nt'\nTWICE = ready()\nROUND = not ROUND\n"
        f"if {test}:\n    import win32api\nelse:\n    import rich\n"
    )


@pytest.mark.parametrize(
    "test",
    [
        "sys.platform == 'win32'",
        "'win32' == sys.platform",
        "sys.platform in ('win32', 'cygwin')",
        "sys.platform.startswith('win')",
        "'win' in sys.platform",
        "system == 'win32'",
        "os.name == 'nt'",
        "platform.system() == 'Windows'",
        "platform.system().lower() == 'windows'",
        "not sys.platform.startswith('linux')",
        "sys.platform == 'darwin' or os.name == 'nt'",
        "os.name == 'nt' and ready()",
        "sys.version_info < (3, 9)",
        "sys.version_info <= (3, 11)",
        "sys.version_info[0] == 2",
        "sys.version_info[:2] == (3, 8)",
        "sys.version_info.major < 3",
        "sys.version_info >= (3, 12, 1)",
        "not sys.version_info > (3, 11)",
        "WINDOWS",
        "WINDOWS or MAC",
        "ON == 'Windows'",
    ],
)
def test_what_only_another_platform_or_python_imports_is_not_imported(test):
    assert found(main=forked(test)) == [("rich", 13, False)]
    assert found(main=forked(f"not ({test})")) == [("win32api", 11, False)]


@pytest.mark.parametrize(
    "test",
    [
        "ready()",
        "sys.platform == chosen",
        "os.name == 'nt' or ready()",
        "sys.version_info >= (3, 11, 4)",
        "sys.version_info.micro > 3",
        "platform.machine() == 'arm64'",
        "platform.system == 'Windows'",
        "other.platform == 'win32'",
        "sys.platform < 3",
        "SWITCH",
        "TWICE",
        "ROUND",
        "sys.platform[2:5] == 'n'",
        "sys.version_info[7:9]",
        "sys.platform.startswith(1)",
    ],
)
def test_what_a_test_comes_to_elsewhere_is_not_guessed(test):
    assert found(main=forked(test)) == [("win32api", 11, False), ("rich", 13, False)]


def test_a_case_for_another_platform_is_a_branch_for_one():
    text = """
import sys, platform
match sys.platform:
    case "win32" | "cygwin":
        import win32gui
    case "linux":
        import evdev
    case _:
        import pyusb
match platform.system():
    case "Darwin":
        import AppKit
    case [first, *_]:
        import zmq
match len(sys.argv):
    case 2:
        import rich
"""
    assert [module for module, _, _ in found(main=text)] == ["evdev", "pyusb", "zmq", "rich"]


def test_names_made_of_names_take_no_time():
    lines = "".join(f"a{n} = a{n - 1} or a{n - 1} or ready()\n" for n in range(1, 200))
    code = f"import os\na0 = os.name == 'nt'\n{lines}if a199:\n    import rich\n"
    assert found(main=code) == [("rich", 203, False)]


def test_a_name_that_is_bound_otherwise_is_no_module_of_facts():
    code = (
        "import sys, platform\n"
        "for platform in platforms:\n"
        "    if platform.system() == 'Windows':\n        import rich\n"
        "def of(sys):\n    if sys.platform == 'win32':\n        import attr\n"
    )
    assert [name for name, _, _ in found(main=code)] == ["rich", "attr"]


def test_every_step_of_a_chain_is_looked_at():
    code = (
        "import sys\n"
        "if sys.platform == 'win32':\n    import win32api\n"
        "elif sys.platform == 'darwin':\n    import AppKit\n"
        "elif sys.version_info >= (3, 11):\n    import tomllib\n    import evdev\n"
        "else:\n    import tomli\n"
    )
    assert found(main=code) == [("evdev", 8, False)]
    assert [name for name, _, _ in found("3.10", main=code)] == ["tomli"]
    on_a_mac = third_party(submit(main=code).files, "3.11", "macosx_arm64")
    assert [each.module for each in on_a_mac] == ["AppKit"]


@pytest.mark.parametrize(
    ("manager", "optional"),
    [
        ("suppress(ImportError)", True),
        ("contextlib.suppress(OSError, ModuleNotFoundError)", True),
        ("suppress(ValueError)", False),
        ("lock(ImportError)", False),
    ],
)
def test_an_import_whose_error_is_suppressed_is_optional(manager, optional):
    assert found(main=f"with {manager}:\n    import rich\n") == [("rich", 2, optional)]


def test_the_program_itself_can_be_imported():
    assert found(main="import __main__\nfrom __main__ import draw\n") == []


def test_the_standard_library_is_that_of_the_target():
    assert found("3.11", main="import distutils, tomllib\n") == []
    assert found("3.12", main="import distutils, tomllib\n") == [("distutils", 1, False)]
    assert found("3.10", main="import distutils, tomllib\n") == [("tomllib", 1, False)]
    with pytest.raises(UsageError, match="nothing is known about the modules of Python"):
        found("3.99", main="")


def test_a_file_that_does_not_parse_takes_nothing_from_the_others():
    assert found(main="import (\n", other="import rich\n") == [("rich", 1, False)]
    assert found(main="x = " + "(" * 5000 + "\n") == []


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text):
    for each in third_party(submit(main=f"{text}\n").files, "3.11"):
        assert each.module

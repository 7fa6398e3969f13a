"""Imports and requirements in, out whose import it is: by the table, by the wheels, by nobody."""

from __future__ import annotations

import pytest
from fake_index import LINUX
from submitting import TARGET, submit

from validator.facts import RequirementSource, Span, Undeclared
from validator.facts import UnresolvedReason as Reason
from validator.packages import Packages


def pins(resolution):
    return [f"{pin.name}=={pin.version}" for pin in resolution.pins]


def the_one(resolution):
    (unresolved,) = resolution.unresolved
    return unresolved


@pytest.mark.parametrize(
    ("name", "code", "candidates"),
    [
        ("psycopg2", "import psycopg2\n", ("psycopg2-binary",)),
        ("tensorflow-gpu", "import tensorflow\n", ("tensorflow",)),
        ("beautifulsoup", "import bs4\n", ("beautifulsoup4",)),
    ],
)
def test_what_cannot_be_had_here_names_what_can(index, resolve, name, code, candidates):
    index.add(name, "2.0", "cp27-cp27m-win_amd64", modules={"tensorflow/__init__.py": ""})
    for other in ("tensorflow", "beautifulsoup4"):
        index.add(other, "3.0", "py3-none-any")
    resolution = resolve(f"{name}\n", main=code)
    assert the_one(resolution).candidates == candidates
    named = {each.distribution for each in resolution.undeclared}
    assert named == (set() if name == "psycopg2" else set(candidates)), "and the run has it"


def test_an_import_s_name_required(index, resolve):
    index.add("sklearn", "0.0.post12")
    index.add("scikit-learn", "1.9", f"cp311-cp311-{LINUX}")
    resolution = resolve("sklearn==0.24\n", main="import sklearn\n")
    unresolved = the_one(resolution)
    assert unresolved.reason is Reason.WRONG_DISTRIBUTION
    assert unresolved.message == "sklearn is not the name of the package; that is scikit-learn"
    assert unresolved.candidates == ("scikit-learn",)
    assert unresolved.relaxed_to == "scikit-learn"
    assert pins(resolution) == ["scikit-learn==1.9"]
    assert resolution.undeclared == ()


def test_another_project_s_name_is_wrong_only_where_it_is_imported(index, resolve):
    index.add("jwt", "1.4.0", "py3-none-any")
    index.add("PyJWT", "2.9", "py3-none-any")
    imported = resolve("jwt\n", main="import jwt\n")
    assert the_one(imported).reason is Reason.WRONG_DISTRIBUTION
    assert the_one(imported).message == (
        "jwt is another project; what the program imports as jwt is in PyJWT"
    )
    assert pins(imported) == ["pyjwt==2.9"]
    alone = resolve("jwt\n", main="print()\n")
    assert alone.unresolved == ()
    assert pins(alone) == ["jwt==1.4.0"]


def test_a_requirement_by_the_import_s_name_is_the_table_s(index, resolve):
    index.add("python-pptx", "1.0", "py3-none-any", modules={"pptx/__init__.py": ""})
    index.add("hydra", "2.5", "py3-none-any")
    index.add("hydra-core", "1.3", "py3-none-any", modules={"hydra/__init__.py": ""})
    index.add("pywin32", "306", "py3-none-any", modules={"win32con.py": ""})
    resolution = resolve(
        "pptx\nhydra==2.5\nwin32api\n", main="import pptx, hydra, win32api, win32con\n"
    )
    assert [each.message for each in resolution.unresolved] == [
        "pptx is not the name of the package; that is python-pptx",
        "hydra is another project; what the program imports as hydra is in hydra-core",
        "win32api is not the name of the package; that is pywin32",
    ]
    assert pins(resolution) == ["hydra-core==1.3", "python-pptx==1.0", "pywin32==306"]
    assert resolution.undeclared == ()


def test_a_project_that_provides_the_import_of_its_name_is_meant(index, resolve):
    index.add("whois", "1.0", "py3-none-any")
    index.add("hydra", "2.5", "py3-none-any")
    resolution = resolve("whois\nhydra\n", main="import whois\n")
    assert (resolution.unresolved, resolution.undeclared) == ((), ())
    assert pins(resolution) == ["hydra==2.5", "whois==1.0"]


def test_imports_nobody_declared(index, resolve):
    for name in ("opencv-python", "pillow", "requests"):
        index.add(name, "1.0", "py3-none-any")
    code = (
        "import os\nimport cv2\nfrom PIL import Image, ImageDraw\n"
        "import requests, helper\nimport zzqq\n"
    )
    resolution = resolve("requests\n", main=code, helper="import json\n")
    assert resolution.undeclared == (
        Undeclared("cv2", "main.py", 2, "opencv-python"),
        Undeclared("PIL", "main.py", 3, "pillow"),
        Undeclared("zzqq", "main.py", 5, None),
    )
    assert pins(resolution) == ["opencv-python==1.0", "pillow==1.0", "requests==1.0"]
    implied = [each for each in resolution.requirements if each.source is RequirementSource.IMPORT]
    assert [(each.name, each.import_name, each.span) for each in implied] == [
        ("opencv-python", "cv2", Span(2, 2)),
        ("pillow", "PIL", Span(3, 3)),
    ]


def test_any_distribution_that_provides_the_import_covers_it(index, resolve):
    index.add("opencv-python-headless", "4.9", "py3-none-any")
    index.add("pygame-ce", "2.5", "py3-none-any")
    resolution = resolve("opencv-python-headless\npygame-ce\n", main="import cv2, pygame\n")
    assert resolution.undeclared == ()


@pytest.mark.parametrize(
    ("name", "held", "code"),
    [
        ("PyWavelets", "pywt/__init__.py", "import pywt\n"),
        ("azure-core", "azure/core/__init__.py", "from azure.core import exceptions\n"),
        ("wave-tasks", "google/cloud/tasks_v2/__init__.py", "from google.cloud import tasks_v2\n"),
        ("speedtest-cli", "speedtest.py", "import speedtest\n"),
        ("surroundings", "environ/__init__.py", "import environ\n"),
        ("neat-python", "neat/__init__.py", "with open('x'):\n    import neat\n"),
    ],
)
def test_what_a_required_wheel_holds_is_required(index, settings, name, held, code):
    for stranger in ("pywt", "speedtest", "django-environ", "neat"):
        index.add(stranger, "9.0", "py3-none-any")
    index.add(name, "1.0", "py3-none-any", modules={held: ""})
    program = submit(f"{name}\n", main=code)
    with Packages(settings, TARGET) as packages:
        resolution = packages.resolve(program)
        assert (resolution.undeclared, resolution.unresolved) == ((), ())
        assert pins(resolution) == [f"{name.lower()}==1.0"]
        index.asked.clear()
        assert packages.resolve(program) == resolution
    assert index.asked == [], "and remembered"


def test_a_required_wheel_that_holds_something_else_answers_nothing(index, resolve):
    index.add("speedtest-cli", "2.0", "py3-none-any", modules={"speedtester.py": ""})
    index.add("pillow", "9.0", "py3-none-any", modules={"PIL/__init__.py": ""})
    index.add("plotter", "2.0", "py3-none-any")
    resolution = resolve("speedtest-cli\npillow\n", main="import plotter, PIL\n")
    assert resolution.undeclared == (Undeclared("plotter", "main.py", 1, "plotter"),)


def test_no_wheel_is_looked_into_for_what_the_table_knows(index, resolve):
    index.add("requests", "2.0", "py3-none-any")
    index.add("pillow", "9.0", "py3-none-any")
    resolve("requests\n", main="import requests\nimport PIL\n")
    assert not [line for line in index.asked if line.startswith("206 /files/requests")]


def test_a_pin_that_does_not_install_still_tells_what_it_holds(index, resolve):
    index.add("PyWavelets", "1.0", f"cp39-cp39-{LINUX}", modules={"pywt/__init__.py": ""})
    index.add("PyWavelets", "1.4", f"cp311-cp311-{LINUX}", modules={"pywt/__init__.py": ""})
    resolution = resolve("PyWavelets==1.0\n", main="import pywt\n")
    assert (resolution.undeclared, pins(resolution)) == ((), ["pywavelets==1.4"])


def test_a_module_every_python_has_dropped_is_not_guessed_at(index, resolve):
    index.add("urllib2", "1.0", "py3-none-any")
    (undeclared,) = resolve(main="import urllib2\n").undeclared
    assert undeclared.distribution is None


def test_a_module_of_python_1_may_be_a_package_by_now(index, resolve):
    for name in ("regex", "panel", "statcache"):
        index.add(name, "1.0", "py3-none-any")
    resolution = resolve(main="import regex, panel, statcache\nimport popen2\n")
    assert [(each.module, each.distribution) for each in resolution.undeclared] == [
        ("regex", "regex"),
        ("panel", "panel"),
        ("statcache", "statcache"),
        ("popen2", None),
    ]


def test_a_namespace_alone_names_no_distribution(index, resolve):
    index.add("google", "3.0", "py3-none-any")
    (undeclared,) = resolve(main="from google.cloud import zeppelins\n").undeclared
    assert (undeclared.module, undeclared.distribution) == ("google.cloud.zeppelins", None)
    (undeclared,) = resolve(main="import google\n").undeclared
    assert (undeclared.module, undeclared.distribution) == ("google", None)


def test_a_part_of_a_namespace_may_have_a_package_of_its_name(index, resolve):
    index.add("luma-oled", "3.0", "py3-none-any", modules={"luma/oled/__init__.py": ""})
    index.add("luma-lcd", "3.0", "py3-none-any", modules={"luma/other/__init__.py": ""})
    resolution = resolve(main="from luma.oled.device import ssd1306\nimport luma.lcd\n")
    assert [(each.module, each.distribution) for each in resolution.undeclared] == [
        ("luma.oled", "luma-oled"),
        ("luma.lcd", None),
    ]


@pytest.mark.parametrize(
    ("main", "hosts"),
    [
        ("from google.colab import drive\nimport google.colab.files\n", ["Google Colab"]),
        ("import maya.cmds as cmds\n", ["Maya"]),
        ("from machine import Pin\nimport network, utime\n", ["MicroPython"] * 3),
        ("import xbmc, xbmcgui\n", ["Kodi"] * 2),
    ],
)
def test_what_only_a_host_has_is_looked_for_nowhere(index, resolve, main, hosts):
    for name in ("machine", "utime", "xbmc", "google-colab"):
        index.add(name, "1.0", "py3-none-any")
    resolution = resolve(main=main)
    assert [each.host for each in resolution.undeclared] == hosts
    assert (resolution.pins, index.pages_asked()) == ((), [])


@pytest.mark.parametrize("module", ["maya", "network", "google.colabora"])
def test_what_a_host_shares_a_name_with_is_looked_for(index, resolve, module):
    # PyPI's maya knows dates; `network` is MicroPython's only beside its other modules.
    (undeclared,) = resolve(main=f"import {module}\n").undeclared
    assert undeclared.host == ""
    assert index.pages_asked()


def test_what_stands_for_a_host_may_be_required_all_the_same(index, resolve):
    index.add("Kodistubs", "21.0", "py3-none-any", modules={"xbmc.py": ""})
    resolution = resolve("Kodistubs\n", main="import xbmc\n")
    assert (resolution.undeclared, pins(resolution)) == ((), ["kodistubs==21.0"])

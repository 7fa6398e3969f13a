"""The whole command's middle: what packages bring reaches the type checker and the judgement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from validator.facts import Part, Reply
from validator.findings import Verdict
from validator.pipeline import Validator

pytestmark = [pytest.mark.bubblewrap, pytest.mark.pyright]

STUDIO = {
    "studio/__init__.py": "from studio import draw\n",
    "studio/draw.py": "def circle() -> None: ...\n",
    "studio/py.typed": "",
}


@pytest.fixture
def validate(index, settings):
    def validate(text):
        with Validator(replace(settings, sandbox="bubblewrap")) as validator:
            return validator.validate(Reply((Part(text, "reply.md"),)))

    return validate


def found(report):
    return [(each.code, each.severity.value) for each in report.findings]


def test_an_attribute_a_package_lacks_is_found_without_running_into_it(index, validate):
    index.add("studio", "1.0", "py3-none-any", modules=STUDIO)
    index.advisories["studio/1.0/json"] = {"info": {"version": "1.0"}, "vulnerabilities": []}
    report = validate(
        "```python\nimport studio\n\nstudio.draw.circle()\n\n\n"
        "def later():\n    studio.draw.circl()\n```\n"
    )
    assert report.missing == ()
    assert ("RV208", "warning") in found(report)
    (finding,) = (each for each in report.findings if each.code == "RV208")
    assert finding.message == "module `studio.draw` has no attribute `circl`"
    assert finding.location.reply_line == 8
    assert report.run.exit_code == 0
    assert [pin.vulnerabilities for pin in report.resolution.pins] == [()]


def test_an_installed_package_that_does_not_hold_the_import(index, validate):
    index.add("pillow", "9.0", "py3-none-any", modules={"pillow_plus.py": ""})
    report = validate("```python\nfrom PIL import Image\n```\n\n```text\npillow==9.0\n```\n")
    assert found(report) == [("RV312", "error")]
    (finding,) = report.findings
    assert finding.evidence == ("the run ended there: ModuleNotFoundError: No module named 'PIL'",)


LAB = {
    "lab/__init__.py": "from lab import inner\n",
    "lab/__init__.pyi": "",
    "lab/plot.py": "import lab.colors\n",
    "lab/colors.py": "red = 1\n",
    "lab/inner.py": "",
    "lab/py.typed": "",
}


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        # Brought along by the part that is imported: matplotlib.colors by matplotlib.pyplot.
        ("import lab\nimport lab.plot\n\nprint(lab.colors.red)\n", []),
        ("import lab\nfrom lab import plot\n\nprint(lab.colors.red, plot)\n", []),
        # Few stubs tell of these.
        ("import lab\n\n\ndef later():\n    print(lab._own, lab.__version__)\n", []),
        # There is no such part, imported or not.
        ("import lab\nimport lab.plot\n\n\ndef later():\n    print(lab.colrs.red)\n", ["RV208"]),
        # PIL.Image does not come with PIL.
        ("import lab\n\n\ndef later():\n    print(lab.colors.red)\n", ["RV208"]),
    ],
)  # fmt: skip
def test_parts_of_a_package_nobody_imported_by_name(index, validate, program, expected):
    index.add("lab", "1.0", "py3-none-any", modules=LAB)
    report = validate(f"```python\n{program}```\n")
    assert [code for code, _ in found(report) if code == "RV208"] == expected


STORE = {
    "store/__init__.py": "class Model:\n"
    "    def __init__(self, **fields):\n        vars(self).update(fields)\n",
    "store/__init__.pyi": "class Model:\n    def __init__(self) -> None: ...\n",
    "store/py.typed": "",
}


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("import store\n\n\nclass Note(store.Model):\n    text = ''\n", []),
        ("class Base:\n    pass\n\n\nclass Note(Base):\n    text = ''\n", ["reportCallIssue"]),
    ],
)
def test_what_a_stranger_s_base_makes_of_a_class(index, validate, base, expected):
    index.add("store", "1.0", "py3-none-any", modules=STORE)
    report = validate(
        f"```python\n{base}\n\ndef later():\n    return Note(text='milk')\n\n\nprint(1)\n```\n"
    )
    assert [code for code, _ in found(report) if code == "reportCallIssue"] == expected


def test_a_wheel_at_fault_fails_the_reply_that_is_not_run(index, validate):
    index.add("evil", "1.0", "py3-none-any", modules={"evil.py": "", "evil/../../x.py": ""})
    report = validate("```\nevil\n```\n\n```python\nimport evil\n\nprint(evil)\n```\n")
    assert report.verdict is Verdict.FAILED
    assert report.run is None
    (finding,) = (each for each in report.findings if each.code == "RV317")
    assert finding.message == (
        "the wheel of evil 1.0 is not to be unpacked: 'evil/../../x.py' does not stay in its folder"
    )


def test_what_is_only_too_much_for_us_is_nobody_s_fault(index, validate, monkeypatch):
    monkeypatch.setattr("validator.packages.wheels.MAX_BYTES", 10)
    index.add("large", "1.0", "py3-none-any")
    report = validate("```\nlarge\n```\n\n```python\nimport large\n\nprint(large)\n```\n")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert [each for each in report.findings if each.code == "RV317"] == []

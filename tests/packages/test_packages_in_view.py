"""The whole command's middle: what packages bring reaches the type checker and the judgement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from validator.facts import Part, Reply
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

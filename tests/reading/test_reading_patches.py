"""A diff or a SEARCH/REPLACE block changes the code before it; one that fits nothing does not."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, ReplyKind, Submission
from validator.reading import read
from validator.rules import Evidence, judge

CODE = "import os\n\n\ndef f(x):\n    return x\n\n\nprint(f(os.sep))\n"
SHOWN = f"Here:\n\n```python\n{CODE}```\n\nChange it:\n\n"
SEARCH = "<<<<<<< SEARCH\n    return x\n=======\n    return x * 2\n>>>>>>> REPLACE\n"
DIFF = (
    "--- a/main.py\n+++ b/main.py\n@@ -4,2 +4,2 @@\n def f(x):\n-    return x\n+    return x * 2\n"
)


def reading(text: str) -> Submission:
    return read(Reply((Part(text, "reply.md"),)))


def program(found: Submission) -> str:
    file = found.file(found.entry_point)
    return file.text if file else ""


@pytest.mark.parametrize(
    "patch",
    [
        f"```python\n{SEARCH}```\n",
        f"```diff\n{DIFF}```\n",
        f"```\n{DIFF}```\n",
        "```diff\n-    return x\n+    return x * 2\n```\n",
    ],
)
def test_a_change_is_made_to_the_code_before_it(patch):
    found = reading(SHOWN + patch)
    assert program(found) == CODE.replace("return x", "return x * 2")
    (patched,) = [each for each in found.recoveries if each.kind == "patched"]
    assert "    return x\n" in patched.before
    assert "    return x * 2\n" in patched.after
    file = found.files[0]
    for line, number in zip(file.text.splitlines(), file.reply_lines, strict=True):
        assert line in found.reply.lines[number - 1]


@pytest.mark.parametrize(
    "patch",
    [
        "```diff\n-    return y\n+    return y * 2\n```\n",
        "```python\n<<<<<<< SEARCH\n    return y\n=======\n    pass\n>>>>>>> REPLACE\n```\n",
        "```python\n<<<<<<< SEARCH\n    return x\n=======\n```\n",
        "```diff\n-\n+# nothing to find\n```\n",
    ],
)
def test_a_change_that_fits_nothing_changes_nothing(patch):
    found = reading(SHOWN + patch)
    assert program(found) == CODE
    assert len(found.files) == 1


def test_lines_that_stand_there_twice_are_not_guessed_between():
    twice = "def f():\n    return 1\n\n\ndef g():\n    return 1\n\n\nprint(f(), g())\n"
    found = reading(f"```python\n{twice}```\n\n```diff\n-    return 1\n+    return 2\n```\n")
    assert program(found) == twice


def test_a_change_to_code_that_is_not_there_writes_no_file():
    assert reading(f"app.py\n```python\n{SEARCH}```\n").files == ()


def test_a_new_file_is_written():
    text = "app.py\n```python\n<<<<<<< SEARCH\n=======\nimport os\n>>>>>>> REPLACE\n```\n"
    (file,) = reading(text).files
    assert (file.path, file.text) == ("app.py", "import os\n")


def test_a_program_that_holds_a_diff_in_a_string_is_a_program():
    code = f"PATCH = '''\n{SEARCH}'''\nHUNK = '''\n@@ -1 +1 @@\n-a\n+b\n'''\nprint(PATCH, HUNK)\n"
    assert program(reading(f"```python\n{code}```\n")) == code


def test_a_change_to_code_that_is_not_there_is_a_snippet():
    found = reading(f"app.py\n```python\n{SEARCH}```\n")
    assert found.decision is not None
    assert found.decision.kind is ReplyKind.SNIPPETS
    assert [finding.code for finding in judge(Evidence(found)).findings] == []


def test_a_change_in_a_later_turn_is_made_to_the_code_of_an_earlier_one():
    turns = (Part(SHOWN, "turn-1.md"), Part(f"Better:\n\n```diff\n{DIFF}```\n", "turn-2.md"))
    found = read(Reply(turns))
    assert program(found) == CODE.replace("return x", "return x * 2")
    assert [each.kind for each in found.recoveries] == ["patched"]

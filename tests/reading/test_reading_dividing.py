"""Several files in one text, told apart by the comments that name them, and what only looks so."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, ReplyKind, Submission
from validator.reading import read

STORE = "import json\n\n\ndef load(path):\n    return json.loads(path)\n"
START = "from store import load\n\nprint(load('notes.json'))\n"


def reading(text: str) -> Submission:
    return read(Reply((Part(text, "reply.md"),)))


def files(found: Submission) -> dict[str, str]:
    return {file.path: file.text for file in found.files}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("# store.py", "# main.py"),
        ("# --- store.py ---", "# --- main.py ---"),
        ("######## store.py ########", "######## main.py ########"),
        ("# file: store.py", "# file: main.py"),
        ("# In 'store.py':", "# Then, in 'main.py':"),
        ("# Create a file called store.py:", "# Now create a file called `main.py` with this:"),
    ],
)
@pytest.mark.parametrize("fence", ["```python\n{}```\n", "{}"])
def test_comments_that_name_files_part_them(first, second, fence):
    found = reading(fence.format(f"{first}\n{STORE}\n{second}\n{START}"))
    assert files(found) == {"store.py": STORE, "main.py": START}
    assert found.decision is not None
    assert found.decision.kind is ReplyKind.PROJECT


def test_a_name_said_twice_is_told_apart_by_whose_it_is():
    text = f"# In 'urls.py':\n{STORE}\n# Finally, the project's 'urls.py':\n{START}"
    assert list(files(reading(f"```python\n{text}```\n"))) == ["urls.py", "project/urls.py"]


def test_the_last_file_may_be_cut():
    found = reading(f"```python\n# store.py\n{STORE}\n# main.py\nimport sys\n\ndef main(")
    assert list(files(found)) == ["store.py", "main.py"]
    assert found.truncations


@pytest.mark.parametrize(
    "text",
    [
        f"# main.py\n{STORE}",
        f"# store.py\n{STORE}\n# main.py\nprint(load('notes.json'))\n",
        f"# store.py\n{STORE}\n# see main.py for its use\n{START}",
        f"# store.py\n{STORE}\n# store.py\n{START}",
        f"# store.py\n{STORE}\n# main.py\n",
        f"# store.py\n{STORE}\n# main.py\nprint('a' 'b'\n\nx = = 1\n",
        f'# store.py\n{STORE}\nTEXT = """\n# main.py\n{START}"""\n',
        f"# store.py\n{STORE}\n\ndef g():\n    pass\n    # main.py\n    return 1\n",
        f"print('before')\n# store.py\n{STORE}\n# main.py\n{START}",
    ],
)
def test_what_is_one_file_stays_one(text):
    found = reading(f"```python\n{text}```\n")
    assert [file.text for file in found.files] == [text.rstrip("\n") + "\n"]

"""Several blocks in one reply: which of them make the program, and in what files."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, Submission
from validator.reading import read


def reading(text: str) -> Submission:
    return read(Reply((Part(text, "reply.md"),)))


def program(text: str) -> str:
    found = reading(text)
    file = found.file(found.entry_point)
    return file.text if file else ""


def python(text: str) -> str:
    return f"```python\n{text}```\n"


SORT = "def sort(items):\n    return sorted(items)\n"
PAINT = "import turtle\n\n\ndef paint():\n    turtle.forward(10)\n\n\npaint()\n"


def test_a_piece_shown_before_the_program_is_not_part_of_it():
    text = f"The idea:\n{python('pen.forward(length)' + chr(10))}\nAll of it:\n{python(PAINT)}"
    assert program(text) == PAINT


def test_a_change_suggested_after_the_program_is_not_part_of_it():
    text = f"{python(PAINT)}\nTo go faster, write:\n{python('pen.speed(0)' + chr(10))}"
    assert program(text) == PAINT


def test_an_example_of_use_is_not_part_of_it():
    text = f"{python(SORT)}\nYou can use it like this:\n\n{python('print(sort([2, 1]))' + chr(10))}"
    assert program(text) == SORT


def test_steps_are_joined_in_their_order():
    text = (
        f"Step 1: imports\n{python('import random' + chr(10))}"
        "Step 2: the dice\n" + python("def roll():\n    return random.randint(1, 6)\n") +
        "Step 3: play\n" + python("for _ in range(3):\n    print(roll())\n")
    )  # fmt: skip
    assert program(text) == (
        "import random\n\ndef roll():\n    return random.randint(1, 6)\n\n"
        "for _ in range(3):\n    print(roll())\n"
    )
    assert "split-program" in [recovery.kind for recovery in reading(text).recoveries]


def test_a_step_may_go_on_inside_a_function():
    text = (
        "First:\n" + python("def mean(xs):\n    total = sum(xs)\n") +
        "Then:\n" + python("    return total / len(xs)\n")
    )  # fmt: skip
    assert program(text).endswith("    total = sum(xs)\n\n    return total / len(xs)\n")


def test_a_corrected_version_replaces_the_first():
    fixed = "def sort(items):\n    return sorted(items, reverse=True)\n"
    assert program(f"{python(SORT)}\nHere is the corrected version:\n{python(fixed)}") == fixed


def test_an_alternative_does_not():
    other = "def sort(items):\n    items.sort()\n    return items\n"
    assert program(f"{python(SORT)}\nAlternatively, in place:\n{python(other)}") == SORT


def test_example_data_shown_first_is_not_the_program():
    data = "records = [\n    ['a', 1],\n]\n"
    whole = (
        "def flatten(rows):\n    return [x for row in rows for x in row]\n\nprint(flatten([[1]]))\n"
    )
    assert program(f"Example input:\n{python(data)}\nThe function:\n{python(whole)}") == whole


def test_two_scripts_that_start_by_themselves_are_alternatives():
    first = (
        "import sys\n\n\ndef one():\n    sys.exit(0)\n\n\nif __name__ == '__main__':\n    one()\n"
    )
    second = first.replace("one", "two")
    assert program(python(first) + "\nA second way:\n\n" + python(second)) == first


def test_a_line_of_code_in_the_explanation_is_not_the_program():
    text = f"{python(PAINT)}\nHere the call is\n\nturtle.forward(10)\n\nwhich draws a line.\n"
    assert program(text) == PAINT


def test_no_code_is_no_file():
    found = reading("I am sorry, I cannot help with that. For example, you could ask: why?\n")
    assert found.files == ()
    assert found.entry_point is None


@pytest.mark.parametrize(
    "text",
    [
        "If you want to know more, ask me.",
        "For example: the quick brown fox.",
        "While true, this is not the whole story:",
        "Import duties apply. From here on, nothing is free.",
        "Note: x equals 3 here\n\nSee also: the manual",
        "with care:\n\nand with love:",
        "Class dismissed.\n\nDef Leppard is a band.",
    ],
)
def test_prose_is_not_code(text):
    assert reading(text).files == ()


@pytest.mark.parametrize(
    ("reply", "path"),
    [
        ('```python title="game.py"\n{}```\n', "game.py"),
        ("```python filename=game.py\n{}```\n", "game.py"),
        ("```python:src/game.py\n{}```\n", "src/game.py"),
        ("**game.py**\n\n```python\n{}```\n", "game.py"),
        ("### `game.py`\n\n```python\n{}```\n", "game.py"),
        ("game.py:\n```python\n{}```\n", "game.py"),
        ("1. Create a file `game.py`:\n\n```python\n{}```\n", "game.py"),
        ("my\\_game.py\n\n```python\n{}```\n", "my_game.py"),
        ("```python\n{}```\n\nSave it, then run `python game.py`.\n", "game.py"),
        ("```python\n{}```\n\n```bash\npython3 game.py --fast\n```\n", "game.py"),
        ("Save this as game.py:\n\n```python\n{}```\n", "game.py"),
        ("```python\n{}```\n\nSave the code in a file called `game.py` and enjoy.\n", "game.py"),
        ("As in game.py, the loop is this:\n\n```python\n{}```\n", "main.py"),
        ("```python\n{}```\n", "main.py"),
    ],
)
def test_the_name_is_the_one_the_reply_gives(reply, path):
    found = reading(reply.format(PAINT))
    assert [(file.path, file.text) for file in found.files] == [(path, PAINT)]
    assert found.entry_point == path


def test_the_first_comment_can_name_the_file():
    (file,) = reading(python("# game.py\n" + PAINT)).files
    assert file.path == "game.py"


def test_files_of_a_project_stay_apart_and_the_started_one_is_found():
    text = (
        "**shapes.py**\n" + python("def square(n):\n    return n * n\n") +
        "**run.py**\n" + python("from shapes import square\n\nprint(square(3))\n") +
        "**templates/index.html**\n```html\n<p>hello</p>\n```\n"
    )  # fmt: skip
    found = reading(text)
    assert [file.path for file in found.files] == ["shapes.py", "run.py", "templates/index.html"]
    assert found.entry_point == "run.py"


def test_the_command_decides_which_file_is_started():
    text = (
        "**a.py**\n" + python("print(1)\n") + "**b.py**\n" + python("print(2)\n") +
        "Start it with `python a.py`.\n"
    )  # fmt: skip
    assert reading(text).entry_point == "a.py"


def test_the_later_of_two_versions_of_a_file_counts():
    later = "def square(n):\n    return n**2\n"
    text = (
        "**s.py**\n" + python("def square(n):\n    return n * n\n") +
        "Updated:\n\n**s.py**\n" + python(later)
    )  # fmt: skip
    found = reading(text)
    assert [(file.path, file.text) for file in found.files] == [("s.py", later)]


def test_left_out_code_is_named_and_kept_as_written():
    text = python("def area(r):\n    # ... rest of the code unchanged\n    return r\n")
    (elided,) = [r for r in reading(text).recoveries if r.kind == "elided-code"]
    assert elided.before == elided.after == "    # ... rest of the code unchanged"
    assert (elided.span.first, elided.span.last) == (3, 3)


@pytest.mark.parametrize("comment", ["# the rest is easy", "# YOUR CODE HERE", "# other colours"])
def test_an_ordinary_comment_is_not_left_out_code(comment):
    text = python(f"def area(r):\n    {comment}\n    return r\n")
    assert "elided-code" not in [recovery.kind for recovery in reading(text).recoveries]

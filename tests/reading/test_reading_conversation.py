"""Conversations: what was cut is taken up again, and one program comes out."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from validator.facts import BlockKind, Part, Reply, Stop
from validator.reading import read

HERE = Path(__file__).parent
SEED = Path(os.environ.get("VALIDATOR_SEED", HERE.parents[2] / "shared" / "seed"))


def conversation(*texts: str) -> Reply:
    return Reply(tuple(Part(text, f"part-{n}.md") for n, text in enumerate(texts, 1)))


def session(folder: Path) -> Reply:
    return conversation(*(p.read_text("utf-8") for p in sorted(folder.glob("part-*.md"))))


def functions(text: str) -> list[str]:
    return [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]


def test_a_session_cut_again_and_again_becomes_one_program():
    reply = session(HERE / "session")
    found = read(reply)
    assert [file.path for file in found.files] == ["main.py"]
    program = found.files[0]
    assert functions(program.text) == ["drop_apple", "read_keys", "fall", "main"]
    assert program.text.count("import pygame") == 1
    assert program.text.count("def drop_apple") == 1
    assert "random.ran\n" not in program.text
    assert 'if __name__ == "__main__":\n    main()\n' in program.text
    assert [line.text for line in found.requirements] == ["pygame==2.1.2"]
    assert [command.text for command in found.commands] == ["pip install -r requirements.txt"]


def test_the_flattened_function_gets_its_suites_back():
    program = read(session(HERE / "session")).files[0].text
    assert (
        "def fall():\n"
        "    global score\n"
        "    for apple in list(apples):\n"
        "        apple[1] += 1\n"
        "        if apple[1] < ROWS:\n"
        "            continue\n"
        "        apples.remove(apple)\n"
        "        if apple[0] != basket:\n"
        "            return False\n"
        "        score += 1\n"
        "        drop_apple()\n"
        "    return True\n"
    ) in program


def test_the_chain_goes_on_where_its_subject_is():
    program = read(session(HERE / "session")).files[0].text
    assert (
        "            if event.key == pygame.K_LEFT and basket > 0:\n"
        "                basket -= 1\n"
        "            elif event.key == pygame.K_RIGHT and basket < COLUMNS - 1:\n"
        "                basket += 1\n"
    ) in program


def test_every_undoing_has_a_name():
    found = read(session(HERE / "session"))
    kinds = [recovery.kind for recovery in found.recoveries]
    assert kinds.count("unclosed-fence") == 3
    assert kinds.count("reindented") == 2
    assert {"stitched", "code-outside-block", "prose-in-block", "split-program"} <= set(kinds)


def test_every_part_that_breaks_off_says_so_and_that_it_was_continued():
    reply = session(HERE / "session")
    found = read(reply)
    assert [reply.place(t.span.first)[0] for t in found.truncations] == [
        "part-1.md",
        "part-2.md",
        "part-3.md",
        "part-4.md",
    ]
    assert all(truncation.continued for truncation in found.truncations)


def test_every_line_stands_where_the_file_says():
    reply = session(HERE / "session")
    program = read(reply).files[0]
    for line, number in zip(program.text.splitlines(), program.reply_lines, strict=True):
        written = line.strip().replace('__name__ == "__main__"', 'name == "main"')
        assert number == 0 or written in reply.lines[number - 1], (number, line)


@pytest.mark.skipif(not (SEED / "session").is_dir(), reason="needs the folder VALIDATOR_SEED names")
def test_the_session_this_product_exists_for():
    reply = session(SEED / "session")
    found = read(reply)
    assert [file.path for file in found.files] == ["main.py"]
    program = found.files[0].text
    assert functions(program) == [
        "generate_food",
        "draw_objects",
        "handle_input",
        "move_snake",
        "main",
    ]
    assert "            elif event.key == pygame.K_DOWN" in program
    assert "        if (\n" not in program
    assert "        snake_list.pop()\n    return True\n" in program
    assert "if __name__ == '__main__':\n    main()\n" in program
    assert [line.text for line in found.requirements] == ["pygame==2.1.2"]
    assert [command.text for command in found.commands] == [
        "pip freeze > requirements.txt",
        "pip install -r requirements.txt",
    ]
    assert len(found.truncations) == 4
    assert all(truncation.continued for truncation in found.truncations)


HALF = "```python\ndef area(width, height):\n    return wid"


def test_a_word_cut_in_the_middle_is_completed():
    found = read(conversation(HALF, "```python\nth * height\n\nprint(area(2, 3))\n```\n"))
    assert found.files[0].text == (
        "def area(width, height):\n    return width * height\n\nprint(area(2, 3))\n"
    )


def test_lines_said_again_are_not_doubled():
    first = "```python\nimport math\n\ndef circle(radius):\n    area = math.pi * radius ** 2\n"
    second = (
        "```python\ndef circle(radius):\n    area = math.pi * radius ** 2\n    return area\n```\n"
    )
    found = read(conversation(first, second))
    assert found.files[0].text == (
        "import math\n\ndef circle(radius):\n    area = math.pi * radius ** 2\n    return area\n"
    )


def test_a_continuation_that_forgot_its_indentation_is_moved_into_the_function():
    first = "```python\ndef mean(numbers):\n    total = sum(numbers)\n"
    found = read(conversation(first, "```python\nreturn total / len(numbers)\n```\n"))
    assert found.files[0].text.endswith("    return total / len(numbers)\n")
    assert "reindented" in [recovery.kind for recovery in found.recoveries]


def test_a_continuation_that_stands_right_is_left_alone():
    first = "```python\nfor row in range(3):\n    if row == 0:\n        first(row)\n"
    second = "```python\n    elif row == 1:\n        second(row)\n```\n"
    found = read(conversation(first, second))
    assert "    elif row == 1:\n        second(row)\n" in found.files[0].text
    assert "reindented" not in [recovery.kind for recovery in found.recoveries]


def test_a_new_program_after_a_finished_one_is_not_a_continuation():
    first = "```python\ndef greet():\n    print('hello')\n\ngreet()\n```\n"
    second = (
        "Here it is with a name:\n\n```python\n"
        "def greet(name):\n    print('hello', name)\n\ngreet('Ann')\n```\n"
    )
    found = read(conversation(first, second))
    assert found.files[0].text == "def greet(name):\n    print('hello', name)\n\ngreet('Ann')\n"
    assert not found.truncations


def test_what_the_server_said_is_evidence():
    reply = Reply((Part("```python\nprint('done')\n```\n", "reply.md", Stop.LIMIT),))
    (truncation,) = read(reply).truncations
    assert "token limit" in truncation.evidence
    assert not truncation.continued


def test_the_prose_in_a_python_fence_is_no_code():
    found = read(session(HERE / "session"))
    assert [block.kind for block in found.blocks if block.text.startswith("This gives")] == [
        BlockKind.OTHER
    ]

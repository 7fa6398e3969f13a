"""Requirements stated where no block or command says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.facts import Part, Reply, SourceFile, Submission
from validator.packages.collecting import of_the_system, pythons, stated
from validator.packages.parsing import parse
from validator.reading import read


def lines(text):
    return [(line.text, line.span.first) for line in stated(read(Reply((Part(text, "r.md"),))))]


def parsed(text):
    requirements, refused = parse(stated(read(Reply((Part(text, "r.md"),)))))
    return [str(each) for each in requirements], [each.kind for each in refused]


PROGRAM = "```python\nprint('hello')\n```\n"


def test_a_script_header():
    text = (
        "```python\n"
        "# /// script\n"
        '# requires-python = ">=3.11"\n'
        "# dependencies = [\n"
        '#   "requests<3",\n'
        '#   "rich",\n'
        "# ]\n"
        "# ///\n"
        "import requests\n"
        "print(requests)\n"
        "```\n"
    )
    assert lines(text) == [("requests<3", 5), ("rich", 6)]


def pythons_of(text):
    return [(each.specifier, each.span.first) for each in pythons(read(Reply((Part(text, ""),))))]


HEADER = '# /// script\n# requires-python = ">=3.13"\n# ///\nprint()\n'


def test_the_pythons_a_program_says_it_is_for():
    project = '```toml\n[project]\nname = "game"\nrequires-python = ">=3.12"\n```\n'
    poetry = '```toml\n[tool.poetry.dependencies]\npython = "^3.10"\nflask = "^3"\n```\n'
    text = f"```python\n{HEADER}```\n{project}{poetry}"
    assert pythons_of(text) == [(">=3.13", 3), (">=3.12", 10), (">=3.10,<4", 14)]


def test_a_python_that_is_named_twice_is_asked_for_once():
    project = '```toml\n[project]\nname = "game"\nrequires-python = ">=3.13"\n```\n'
    assert pythons_of(f"```python\n{HEADER}```\n{project}") == [(">=3.13", 3)]


@pytest.mark.parametrize(
    "text",
    [
        f"```python\n{HEADER.replace('/// script', '/// other')}```\n",
        f"```python\n{HEADER.replace(chr(34), '')}```\n",
        '```python\nprint("""\nrequires-python = ">=3.13"\n""")\n```\n',
        PROGRAM + '```toml\n[tool.black]\nrequires-python = ">=3.13"\n```\n',
        PROGRAM + "```bash\nconda create -n game python=3.13\n```\n",
    ],
)
def test_what_asks_for_no_python(text):
    assert pythons_of(text) == []


@pytest.mark.parametrize(
    "header",
    [
        "# /// script\n# dependencies = [\n# ///\n",
        '# /// other\n# dependencies = ["x"]\n# ///\n',
        '# /// script\n# dependencies = ["x"]\n',
        '# /// script\n# dependencies = "x"\n# ///\n',
    ],
)
def test_what_is_no_script_header(header):
    assert lines(f"```python\n{header}print('hello')\n```\n") == []


def test_a_pyproject():
    text = PROGRAM + (
        '```toml\n[project]\nname = "game"\ndependencies = [\n  "pygame>=2",\n  "numpy",\n]\n```\n'
    )
    assert lines(text) == [("pygame>=2", 8), ("numpy", 9)]


def test_a_pyproject_of_poetry_s():
    text = PROGRAM + (
        "```toml\n[tool.poetry.dependencies]\n"
        'python = "^3.11"\nflask = "^3.0.1"\nold = "~1.4"\nzero = "^0.2.3"\nany = "*"\n'
        'web = {version = "2.0", extras = ["full"]}\nhere = {path = "../here"}\n```\n'
    )
    assert parsed(text) == (
        [
            "flask<4,>=3.0.1",
            "old<1.5,>=1.4",
            "zero<0.3,>=0.2.3",
            "any",
            "web[full]==2.0",
        ],
        ["url"],
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("""{version = "^306", markers = "sys_platform == 'win32'"}""",
         ['six<307,>=306 ; sys_platform == "win32"']),
        ('{version = "*", python = "<3.11"}', ['six ; python_version < "3.11"']),
        ('{version = "*", python = ">=3.8,<3.11 || ^3.12.1"}',
         [('six ; python_version >= "3.8" and python_version < "3.11" or '
           'python_full_version >= "3.12.1" and python_version < "4"')]),
        ('{version = "2.0", platform = "linux", python = "*", optional = true}',
         ['six==2.0 ; sys_platform == "linux"']),
        ('[{version = "^1", python = "<3.9"}, {version = "^2", python = ">=3.9"}]',
         ['six<2,>=1 ; python_version < "3.9"', 'six<3,>=2 ; python_version >= "3.9"']),
        ('">=1.10 <2.0"', ["six<2.0,>=1.10"]),
        ('">=1.10, !=1.11"', ["six!=1.11,>=1.10"]),
        ('"^1.9 || ^2.0"', ["six<3,>=2.0"]),
        ('"^1.0.0rc1"', ["six<2,>=1.0.0rc1"]),
        ('"1.16.*"', ["six==1.16.*"]),
        ('"=1.16"', ["six==1.16"]),
        ('{extras = ["a", "b"]}', ["six[a,b]"]),
    ],
)  # fmt: skip
def test_what_poetry_says_its_own_way(told, expected):
    text = f"{PROGRAM}```toml\n[tool.poetry.dependencies]\nsix = {told}\n```\n"
    assert parsed(text) == (expected, [])


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ('"newest"', "syntax"),
        ('{version = "^1", python = "three"}', "syntax"),
        ("""{version = "^1", markers = "'a' in extras"}""", "syntax"),
        ('{git = "https://example.org/six.git", branch = "main"}', "url"),
        ('{path = "../six", develop = true}', "url"),
        ("true", "syntax"),
        (f'"^{"9" * 5_000}"', "syntax"),
        (f'"^1{"0" * 20}.1"', "syntax"),
    ],
)
def test_what_poetry_says_and_nobody_else_can_is_refused(told, kind):
    text = f"{PROGRAM}```toml\n[tool.poetry.dependencies]\nsix = {told}\n```\n"
    assert parsed(text) == ([], [kind])


@pytest.mark.parametrize("odd", [f"n = {'9' * 5_000}", f"n = {'[' * 5_000}", "n = "])
def test_a_pyproject_that_cannot_be_read_states_nothing(odd):
    text = f'{PROGRAM}```toml\n[project]\ndependencies = ["six"]\n{odd}\n```\n'
    assert lines(text) == []


TESTS = "```python\nimport pytest\nimport yaml\n```\n"


@pytest.mark.parametrize(
    "table",
    [
        '[project]\nname = "x"\n[project.optional-dependencies]\ndev = ["pytest>=8", "ruff"]',
        '[dependency-groups]\ntest = ["pytest>=8", {include-group = "lint"}]\nlint = ["ruff"]',
        '[tool.poetry.group.dev.dependencies]\npytest = ">=8"\nruff = "*"',
        '[tool.poetry.dev-dependencies]\npytest = ">=8"\nruff = "*"',
    ],
)
def test_what_a_project_needs_for_its_tests_counts_where_it_is_imported(table):
    assert [text for text, _ in lines(f"{TESTS}```toml\n{table}\n```\n")] == ["pytest>=8"]
    assert lines(f"{PROGRAM}```toml\n{table}\n```\n") == []


def test_what_is_imported_may_have_another_name():
    table = '[dependency-groups]\ntest = ["PyYAML==6.0.1", "-e .", "git+https://e.org/x"]'
    assert [text for text, _ in lines(f"{TESTS}```toml\n{table}\n```\n")] == ["PyYAML==6.0.1"]


PIPFILE = """\
[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
flask = "==2.3.2"
requests = "*"
celery = {version = "~=5.3", extras = ["redis"]}

[dev-packages]
pytest = "*"
"""


def test_a_pipfile():
    assert lines(f"```toml\n{PIPFILE}```\n{PROGRAM}") == [
        ("flask==2.3.2", 8), ("requests", 9), ("celery[redis]~=5.3", 10),
    ]  # fmt: skip


def test_a_table_of_packages_alone_is_no_pipfile():
    assert lines(f'```toml\n[packages]\nbox = "2"\n```\n{PROGRAM}') == []


def test_a_setup_py():
    setup = "from setuptools import setup\nsetup(name='x', install_requires=['click>=8', NAME])\n"
    assert lines(f"`setup.py`:\n```python\n{setup}```\n`main.py`:\n{PROGRAM}") == [
        ("click>=8", 4),
    ]
    assert lines(f"`build.py`:\n```python\n{setup}```\n`main.py`:\n{PROGRAM}") == []


def test_another_toml_is_none():
    text = PROGRAM + '```toml\n[server]\ndependencies = ["x"]\n```\n'
    assert lines(text) == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("conda install -c conda-forge numpy=1.21 pandas", ["numpy==1.21.*", "pandas"]),
        ("mamba install python-dateutil=2.8.*", ["python-dateutil==2.8.*"]),
        ("poetry add requests rich@latest", None),
        ("uv add requests", ["requests"]),
        ("pip install requests==2.0", ["requests==2.0"]),
        ("sudo apt install python3-tk libsdl2-dev", []),
        ("sudo apt-get install -y python3-pygame", []),
        ("brew install sdl2", []),
    ],
)
def test_commands(command, expected):
    found, _ = parsed(f"{PROGRAM}```bash\n{command}\n```\n")
    assert found == expected if expected is not None else found[:1] == ["requests"]


def test_pip_with_one_equals_sign_is_still_wrong():
    assert parsed(f"{PROGRAM}```bash\npip install numpy=1.21\n```\n") == ([], ["syntax"])


@given(st.text(max_size=200))
def test_no_header_is_too_odd(text):
    program = f"# /// script\n# dependencies = [{text}]\n# ///\n"
    file = SourceFile("main.py", program, tuple(range(1, program.count("\n") + 1)))
    stated(Submission(Reply((Part(program, "r.md"),)), files=(file,)))


ENVIRONMENT = """\
name: demo
channels:
  - conda-forge   # the one to use
dependencies:
  - python=3.11
  - numpy=1.26
  - conda-forge::scipy >=1.11
  - pytorch=2.1=py3.11_cpu_0
  - cudatoolkit=11.8
  - "rich"
  - pip
  - pip:
      - flask==3.0.3
      - git+https://example.org/x.git
  - pandas 2.1.*
prefix: /home/me/env
"""


@pytest.mark.parametrize("fence", ["```yaml", "```yml environment.yml", "```"])
def test_an_environment_of_conda(fence):
    text = f"{PROGRAM}\n{fence}\n{ENVIRONMENT}```\n"
    assert lines(text) == [
        ("numpy==1.26.*", 11), ("scipy>=1.11", 12), ("torch==2.1.*", 13), ("rich", 15),
        ("flask==3.0.3", 18), ("git+https://example.org/x.git", 19), ("pandas==2.1.*", 20),
    ]  # fmt: skip
    assert parsed(text)[1] == ["url"]


def test_an_environment_whose_channels_stand_in_one_line():
    text = f"{PROGRAM}\n```yaml\nchannels: [conda-forge]\ndependencies:\n- pygame=2.1.2\n```\n"
    assert lines(text) == [("pygame==2.1.2.*", 8)]


@pytest.mark.parametrize("above", ["**environment.yml**\n", "Save as `environment.yaml`:\n\n"])
def test_an_environment_by_the_name_above_its_fence(above):
    text = f"{PROGRAM}\n{above}```yaml\ndependencies:\n  - numpy=1.26\n```\n"
    assert [each for each, _ in lines(text)] == ["numpy==1.26.*"]


@pytest.mark.parametrize(
    "text",
    [
        "dependencies:\n  - name: redis\n    version: 1.0\n",
        "name: ci\njobs:\n  build:\n    steps:\n      - run: pytest\n",
        "services:\n  web:\n    depends_on:\n      - redis\n",
        "channels:\n  - numpy\n",
    ],
)
def test_what_is_no_environment_of_conda(text):
    assert lines(f"{PROGRAM}\n```yaml\n{text}```\n") == []


@pytest.mark.parametrize(
    ("command", "requirements"),
    [
        ("conda install -c conda-forge matplotlib=3.8", ["matplotlib==3.8.*"]),
        ("conda install --channel=conda-forge numpy", ["numpy"]),
        ("conda install python=3.10 pytorch cudatoolkit", ["torch"]),
        ("mamba install 'numpy>=1.26'", ["numpy>=1.26"]),
        ("conda create -n game python=3.11 numpy=1.26", ["numpy==1.26.*"]),
        ("micromamba install -y -c conda-forge pyqt=5.15", ["PyQt5==5.15.*"]),
        ("conda install python-graphviz graphviz gcc openjdk git r-ggplot2", ["graphviz"]),
        ("conda install redis-py && pip install pyqt graphviz", ["redis", "pyqt", "graphviz"]),
        ("poetry add pygame@^2.5", ["pygame<3,>=2.5"]),
        ("poetry add numpy@latest", ["numpy"]),
        ("poetry add 'rich>=13'", ["rich>=13"]),
        ("poetry add --group dev pytest", ["pytest"]),
        ("uv add ruff@latest", ["ruff"]),
        ("uv add 'requests[socks]@~2.31'", ["requests[socks]<2.32,>=2.31"]),
    ],
)
def test_words_of_other_tools(command, requirements):
    assert parsed(f"{PROGRAM}\n```bash\n{command}\n```\n") == (requirements, [])


@pytest.mark.parametrize(
    ("command", "requirements"),
    [
        ("pip install package_name", []),
        ("pip install your-package==1.0", []),
        ("pip install <package> {module_name} [library]", []),
        ("pip install package1 package2 six", ["six"]),
        ("pip install --upgrade pip", []),
        ("python -m pip install -U pip setuptools wheel", ["setuptools", "wheel"]),
        # Packages that sound like it.
        ("pip install packaging modulegraph libraries.io pip-tools",
         ["packaging", "modulegraph", "libraries.io", "pip-tools"]),
    ],
)  # fmt: skip
def test_what_stands_for_any_package_is_none(command, requirements):
    assert parsed(f"{PROGRAM}\n```bash\n{command}\n```\n") == (requirements, [])


def test_of_several_commands_in_one_line_only_the_system_s_are_noted():
    text = f"{PROGRAM}\n```bash\nbrew install sdl2 && pip install six\n```\n"
    assert [each.line.text for each in of_the_system(read(Reply((Part(text, "r.md"),))))] == [
        "brew install sdl2"
    ]
    assert parsed(text) == (["six"], [])


@pytest.mark.parametrize(
    ("command", "noted"),
    [
        ("sudo apt-get install -y python3-tk", True),
        ("apt install libsdl2-dev", True),
        ("git status", False),
        ("brew install sdl2", True),
        ("sudo dnf -y install SDL2", True),
        ("sudo apt-get update", False),
        ("pip install apt", False),
    ],
)
def test_packages_of_an_operating_system_are_noted(command, noted):
    submission = read(Reply((Part(f"{PROGRAM}\n```bash\n{command}\n```\n", "r.md"),)))
    assert [(each.line.text, each.kind) for each in of_the_system(submission)] == (
        [(command, "system")] if noted else []
    )

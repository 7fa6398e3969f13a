"""Untrusted lines in; requirements of ours or a refusal out, and nothing in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement as Parsed

from validator.facts import RequirementLine, RequirementSource, Span
from validator.packages.parsing import MAX_CHARACTERS, MAX_LINES, parse


def lines(*texts):
    return [
        RequirementLine(text, Span(number, number), RequirementSource.BLOCK)
        for number, text in enumerate(texts, 1)
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("flask", "flask"),
        ("  Flask == 2.0  # the web", "Flask==2.0"),
        ("uvicorn[standard]>=0.20,<1", "uvicorn[standard]<1,>=0.20"),
        ("pywin32 ; sys_platform == 'win32'", 'pywin32 ; sys_platform == "win32"'),
        ("numpy==1.*", "numpy==1.*"),
        ("zope.interface~=6.0 \\", "zope.interface~=6.0"),
        ("a-name-with-dashes", "a-name-with-dashes"),
        ("torch==2.1.0+cpu", "torch==2.1.0+cpu"),
        ("discord.py", "discord.py"),
        ("stomp.py", "stomp.py"),
        ("six==1.16.0 --hash=sha256:00ff --hash=sha256:11ee", "six==1.16.0"),
        ("six==1.16.0 --hash sha256:00ff \\", "six==1.16.0"),
        ("six ; extra == 'x'", 'six ; extra == "x"'),
        ("six ; python_version in '3.10 3.11'", 'six ; python_version in "3.10 3.11"'),
    ],
)
def test_a_requirement_is_written_again_by_us(text, written):
    (requirement,), refused = parse(lines(text))
    assert (str(requirement), refused) == (written, ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://evil.example/x.whl", "url"),
        ("git+https://github.com/some/thing", "url"),
        ("git@github.com:some/thing.git", "url"),
        ("flask @ https://evil.example/flask.tar.gz", "url"),
        ("flask @ file:///etc", "url"),
        ("flask@file:x", "url"),
        ("flask@folder", "url"),
        ("flask@latest", "syntax"),
        ("flask==latest", "syntax"),
        ("-e .", "project"),
        ("-e .[dev]", "project"),
        ("-e ../other", "option"),
        ("-r other.txt", "option"),
        ("-c limits.txt", "option"),
        ("--index-url https://evil.example", "option"),
        ("--no-binary :all:", "option"),
        ("flask --no-binary :all:", "option"),
        ("flask==2.0 --hash=../file", "option"),
        ("flask; 'dev' in extras", "syntax"),
        ("flask; 'dev' in dependency_groups", "syntax"),
        ("flask; os_name ~= 'x'", "syntax"),
        ("flask; python_version ~= 'x'", "syntax"),
        ("flask; sys_platform === 'linux'", "syntax"),
        ("flask; '3' ~= '4'", "syntax"),
        ("flask; os_name == 'a\u2028b'", "syntax"),
        ("flask; os_name == 'a\fb'", "syntax"),
        ("flask; python_version < '4' or 'a' == 'b'", "syntax"),
        ("flask --config-settings x=y", "option"),
        ("x @ http://h.example/${SECRET}/x.whl", "variable"),
        ("${HOME}", "variable"),
        ("%APPDATA%\\x", "variable"),
        (".", "project"),
        ("--index-url https://download.pytorch.org/whl/cpu", "known-index"),
        ("-f https://download.pytorch.org/whl/torch_stable.html", "known-index"),
        ("--default-index=https://pypi.org/simple", "known-index"),
        ("-f https://storage.googleapis.com/jax-releases/jax_cuda_releases.html", "known-index"),
        ("-f https://data.pyg.org/whl/torch-2.0.0+cu118.html", "known-index"),
        ("-i https://pypi.tuna.tsinghua.edu.cn/simple", "mirror"),
        ("--index-url=https://mirrors.aliyun.com/pypi/simple/", "mirror"),
        ("-i https://pypi.mirrors.ustc.edu.cn/simple", "mirror"),
        ("-i https://repo.huaweicloud.com/repository/pypi/simple", "mirror"),
        ("-i http://pypi.tuna.tsinghua.edu.cn/simple", "option"),
        ("-i https://pypi.tuna.tsinghua.edu.cn.evil.example/simple", "option"),
        ("-i https://evil.example/pypi.tuna.tsinghua.edu.cn/simple", "option"),
        ("-i https://data.pyg.org/other", "option"),
        ("--default-index=https://evil.example", "option"),
        ("torch --index-url https://download.pytorch.org/whl/cpu", "known-index"),
        ("-i https://pypi.org/simple --extra-index-url https://evil.example", "option"),
        ("--no-binary=x -i https://pypi.org/simple", "option"),
        ("--index-url https://download.pytorch.org.evil.example/whl", "option"),
        ("./folder", "path"),
        ("/etc/passwd", "path"),
        ("..\\up", "path"),
        ("C:\\wheels\\x.whl", "path"),
        ("flask-3.0-py3-none-any.whl", "path"),
        ("requirements.txt", "path"),
        ("discordbot.py", "path"),
        ("flask = 2.0", "syntax"),
        ("flask==", "syntax"),
        ("install flask please", "syntax"),
        ("f" * (MAX_CHARACTERS + 1), "syntax"),
    ],
)
def test_what_is_refused(text, kind):
    requirements, (refusal,) = parse(lines(text))
    assert requirements == ()
    assert refusal.kind == kind
    assert refusal.line.text == text


def test_a_single_equals_sign_is_told_apart():
    _, (refusal,) = parse(lines("flask = 2.0"))
    assert refusal.reason == "not a requirement; a version is pinned as flask==2.0"


def test_blank_lines_comments_and_repeats_are_nothing():
    requirements, refused = parse(lines("", "# web", "flask", "Flask", "   ", "flask>=2"))
    assert [str(each) for each in requirements] == ["flask", "flask>=2"]
    assert refused == ()


def test_a_hash_alone_is_nothing():
    assert parse(lines("--hash=sha256:00ff \\", "--hash=sha256:11ee")) == ((), ())


def test_an_endless_list_ends():
    requirements, (refusal,) = parse(lines(*(f"p{n}" for n in range(MAX_LINES + 50))))
    assert len(requirements) == MAX_LINES
    assert refusal.kind == "too-many"


_markers = st.builds(
    "flask; {} {} {}".format,
    st.sampled_from(
        ["extras", "extra", "dependency_groups", "os_name", "python_version", "'3'", "'x'", "''"]
    ),
    st.sampled_from(["~=", "===", "==", "in", "not in", "<"]),
    st.sampled_from(["extras", "os_name", "'3.1'", "'x'", "''"]),
)
_hostile = st.text(
    alphabet=st.sampled_from("flask=><!~;[]@$\\/-:. \t#'\"(){}%,+ü\x00\u202e\n\r"), max_size=60
)


@given(st.lists(_hostile | _markers | st.text(max_size=40), max_size=5))
def test_whatever_comes_a_tool_sees_only_names_versions_and_markers(texts):
    requirements, refused = parse(lines(*texts))
    assert len(requirements) + len(refused) <= len(texts)
    for requirement in requirements:
        written = str(requirement)
        assert written.isprintable()
        assert not written.startswith(("-", ".", "/"))
        assert "$" not in written
        assert Parsed(written).url is None
        assert requirement.marker is None or requirement.marker.evaluate() in (True, False)

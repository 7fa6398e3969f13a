"""The index client: both wire forms, its cache, and everything that is not an index."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace

import pytest
from fake_index import LINUX

from validator.errors import IndexUnavailable, UsageError
from validator.facts import UnresolvedReason as Reason
from validator.packages.credentials import without_credentials
from validator.packages.index import Index
from validator.packages.pages import File, from_html, from_json


@pytest.fixture
def open_index(settings):
    opened = []

    def open_index(**changes):
        opened.append(Index(replace(settings, **changes)))
        return opened[-1]

    yield open_index
    for each in opened:
        each.close()


@pytest.fixture
def patient(monkeypatch):
    """No waiting between attempts."""
    monkeypatch.setattr("validator.packages.connection.time.sleep", lambda seconds: None)


@pytest.fixture
def nothing_stays_fresh(monkeypatch):
    monkeypatch.setattr("validator.packages.index.LIFE_SECONDS", 0.0)


def test_json_and_html_say_the_same(index, open_index, tmp_path):
    index.add(
        "flask", "3.0", "py3-none-any", requires_python=">=3.8, <4", yanked='too "new" & <odd>'
    )
    index.add("flask", "2.0", f"cp311-cp311-{LINUX}", uploaded=None)
    spoken = open_index().pages(["flask"])["flask"]
    index.speaks_json = False
    plain = open_index(cache_dir=tmp_path / "other").pages(["flask"])["flask"]
    assert [replace(file, size_bytes=None) for file in spoken.files] == list(plain.files)
    assert [str(version) for version in plain.releases] == ["3.0", "2.0"]
    assert plain.files[0].yanked == 'too "new" & <odd>'
    assert plain.files[0].requires_python == ">=3.8, <4"
    assert plain.files[0].uploaded == "2023-05-06"


def test_a_page_is_asked_for_once(index, open_index):
    index.add("flask", "3.0", "py3-none-any")
    first = open_index().pages(["Flask", "flask", "ghost"])
    assert first["ghost"] is None
    asked = set(index.asked)
    assert {"200 /simple/flask/", "404 /simple/ghost/"} <= asked
    index.asked.clear()
    assert open_index().pages(["flask", "ghost"]) == first
    assert index.asked == []


def test_a_name_is_asked_for_by_its_normal_form(index, open_index):
    index.add("zope-interface", "6.0", "py3-none-any")
    client = open_index()
    assert set(client.pages(["Zope.Interface", "zope_interface"])) == {"zope-interface"}
    client.pages(["zope-interface"])
    assert index.asked == ["200 /simple/zope-interface/"]


def test_a_stale_page_is_confirmed_by_its_etag(index, open_index, nothing_stays_fresh):
    index.add("flask", "3.0", "py3-none-any")
    first = open_index().pages(["flask"])
    assert open_index().pages(["flask"]) == first
    assert index.asked == ["200 /simple/flask/", "304 /simple/flask/"]


def test_without_etags_a_stale_page_is_fetched_again(index, open_index, nothing_stays_fresh):
    index.gives_etags = False
    index.add("flask", "3.0", "py3-none-any")
    open_index().pages(["flask"])
    index.add("flask", "3.1", "py3-none-any")
    assert len(open_index().pages(["flask"])["flask"].releases) == 2


def test_a_busy_index_is_asked_again(index, open_index, patient):
    index.add("flask", "3.0", "py3-none-any")
    index.failures = 2
    assert open_index().pages(["flask"])["flask"] is not None
    assert [line[:3] for line in index.asked] == ["503", "503", "200"]


@pytest.mark.parametrize(
    ("asked", "pauses"),
    [
        ("2", [True]),  # as long as that and a little
        ("", [False]),
        ("Wed, 21 Oct 2026 07:28:00 GMT", [False]),
        ("²", [False]),
    ],
)
def test_an_index_is_left_alone_for_as_long_as_it_asks(index, settings, monkeypatch, asked, pauses):
    index.add("flask", "3.0", "py3-none-any")
    index.failures = 1
    index.headers = {"Retry-After": asked}
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    assert Index(settings).pages(["flask"])["flask"]
    assert [seconds >= 2 for seconds in slept] == pauses


def test_an_index_that_asks_for_longer_is_not_waited_for(index, settings, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")
    index.failures = 1
    index.headers = {"Retry-After": "3600"}
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("nobody waits for an hour"))
    with pytest.raises(IndexUnavailable, match="answered 503 for flask"):
        Index(settings).pages(["flask"])
    assert len(index.asked) == 1


def test_an_index_that_stays_down(index, open_index, patient, settings):
    index.status = 502
    with pytest.raises(IndexUnavailable) as caught:
        open_index().pages(["flask"])
    assert str(caught.value) == f"the package index {settings.index_url} answered 502 for flask"
    assert "VALIDATOR_INDEX_URL" in caught.value.remedy


def test_an_old_page_is_better_than_none(index, open_index, patient, nothing_stays_fresh):
    index.add("flask", "3.0", "py3-none-any")
    known = open_index().pages(["flask"])
    index.status = 500
    client = open_index()
    assert client.pages(["flask"]) == known
    assert client.outage is not None
    index.status = None
    assert client.pages(["flask"]) == known


def test_no_server_at_all(server, open_index, patient):
    server.stop()
    with pytest.raises(IndexUnavailable, match="did not answer"):
        open_index().pages(["flask"])


def test_a_url_that_is_no_index_makes_no_package_unknown(index, server, open_index):
    index.has_root = False
    with pytest.raises(IndexUnavailable, match="neither a list of projects nor pip"):
        open_index().pages(["flask"])
    index.add("pip", "26.3", "py3-none-any")
    assert open_index().pages(["flask"]) == {"flask": None}


def test_the_login_page_of_a_network_is_no_project_page(index, open_index):
    index.body = b"<html><title>Welcome</title><a href='/login'>sign in</a></html>"
    with pytest.raises(IndexUnavailable, match="answered with no project page for flask"):
        open_index().pages(["flask"])


def test_a_project_without_files_is_still_a_project(index, open_index):
    index.projects["gone"] = []
    for index.speaks_json in (True, False):
        assert open_index().pages(["gone"])["gone"].releases == {}


def test_credentials_are_used_and_never_shown(server, open_index, patient, settings):
    server.stop()
    with pytest.raises(IndexUnavailable) as caught:
        open_index(index_url=server.url.replace("//", "//me:pass%40word@")).pages(["flask"])
    assert "pass" not in str(caught.value)
    assert "me" not in str(caught.value).split("index ")[1].split("/simple")[0]
    assert without_credentials("https://a:b@h.example:8/s") == "https://h.example:8/s"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense", "http:// or https://"),
        ("ftp://h.example/simple", "http:// or https://"),
        ("me:s3cr3t@h.example/simple", "http:// or https://"),
        ("https://me:s3cr3t@/simple", "http:// or https://"),
        ("http://me:s3cr3t@[::1", "its host or its port is none"),
        ("https://me:s3cr3t@h.example:abc/", "its host or its port is none"),
        ("https://me:s3/cr3t@h.example/simple", "its host or its port is none"),
        ("https://me:s3#cr3t@h.example/simple", "its host or its port is none"),
        ("https://me:s3?cr3t@h.example/simple", "its host or its port is none"),
        ("https://me:12/s3cr3t@h.example/simple", "an @ behind its host"),
        ("https://me:/s3cr3t@h.example/simple", "an @ behind its host"),
        ("https://me:s3@cr/3t@h.example/simple", "an @ behind its host"),
        ("https://t0k/s3cr3t@h.example/simple", "an @ behind its host"),
        ("https://me:12#s3cr3t@h.example/simple", "a ? or a #"),
        ("https://h.example/simple?token=s3cr3t", "a ? or a #"),
    ],
)
def test_a_url_that_cannot_be_asked_is_the_user_s_to_mend_and_not_shown(open_index, url, why):
    with pytest.raises(UsageError, match="the URL of the package index is not a URL") as caught:
        open_index(index_url=url)
    assert why in str(caught.value)
    assert not any(part in str(caught.value) for part in ("s3", "cr3t", "t0k", "h.example"))


@pytest.mark.parametrize(
    "url",
    [
        "https://me:s3%2Fcr%403t@h.example:8443/simple",
        "http://localhost:8080/root/pypi/+simple",
        "https://[::1]:8080/simple",
        "https://me:s3cr3t@pkgs.dev.azure.com/firm/_packaging/feed@Local/pypi/simple",
    ],
)
def test_a_url_that_can_be_asked(open_index, url):
    assert open_index(index_url=url).shown == url.replace("me:s3%2Fcr%403t@", "").replace(
        "me:s3cr3t@", ""
    )


@pytest.mark.parametrize(
    "proxy", ["carrier-pigeon://me:s3cr3t@roof", "http://me:s3/cr3t@proxy.example:3128"]
)
def test_a_proxy_that_is_none(open_index, monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(IndexUnavailable, match="cannot be asked") as caught:
        open_index().pages(["flask"])
    assert "s3" not in str(caught.value)


def test_a_proxy_that_wants_what_is_not_installed(open_index, monkeypatch):
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(IndexUnavailable, match="a SOCKS proxy, for which socksio") as caught:
        open_index().pages(["flask"])
    assert caught.value.remedy == "pip install 'httpx[socks]'"


@pytest.mark.parametrize("url", ["https://h.example:abc/x", "https://[", "http://h\u2028/x"])
def test_a_file_at_no_address(index, open_index, patient, tmp_path, url):
    file = File("a-1.0-py3-none-any.whl", url, "0" * 64, "", "", None, None)
    with pytest.raises(IndexUnavailable, match="did not answer"):
        open_index().download(file, tmp_path, lambda size_bytes: None)


# ── what an index may do besides ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("charset", ["foo", "hex", "idna", "punycode", "latin-1", "utf-8"])
def test_a_page_in_whatever_charset(index, open_index, charset):
    index.speaks_json = False
    index.add("flask", "3.0", "py3-none-any")
    index.headers["Content-Type"] = f"text/html; charset={charset}"
    assert [str(each) for each in open_index().pages(["flask"])["flask"].releases] == ["3.0"]


def test_an_etag_that_cannot_be_sent_back(index, open_index, nothing_stays_fresh):
    index.add("flask", "3.0", "py3-none-any")
    index.headers["ETag"] = '"\xe9"'
    first = open_index().pages(["flask"])
    assert open_index().pages(["flask"]) == first
    assert index.asked == ["200 /simple/flask/"] * 2


def test_a_page_that_never_ends(index, open_index, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")
    index.drips = True
    monkeypatch.setattr("validator.packages.connection.MAX_BODY_SECONDS", 0.05)
    with pytest.raises(IndexUnavailable, match="took over 0 s to send flask"):
        open_index().pages(["flask"])


def test_a_file_that_never_ends(index, open_index, tmp_path, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")
    client = open_index()
    file = client.pages(["flask"])["flask"].files[0]
    index.drips = True
    monkeypatch.setattr("validator.packages.connection.GRACE_SECONDS", 0.05)
    with pytest.raises(IndexUnavailable, match="under 1024 bytes a second"):
        client.download(file, tmp_path, lambda size_bytes: None)
    assert not (tmp_path / file.sha256).exists()
    index.drips = False
    assert client.download(file, tmp_path, lambda size_bytes: None).exists()


def test_files_nobody_could_take_are_none(index, resolve):
    index.add("flask", "3.0", "py3-none-any")
    (sound, _) = index.projects["flask"]
    digits = "9" * 5000
    index.projects["flask"] += [
        replace(sound, filename=f"flask-{digits}-py3-none-any.whl"),
        replace(sound, filename="flask-4.0-py3-none-any.whl", requires_python=f">={digits}"),
        replace(sound, filename="flask-5.0-cp\xb2-none-any.whl"),
        replace(sound, filename=f"flask-6.0-cp3{'9' * 150}-none-any.whl"),
    ]
    assert [pin.version for pin in resolve("flask==3.0\n").pins] == ["3.0"]
    (unresolved,) = resolve("flask==6.0\n").unresolved
    assert unresolved.reason is Reason.NO_WHEEL
    assert unresolved.wheel_pythons == ()


def test_a_damaged_cache_is_no_cache(index, open_index, settings):
    index.add("flask", "3.0", "py3-none-any")
    open_index().pages(["flask"])
    (page,) = (settings.cache_dir / "pages").rglob("*.json")
    for damage in (b"", b"{}", b"[1]", page.read_bytes()[:-30], b"\xff\xfe"):
        page.write_bytes(damage)
        assert open_index().pages(["flask"])["flask"] is not None


def test_a_hash_that_is_none_and_words_that_are_a_terminal_s():
    entry = {
        "filename": "a-1.0-py3-none-any.whl",
        "url": "a-1.0-py3-none-any.whl",
        "hashes": {"sha256": "../../../etc/passwd"},
        "requires-python": ">=3\x1b[2J",
        "yanked": "gone\x1b]0;title\x07\nfor good",
    }
    (file,) = from_json("a", json.dumps({"files": [entry]}), "https://h.example/").files
    assert file.sha256 == ""
    assert file.requires_python == ">=3 [2J"
    assert file.yanked == "gone ]0;title for good"
    link = '<a href="a-1.0.zip#sha256=../x" data-requires-python="&gt;=3\x1b" data-yanked>a</a>'
    (file,) = from_html("a", link, "https://h.example/").files
    assert (file.sha256, file.requires_python, file.yanked) == ("", ">=3", "")


def test_names_with_dashes_and_odd_files_are_read():
    names = (
        "my-pkg-1.0.tar.gz", "my_pkg-1.1.zip", "My.Pkg-1.2-py3-none-any.whl", "my-pkg-1.3.exe",
        "my_pkg-1.4-1-py3-none-any.whl", "my-pkg-nonsense.tar.gz", "other-9.tar.gz", "x.whl",
        "other-9-py3-none-any.whl", "my_pkg-9-x-py3-none-any.whl", "my-pkg-9-py3-none-any.whl",
        "my_pkg\x7f-9-py3-none-any.whl", "my_pkg-9-py3-none-any\xb2.whl", "my pkg-9.zip",
        "..%2F..%2Fmy_pkg-9-py3-none-any.whl", "my_pkg-9-py3-none-any%1b%5D0;x%07.whl",
    )  # fmt: skip
    text = "<title>Links for my-pkg</title>" + "".join(f'<a href="{n}">{n}</a>' for n in names)
    page = from_html("my-pkg", text, "https://h.example/simple/my-pkg/")
    assert [str(version) for version in page.releases] == ["1.4", "1.2", "1.1", "1.0"]
    assert page.files[0].url == "https://h.example/simple/my-pkg/my-pkg-1.0.tar.gz"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"files": 3}', '{"files": [1]}', '{"files": [{}]}', "[" * 99_999,
     '{"files": [{"filename": "a", "url": "http://["}]}'],
)  # fmt: skip
def test_json_that_is_no_project_page(text):
    with pytest.raises(ValueError, match="not a project page"):
        from_json("flask", text, "https://h.example/")


@pytest.mark.parametrize("text", ["<![x[ y ]]>", '<a href="http://[">a</a>', f"&#{'9' * 5000};"])
def test_html_that_is_no_project_page(text):
    with pytest.raises(ValueError, match="not a project page"):
        from_html("flask", f"<title>Links for flask</title><p title='{text}'>{text}", "https://h/")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://me:s3cret@a/x-1.0.whl", "https://a/x-1.0.whl"),
        ("//me:s3cret@a/x-1.0.whl", "https://a/x-1.0.whl"),
        ("https://a/feed@Local/x-1.0.whl", "https://a/feed@Local/x-1.0.whl"),
        ("x-1.0.whl", "https://i/simple/x/x-1.0.whl"),
    ],
)
def test_a_password_in_a_link_is_not_kept(given, kept):
    page = f'<title>Links for x</title><a href="{given}">x</a>'
    told = json.dumps({"files": [{"filename": "x-1.0.whl", "url": given}]})
    assert from_html("x", page, "https://i/simple/x/").files[0].url == kept
    assert from_json("x", told, "https://i/simple/x/").files[0].url == kept

"""What is known of a version, and what is not; and who we are to a private index."""

from __future__ import annotations

from dataclasses import replace

import pytest
from submitting import TARGET, submit

from validator import doctor
from validator.errors import IndexUnavailable, Unavailable
from validator.facts import Vulnerability
from validator.packages import Packages
from validator.packages.credentials import login, with_credentials

WEAK = {
    "id": "PYSEC-1",
    "aliases": ["CVE-2024-1"],
    "summary": "Lets\nanyone in.",
    "fixed_in": ["3.1"],
    "withdrawn": None,
}
TOLD = (Vulnerability("PYSEC-1", ("CVE-2024-1",), "Lets anyone in.", ("3.1",)),)


@pytest.fixture
def vetted(index, settings):
    index.add("flask", "3.0", "py3-none-any")

    def vetted(**changes):
        with Packages(replace(settings, **changes), TARGET) as packages:
            (pin,) = packages.vet(packages.resolve(submit("flask\n")).pins)
            return pin.vulnerabilities

    return vetted


def page(*vulnerabilities, version="3.0"):
    return {"info": {"version": version}, "vulnerabilities": list(vulnerabilities)}


def test_what_the_version_s_own_page_says(index, vetted):
    index.advisories["flask/3.0/json"] = page(WEAK, {**WEAK, "withdrawn": "2025-01-01"})
    assert vetted() == TOLD


def test_what_the_project_s_page_says_of_its_newest_version(index, vetted):
    index.advisories["flask/json"] = page(WEAK)
    assert vetted() == TOLD


def test_what_it_says_of_another_version_is_nothing_about_this(index, vetted):
    index.advisories["flask/json"] = page(WEAK, version="3.1")
    assert vetted() is None


def test_none_known_is_not_unknown(index, vetted):
    index.advisories["flask/3.0/json"] = page()
    assert vetted() == ()


def test_an_index_that_does_not_say_leaves_it_unknown(vetted):
    assert vetted() is None


@pytest.mark.parametrize("page", [[], {"info": {}}, {"info": {"version": "3.0"}}, "x"])
def test_a_page_that_is_none_leaves_it_unknown(index, vetted, page):
    index.advisories["flask/3.0/json"] = page
    assert vetted() is None


@pytest.mark.parametrize(
    "page",
    [b"[" * 99_999, b"{" + b'"info":[' * 99_999, page("x"), page({"id": "PYSEC-1"}, 5)],
)
def test_a_page_nobody_could_read_leaves_it_unknown(index, vetted, page):
    index.advisories["flask/3.0/json"] = page
    assert vetted() is None


@pytest.mark.parametrize("odd", [5, "CVE-2024-1", {"CVE-2024-1": 1}, True])
def test_what_is_amiss_beside_a_vulnerability_does_not_hide_it(index, vetted, odd):
    index.advisories["flask/3.0/json"] = page({**WEAK, "aliases": odd, "fixed_in": odd})
    told = (replace(TOLD[0], aliases=(), fixed_in=()),)
    assert vetted() == told
    assert vetted(offline=True) == told


def test_answers_are_kept_and_serve_offline(index, vetted):
    index.advisories["flask/3.0/json"] = page(WEAK)
    assert vetted() == TOLD
    index.asked.clear()
    assert vetted() == vetted(offline=True) == TOLD
    assert index.asked == []


def test_offline_nothing_is_known_of_what_was_never_asked(index, settings):
    index.add("flask", "3.0", "py3-none-any")
    with Packages(settings, TARGET) as packages:
        pins = packages.resolve(submit("flask\n")).pins
    with Packages(replace(settings, offline=True), TARGET) as packages:
        assert packages.vet(pins) == pins


# ── credentials ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_netrc_opens_a_private_index_and_is_written_nowhere(
    index, settings, server, tmp_path, monkeypatch, resolver
):
    index.add("flask", "3.0", "py3-none-any")
    index.login = "me:s3cr/t @x"
    netrc = tmp_path / "netrc"
    netrc.write_text('machine 127.0.0.1 login me password "s3cr/t @x"\n')
    monkeypatch.setenv("NETRC", str(netrc))
    with Packages(replace(settings, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit("flask\n", main="import flask\n"))
        layer = packages.layer(resolution)
    assert layer.modules == ("flask",)
    assert "s3cr" not in resolution.pins[0].url
    kept = [path for path in settings.cache_dir.rglob("*") if path.is_file()]
    assert kept
    own = [path for path in kept if path.relative_to(settings.cache_dir).parts[0] != resolver]
    assert not [path for path in own if b"s3cr" in path.read_bytes()]


def test_without_it_the_index_is_closed(index, settings, tmp_path, monkeypatch):
    index.add("flask", "3.0", "py3-none-any")
    index.login = "me:secret"
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    with Packages(settings, TARGET) as packages, pytest.raises(IndexUnavailable, match="401"):
        packages.resolve(submit("flask\n"))


def test_only_the_index_s_own_origin_learns_who_we_are():
    index = "https://me:a%2Fb@index.example/simple"
    assert login(index, "https://index.example/files/x.whl") == ("me", "a/b")
    for other in (
        "https://cdn.example/x.whl",
        "http://index.example/x.whl",
        "https://index.example:8443/x.whl",
    ):
        assert login(index, other) is None


@pytest.mark.parametrize(
    ("index", "url"),
    [
        ("https://me:x@index.example:443/s", "https://index.example/x.whl"),
        ("https://me:x@index.example/s", "https://INDEX.example:443/x.whl"),
        ("http://me:x@index.example/s", "http://index.example:80/x.whl"),
    ],
)
def test_a_port_that_goes_without_saying_may_be_said(index, url):
    assert login(index, url) == ("me", "x")
    assert login(index, url.replace("http", "xttp", 1)) is None
    assert login(index.replace("//me:x@", "//me:x@other."), url) is None


def test_a_url_that_names_a_user_keeps_it(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine index.example login other password x\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert with_credentials("https://me:y@index.example/s") == "https://me:y@index.example/s"
    assert with_credentials("https://index.example/s") == "https://other:x@index.example/s"
    assert with_credentials("https://me@index.example/s") == "https://me@index.example/s"
    assert with_credentials("https://other:@index.example/s") == "https://other:@index.example/s"
    netrc.write_text("machine without sense")
    assert with_credentials("https://index.example/s") == "https://index.example/s"


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
def test_the_password_of_a_user_that_is_named_may_be_in_netrc(
    index, settings, tmp_path, monkeypatch, resolver
):
    index.add("flask", "3.0", "py3-none-any")
    index.login = "me@work:s3cr/t"
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me@work password s3cr/t\n")
    monkeypatch.setenv("NETRC", str(netrc))
    named = settings.index_url.replace("//", "//me%40work@")
    with Packages(replace(settings, index_url=named, resolver=resolver), TARGET) as packages:
        assert [pin.name for pin in packages.resolve(submit("flask\n")).pins] == ["flask"]


def test_the_doctor_asks_as_a_validation_does(index, settings, tmp_path, monkeypatch):
    index.add("pip", "26.3", "py3-none-any")
    index.login = "me:s3cret"
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert doctor._index(settings) == f"{settings.index_url} answers"
    netrc.write_text("machine 127.0.0.1 login me password another\n")
    with pytest.raises(Unavailable, match="answered 401 for pip"):
        doctor._index(replace(settings, cache_dir=tmp_path / "other"))


def test_a_user_without_a_home_has_no_netrc(monkeypatch):
    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert with_credentials("https://a/simple") == "https://a/simple"


def test_the_doctor_says_of_a_url_that_it_is_none(settings):
    with pytest.raises(Unavailable, match="is not a URL") as caught:
        doctor._index(replace(settings, index_url="me:s3cret@index.example/simple", offline=True))
    assert "s3cret" not in str(caught.value)

"""An index behind an authority of its own, and each of the variables that may name that."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import replace

import pytest
from fake_index import Server
from submitting import TARGET, submit

from validator.errors import IndexUnavailable
from validator.packages import Packages
from validator.packages.authorities import authorities

VARIABLES = (
    "SSL_CERT_FILE", "SSL_CERT_DIR", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)  # fmt: skip


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A folder with the certificate of 127.0.0.1, signed by itself, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here")
    folder = tmp_path_factory.mktemp("authority")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=index"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            # rustls, which uv has, takes no authority's own certificate for a server's.
            *("-addext", "basicConstraints=critical,CA:FALSE"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def private(index, settings, authority, monkeypatch):
    """Settings for an index that nobody trusts who is not told to."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority / "certificate.pem", authority / "key.pem")
    server = Server(index, tls)
    index.add("flask", "3.0", "py3-none-any")
    yield replace(settings, index_url=server.url)
    server.stop()


@pytest.mark.parametrize("resolver", ["uv", "pip-tools"])
@pytest.mark.parametrize("variable", [each for each in VARIABLES if each != "SSL_CERT_DIR"])
def test_an_authority_is_believed_whoever_s_variable_names_it(
    private, authority, monkeypatch, variable, resolver
):
    monkeypatch.setenv(variable, str(authority / "certificate.pem"))
    with Packages(replace(private, resolver=resolver), TARGET) as packages:
        resolution = packages.resolve(submit("flask\n", main="import flask\n"))
        assert packages.layer(resolution).modules == ("flask",)


def test_one_that_nobody_names_is_not(private, monkeypatch):
    monkeypatch.setattr("validator.packages.connection.time.sleep", lambda seconds: None)
    with (
        Packages(private, TARGET) as packages,
        pytest.raises(IndexUnavailable, match="CERTIFICATE"),
    ):
        packages.resolve(submit("flask\n"))


def test_a_file_that_is_none(private, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with Packages(private, TARGET) as packages, pytest.raises(IndexUnavailable, match="No such"):
        packages.resolve(submit("flask\n"))


def test_openssl_s_own_variables_come_first(tmp_path):
    assert authorities({}) == {}
    assert authorities({"SSL_CERT_FILE": "", "PIP_CERT": "/a.pem"}) == {"SSL_CERT_FILE": "/a.pem"}
    assert authorities({"CURL_CA_BUNDLE": str(tmp_path)}) == {"SSL_CERT_DIR": str(tmp_path)}
    both = {"REQUESTS_CA_BUNDLE": "/b.pem", "CURL_CA_BUNDLE": "/c.pem"}
    assert authorities(both) == {"SSL_CERT_FILE": "/b.pem"}
    assert authorities({**both, "SSL_CERT_DIR": "/certs"}) == {"SSL_CERT_DIR": "/certs"}

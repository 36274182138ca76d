"""A link is opened without harm to us: only the public network, at the address that was judged."""

import socket
import ssl
import threading

import pytest

from forum_portal import link_probe
from forum_portal.link_probe import Outcome, Prober, is_global
from forum_portal.tests.web_host import certificate_for, says, sends_to, web_host


@pytest.fixture
def host():
    with web_host() as made:
        yield made


@pytest.fixture
def nobody_is_asked(monkeypatch):
    """No connection and no question to a name server."""

    def refuse(*args, **kwargs):
        raise AssertionError(f"asked for {args}")

    monkeypatch.setattr(socket, "create_connection", refuse)
    return refuse


# What a host answers -----------------------------------------------------------------------------


def test_a_page_is_asked_for_its_head_alone(host):
    host.paths["/doc"] = says(200)
    found = host.prober().ask(host.at("/doc"))
    assert (found.outcome, found.code, found.moved_to) == (Outcome.REACHABLE, 200, "")
    assert host.methods == ["HEAD /doc"]
    headers = host.asked[0][2]
    assert headers["User-Agent"] == "tests"
    assert headers["Host"] == f"reports.example:{host.port}", "not the numeric address"


def test_who_knows_no_head_is_asked_for_the_first_64_kilobytes(host):
    host.paths["HEAD /doc"] = says(405)
    host.paths["GET /doc"] = says(206, body=b"x" * 1000)
    assert host.prober().ask(host.at("/doc")).outcome == Outcome.REACHABLE
    assert host.methods == ["HEAD /doc", "GET /doc"]
    assert host.asked[1][2]["Range"] == "bytes=0-65535"


def test_a_page_without_end_is_read_for_64_kilobytes(host):
    sent = []

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        while len(sent) < 2000:  # 125 MB
            try:
                handler.wfile.write(b"x" * 65536)
            except OSError:
                return
            sent.append(1)

    host.paths |= {"HEAD /doc": says(500), "GET /doc": endless}
    assert host.prober().ask(host.at("/doc")).outcome == Outcome.REACHABLE
    assert len(sent) < 1000


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_an_error_is_a_broken_link(host, status):
    host.paths["/doc"] = says(status)
    found = host.prober().ask(host.at("/doc"))
    assert (found.outcome, found.code) == (Outcome.BROKEN, status)
    assert found.proves_a_network == (status in {404, 410})


@pytest.mark.parametrize("status", [401, 403, 429])
def test_who_refuses_programs_says_nothing_of_the_page(host, status):
    host.paths["/doc"] = says(status)
    found = host.prober().ask(host.at("/doc"))
    assert (found.outcome, found.code) == (Outcome.CLOSED, status)
    assert not found.proves_a_network, "a firewall answers so as well"


def test_a_host_without_an_answer_is_silent(host):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = host.prober().ask(f"http://reports.example:{port}/")
    assert (found.outcome, found.code) == (Outcome.SILENT, None)


def test_a_name_without_an_address_is_silent(host):
    def unknown(name, port):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    assert host.prober(resolve=unknown).ask(host.at("/")).outcome == Outcome.SILENT
    assert host.prober(resolve=lambda *rest: []).ask(host.at("/")).outcome == Outcome.SILENT


def test_thai_addresses_are_written_as_the_web_writes_them(host):
    host.paths["/%E0%B8%9C%E0%B8%A5%20a?q=%E0%B8%81"] = says(200)
    asked = []
    prober = host.prober(resolve=lambda name, port: asked.append(name) or ["127.0.0.1"])
    assert prober.ask(host.at("/ผล a?q=ก", host="ไทย.example")).outcome == Outcome.REACHABLE
    assert asked == ["xn--o3cw4h.example"]


# Redirects ---------------------------------------------------------------------------------------


def test_a_page_that_moved_for_good_says_where_to(host):
    host.paths |= {"/old": sends_to("/new"), "/new": says(200)}
    found = host.prober().ask(host.at("/old"))
    assert (found.outcome, found.code, found.moved_to) == (Outcome.MOVED, 200, host.at("/new"))


def test_a_page_that_is_elsewhere_for_now_has_not_moved(host):
    host.paths |= {"/old": sends_to("/new", 302), "/new": says(200)}
    assert host.prober().ask(host.at("/old")).outcome == Outcome.REACHABLE
    host.paths |= {"/a": sends_to("/b", 301), "/b": sends_to("/new", 307)}
    assert host.prober().ask(host.at("/a")).outcome == Outcome.REACHABLE


def test_a_slash_at_the_end_is_no_move(host):
    host.paths |= {"/doc": sends_to("/doc/"), "/doc/": says(200)}
    assert host.prober().ask(host.at("/doc")).outcome == Outcome.REACHABLE


def test_five_redirects_are_followed_and_no_sixth(host):
    host.paths |= {f"/{n}": sends_to(f"/{n + 1}") for n in range(10)} | {"/5": says(200)}
    assert host.prober().ask(host.at("/0")).moved_to == host.at("/5")
    host.asked.clear()
    host.paths["/5"] = sends_to("/6")
    assert host.prober().ask(host.at("/0")).outcome == Outcome.BROKEN
    assert [path for _method, path, _headers in host.asked] == [f"/{n}" for n in range(6)]


def test_a_redirect_in_thai_letters_is_followed(host):
    def thai(handler):
        handler.send_response(301)
        handler.send_header("Location", "/ผล".encode().decode("latin-1"))
        handler.end_headers()

    host.paths |= {"/old": thai, "/%E0%B8%9C%E0%B8%A5": says(200)}
    assert host.prober().ask(host.at("/old")).moved_to == host.at("/ผล")


# What is not opened ------------------------------------------------------------------------------


@pytest.mark.security
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "203.0.113.9", "192.88.99.1", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
        "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1", "", "localhost", "1.2.3", "a",
    ],
)  # fmt: skip
def test_what_is_not_of_the_public_network_is_not_reached(address):
    assert not is_global(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "203.146.1.1", "2606:4700:4700::1111", "2405:9800::1"]
)
def test_the_public_network_is_reached(address):
    assert is_global(address)


@pytest.mark.security
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/",
        "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://0x7f000001/",
        "http://127.1/", "http://127.0.0.1./", "http://017700000001/", "http://1.1.1.01/",
        "http://user:secret@1.1.1.1/", "http://user@1.1.1.1/", "http://1.1.1.1\\@127.0.0.1/",
        "http://1.1.1.1:8080/", "http://1.1.1.1:22/", "https://1.1.1.1:8443/", "http://1.1.1.1:99999/",
        "ftp://1.1.1.1/", "file:///etc/passwd", "javascript:alert(1)", "gopher://1.1.1.1:80/", "http:///",
        "http://", "//1.1.1.1/", "http://[::1/", "",
    ],
)  # fmt: skip
def test_no_such_address_is_opened(url, nobody_is_asked):
    """The real judge and the real resolver of numeric addresses."""
    assert Prober("tests").ask(url).outcome == Outcome.REFUSED


@pytest.mark.security
def test_a_name_for_an_inner_machine_is_not_opened(nobody_is_asked):
    prober = Prober("tests", resolve=lambda host, port: ["10.1.2.3"])
    assert prober.ask("http://intranet.example/").outcome == Outcome.REFUSED


@pytest.mark.security
def test_one_inner_address_among_public_ones_is_enough_to_refuse(nobody_is_asked):
    prober = Prober("tests", resolve=lambda host, port: ["1.1.1.1", "::1"])
    assert prober.ask("http://both.example/").outcome == Outcome.REFUSED


@pytest.mark.security
def test_the_name_is_resolved_once_and_the_judged_address_is_connected(host, monkeypatch):
    """A name server that answers otherwise the second time gains nothing."""
    host.paths["/"] = says(200)
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    monkeypatch.setattr(socket, "getaddrinfo", _only_numeric(socket.getaddrinfo))
    prober = host.prober(resolve=lambda name, port: next(answers))
    assert prober.ask(host.at("/")).outcome == Outcome.REACHABLE
    assert next(answers) == ["10.0.0.1"], "nobody has asked again"


def _only_numeric(real):
    def asked(name, *args, **kwargs):
        assert name == "127.0.0.1", f"{name} is resolved a second time"
        return real(name, *args, **kwargs)

    return asked


@pytest.mark.security
@pytest.mark.parametrize(
    "to", ["http://inner.example/", "http://user:pw@reports.example/", "ftp://reports.example/"]
)
def test_a_redirect_is_judged_as_the_link_is(host, to):
    host.paths["/old"] = sends_to(to)
    prober = host.prober(
        resolve=lambda name, port: ["10.0.0.1" if name == "inner.example" else "127.0.0.1"]
    )
    found = prober.ask(host.at("/old"))
    assert (found.outcome, found.code) == (Outcome.REFUSED, 301)
    assert host.methods == ["HEAD /old"]


@pytest.mark.security
def test_a_redirect_to_another_port_is_refused(host):
    host.paths |= {"/old": sends_to("http://reports.example:8080/")}
    assert host.prober(ports=frozenset({host.port})).ask(host.at("/old")).outcome == Outcome.REFUSED


@pytest.mark.security
def test_a_proxy_of_the_environment_is_not_used(host, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    host.paths["/"] = says(200)
    assert host.prober().ask(host.at("/")).outcome == Outcome.REACHABLE


# Certificates ------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path):
    """A host whose certificate is for reports.example, and what trusts that certificate."""
    certificate = certificate_for("reports.example", tmp_path)
    trusts = ssl.create_default_context(cafile=str(certificate))
    with web_host(certificate) as made:
        made.paths["/doc"] = says(200)
        yield made, trusts


def test_a_certificate_is_for_the_name_and_not_for_the_numeric_address(secure):
    host, trusts = secure
    assert host.prober(tls=trusts).ask(host.at("/doc")).outcome == Outcome.REACHABLE


@pytest.mark.security
def test_a_certificate_for_another_name_or_of_an_unknown_authority_tells_nothing(secure):
    host, trusts = secure
    found = host.prober(tls=trusts).ask(host.at("/doc", host="other.example"))
    assert (found.outcome, found.code) == (Outcome.CLOSED, None)
    assert host.prober().ask(host.at("/doc")).outcome == Outcome.CLOSED
    assert host.asked == []


@pytest.mark.faults
def test_a_secure_page_that_comes_byte_by_byte_is_left_as_well(secure):
    host, trusts = secure
    stop = threading.Event()
    host.paths |= {"HEAD /slow": says(500), "GET /slow": dripping(stop)}
    prober = host.prober(tls=trusts, step_seconds=5.0, address_seconds=0.5)
    assert len(asked_within(4, prober, host.at("/slow"), stop)) == 1


# Time --------------------------------------------------------------------------------------------


def dripping(stop, first=b"HTTP/1.1 200 OK\r\n\r\n"):
    """An answer that never ends, each piece of which comes soon."""

    def answer(handler):
        handler.wfile.write(first)
        while not stop.wait(0.02):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return

    return answer


def asked_within(seconds, prober, url, stop):
    """What a probe finds, [] if it takes longer."""
    found = []
    asking = threading.Thread(target=lambda: found.append(prober.ask(url)), daemon=True)
    asking.start()
    asking.join(seconds)
    stop.set()
    return found


@pytest.mark.faults
@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_host_that_sends_now_and_then_is_left_after_the_time_for_an_address(host, first):
    """Each piece comes within the limit of a step."""
    stop = threading.Event()
    host.paths |= {"HEAD /doc": says(500), "GET /doc": dripping(stop, first)}
    prober = host.prober(step_seconds=5.0, address_seconds=0.3)
    assert len(asked_within(4, prober, host.at("/doc"), stop)) == 1


@pytest.mark.faults
def test_a_host_that_never_ends_its_handshake_is_left(host):
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def handshake():
            line, _peer = server.accept()
            with line:
                line.send(b"\x16\x03\x03\x40\x00")  # a record of 16 KB
                while not stop.wait(0.02):
                    try:
                        line.send(b"\x02")
                    except OSError:
                        return

        threading.Thread(target=handshake, daemon=True).start()
        prober = host.prober(step_seconds=0.3)
        url = f"https://reports.example:{server.getsockname()[1]}/"
        (found,) = asked_within(4, prober, url, stop)
    assert found.outcome in {Outcome.SILENT, Outcome.CLOSED}


def test_the_real_prober_keeps_to_the_promised_limits():
    prober = Prober("tests")
    assert prober.ports == {80, 443}
    assert prober.may_reach is is_global
    assert prober.tls.verify_mode == ssl.CERT_REQUIRED
    assert prober.tls.check_hostname
    assert (link_probe.HOPS, link_probe.READ_AT_MOST) == (5, 65536)

import http.client

import pytest

from extauthz.demo.upstream import REQUEST_HEADER, EchoServer, echoed_headers


def ask(server: EchoServer, method: str, headers: list[tuple[str, str]]) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest(method, "/a?b=c", skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200
    return body


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_it_answers_with_the_headers_that_it_saw(method: str) -> None:
    with EchoServer() as server:
        headers = echoed_headers(ask(server, method, [("X-One", "1"), ("x_two", "2"), ("x-one", "3")]))
    assert headers["x-one"] == ["1", "3"]
    assert headers["x_two"] == ["2"]


def test_it_remembers_which_requests_reached_it() -> None:
    with EchoServer() as server:
        ask(server, "GET", [(REQUEST_HEADER, "7")])
        assert server.saw("7")
        assert not server.saw("8")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"headers": 1}', b'{"headers": [["one"]]}', b"\xff"])
def test_any_other_answer_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="not an answer of the demo's upstream"):
        echoed_headers(body)

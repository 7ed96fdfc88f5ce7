"""What no endpoint answers: unknown routes and wrong methods (behaviour 2.7)."""

import pytest
from django import urls
from django.test import Client
from django.urls import reverse

from tests.ocs.test_negotiation import FORM

API = "apps/spreed/api"
MESSAGE = "Invalid query, please check the syntax: there is no such route."
#: Nobody is asked who they are before the route is known, so nothing here needs a database.
UNKNOWN = [
    pytest.param("", id="nothing"),
    pytest.param("cloud", id="another service"),
    pytest.param("apps/spreed", id="no api"),
    pytest.param(f"{API}/v3", id="no endpoint"),
    pytest.param(f"{API}/v0/room", id="version 0"),
    pytest.param(f"{API}/v5/room", id="version 5"),
    pytest.param(f"{API}/v33/room", id="version 33"),
    pytest.param(f"{API}/3/room", id="no v"),
    pytest.param(f"{API}/V3/room", id="capital V"),
    pytest.param(f"{API}/v3/room/", id="slash"),
    pytest.param(f"{API}/v3/call", id="no token"),
    pytest.param(f"{API}/v3/call/", id="empty token"),
    pytest.param(f"{API}/v3/call/abc", id="short token"),
    pytest.param(f"{API}/v3/call/{'a' * 31}", id="long token"),
    pytest.param(f"{API}/v3/call/ABCD", id="capital token"),
    pytest.param(f"{API}/v3/call/ab-cd", id="token with dash"),
    pytest.param(f"{API}/v3/call/abcd%0A", id="token with newline"),
    pytest.param(f"{API}/v3/call/abcd%00", id="token with NUL"),
    pytest.param(f"{API}/v3/call/%C3%A4bcd", id="token with umlaut"),
    pytest.param(f"{API}/v3/call/abcd/ping", id="ping"),
    pytest.param(f"{API}/v3/call/abcd%2F", id="token with slash"),
    pytest.param(f"{API}/v2/guest/abcd/name", id="guest name of v2"),
    pytest.param(f"{API}/v3/guest/abcd/name", id="guest name of v3"),
    pytest.param(f"{API}/v3/room%0A", id="newline"),
]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def body(entry: int) -> dict:
    meta = {"status": "failure", "statuscode": 404, "message": MESSAGE}
    if entry == 1:
        meta |= {"statuscode": 998, "totalitems": "", "itemsperpage": ""}
    return {"ocs": {"meta": meta, "data": []}}


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("entry", [1, 2])
def test_unknown_route_as_json(client, entry, path):
    """A wrong path, version or token shape is an unknown route, in the envelope."""
    answer = client.get(f"/ocs/v{entry}.php/{path}?format=json")
    assert answer.status_code == (200 if entry == 1 else 404)
    assert (answer["Content-Type"], answer.json()) == (
        "application/json; charset=utf-8",
        body(entry),
    )


ACCOUNTS_UNKNOWN = [
    "cloud/",
    "cloud/users",
    "cloud/capabilities/",
    "cloud/user%0A",
    "core/x",
    "core/",
]


class AccountsFirst:
    """A site that includes the two the other way round."""

    urlpatterns = [
        urls.path("", urls.include("talk_calls.accounts.urls")),
        urls.path("", urls.include("talk_calls.urls")),
    ]


@pytest.fixture(params=["tests.urls", AccountsFirst], ids=["calls first", "accounts first"])
def either_order(request, settings) -> None:
    """A site may include the two in either order."""
    settings.ROOT_URLCONF = request.param


@pytest.mark.usefixtures("either_order")
@pytest.mark.parametrize("path", ["nowhere", f"{API}/v3/nowhere", "clouds", *ACCOUNTS_UNKNOWN])
@pytest.mark.parametrize("entry", [1, 2])
def test_unknown_route_in_either_order(client, entry, path):
    """Unknown routes of both includes are answered in the envelope."""
    answer = client.get(f"/ocs/v{entry}.php/{path}?format=json")
    assert (answer.status_code, answer.json()) == (200 if entry == 1 else 404, body(entry))


@pytest.mark.usefixtures("either_order")
@pytest.mark.parametrize("entry", [1, 2])
def test_known_routes_in_either_order(client, entry):
    """Neither include hides a route of the other; 412 is the gate of a route that is there."""
    for path in (f"{API}/v3/room", "cloud/capabilities", "cloud/user"):
        assert client.get(f"/ocs/v{entry}.php/{path}").status_code == 412, path
    assert client.delete(f"/ocs/v{entry}.php/core/apppassword").status_code == 412
    assert client.get("/status.php").status_code == 200


def test_calls_without_accounts(client, settings):
    """A site that includes only the calls has no routes of the accounts, and answers as a site."""
    settings.ROOT_URLCONF = type("CallsOnly", (), {"urlpatterns": AccountsFirst.urlpatterns[1:]})
    for path in ("cloud/user", "core/apppassword"):
        answer = client.get(f"/ocs/v2.php/{path}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "wrong", "allowed"),
    [
        ("cloud/capabilities", ["post", "put", "patch", "delete", "options"], "GET, HEAD"),
        ("cloud/user", ["post", "put", "patch", "delete", "options"], "GET, HEAD"),
        ("core/apppassword", ["get", "head", "post", "put", "patch", "options"], "DELETE"),
    ],
)
@pytest.mark.parametrize("entry", [1, 2])
def test_wrong_method_of_accounts(client, entry, path, *, wrong, allowed):
    """The accounts' endpoints refuse other methods as those of the calls do."""
    for method in wrong:
        answer = getattr(client, method)(f"/ocs/v{entry}.php/{path}")
        found = (answer.status_code, answer.content, answer["Allow"])
        assert found == (405, b"", allowed), method


@pytest.mark.parametrize("accept", ["application/json", "json", "*/*", "text/html", None])
@pytest.mark.parametrize(("entry", "status", "code"), [(1, 200, 998), (2, 404, 404)])
def test_unknown_route_is_xml_whatever_the_client_accepts(client, accept, entry, status, code):
    """Only ``format`` counts here, and XML is the default."""
    headers = {} if accept is None else {"Accept": accept}
    answer = client.get(f"/ocs/v{entry}.php/nowhere", headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/xml; charset=utf-8")
    assert f"<statuscode>{code}</statuscode>" in answer.content.decode()
    assert f"<message>{MESSAGE}</message>" in answer.content.decode()


def test_unknown_route_finds_the_format_in_a_form(client):
    """``format`` is a parameter like any other, so a form may hold it (behaviour 2.1/1)."""
    answer = client.post("/ocs/v2.php/nowhere", "format=json", FORM)
    assert (answer.status_code, answer.json()) == (404, body(2))


@pytest.mark.parametrize("wanted", ["yaml", "%00", "xml"])
def test_unknown_route_in_an_unknown_format(client, wanted):
    """The unknown route is reported, and not the format."""
    answer = client.get(f"/ocs/v2.php/nowhere?format={wanted}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/xml; charset=utf-8")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_unknown_route_with_any_method(client, method):
    """A route that does not exist has no methods either."""
    answer = getattr(client, method)("/ocs/v2.php/nowhere?format=json")
    assert (answer.status_code, answer.json()) == (404, body(2))


def test_unknown_route_asks_nobody_anything(client):
    """Neither the gate nor credentials are looked at, so nothing can be learned of them."""
    headers = {"Authorization": "Basic nonsense"}
    answer = client.get("/ocs/v2.php/nowhere?format=json", headers=headers)
    assert (answer.status_code, answer.json()) == (404, body(2))


@pytest.mark.parametrize("entry", ["v3.php", "v2", "v.php", "v22.php", "V2.php"])
def test_other_entries_are_the_sites(client, entry):
    """Only v1.php and v2.php are ours."""
    answer = client.get(f"/ocs/{entry}/{API}/v3/room")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "wrong", "allowed"),
    [
        ("call/abcd", ["put", "patch", "options", "trace"], "GET, POST, DELETE, HEAD"),
        ("room", ["put", "patch", "delete", "options", "trace"], "GET, POST, HEAD"),
        ("room/abcd", ["post", "patch", "options"], "GET, PUT, DELETE, HEAD"),
        ("room/abcd/participants", ["put", "patch", "options"], "GET, POST, DELETE, HEAD"),
        ("room/abcd/participants/self", ["get", "post", "put", "options"], "DELETE"),
        ("room/abcd/public", ["get", "put", "patch", "options"], "POST, DELETE"),
        ("room/abcd/moderators", ["get", "put", "patch", "options"], "POST, DELETE"),
        ("room/abcd/notify", ["get", "put", "delete", "options"], "POST"),
        ("room/abcd/participants/active", ["get", "put", "head", "options"], "POST, DELETE"),
        ("room/abcd/read-only", ["get", "post", "delete", "options"], "PUT"),
        ("room/abcd/webinar/lobby", ["get", "post", "delete", "options"], "PUT"),
        ("room/abcd/webinary/lobby", ["get", "post", "delete", "options"], "PUT"),
        ("room/abcd/password", ["get", "post", "delete", "options"], "PUT"),
    ],
)
@pytest.mark.parametrize(("entry", "version"), [(1, "v1"), (2, "v2"), (2, "v3")])
def test_wrong_method(client, entry, version, path, *, wrong, allowed):
    """A known path refuses other methods before the gate: 405, no body, and what is allowed."""
    for method in wrong:
        answer = getattr(client, method)(f"/ocs/v{entry}.php/{API}/{version}/{path}")
        found = (answer.status_code, answer.content, answer["Allow"])
        assert found == (405, b"", allowed), method


def test_unsupported_version_is_not_in_the_urls():
    """Version and entry are part of the route, and reversible."""
    kwargs = {"ocs_version": "2", "token": "abcd"}
    assert reverse("talk_calls:v3:call-detail", kwargs=kwargs) == f"/ocs/v2.php/{API}/v3/call/abcd"

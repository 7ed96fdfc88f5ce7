"""The OpenAPI documents: valid, whole, and true; tests/openapi.py holds all answers to them."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from rest_framework.serializers import Serializer

from talk_calls.api import permissions
from talk_calls.api.errors import STATUSES
from talk_calls.api.operations import operation_of
from talk_calls.api.schema import documents
from talk_calls.api.schema.documents import TAGS, document
from talk_calls.api.schema.refusals import RULES
from talk_calls.exceptions import InvalidSetting, MailboxFull, NotGuest, NothingToWrite
from talk_calls.ocs.views import OCSView
from tests.api import shapes
from tests.architecture.test_routes import EACH, served, served_by
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.people import arrive

BASE = "/ocs/v2.php/apps/spreed/api"


def operations(version: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and content of all operations of a document."""
    return [
        (path, method, operation)
        for path, item in document(version)["paths"].items()
        for method, operation in item.items()
    ]


def schema_of(version: str, name: str) -> dict[str, Any]:
    """Return a component."""
    return document(version)["components"]["schemas"][name]


def bodies(version: str):
    """Return each described JSON answer with its operation and status."""
    for path, method, operation in operations(version):
        for status, answer in operation["responses"].items():
            if content := answer.get("content", {}).get("application/json"):
                yield f"{method} {path} {status}", content


# --- valid ------------------------------------------------------------------------------------


def test_documents_are_valid(version):
    """drf-spectacular's validator finds no error and no guess."""
    documents.document.cache_clear()
    GENERATOR_STATS.reset()
    validate_schema(document(version))
    assert not GENERATOR_STATS


def test_examples_are_what_the_schema_says(version):
    """Each example is valid by its schema."""
    for where, content in bodies(version):
        schema = {**content["schema"], "components": document(version)["components"]}
        complaints = Draft202012Validator(schema).iter_errors(content["example"])
        assert [each.message for each in complaints] == [], where


def test_operation_ids_are_unique(version):
    """Generated clients have a name for each action."""
    names = [operation["operationId"] for _, _, operation in operations(version)]
    assert len(names) == len(set(names))


def test_no_reference_of_the_house_gets_out(version):
    """Readers of the document have no citations, and no docstring markup."""
    text = json.dumps(document(version))
    assert "(behaviour" not in text
    assert "constants 1" not in text
    assert "``" not in text


# --- whole ------------------------------------------------------------------------------------


def test_documents_have_every_route_and_nothing_else(version):
    """What the URL configuration serves is what is described, method by method."""
    described = {(path, method) for path, method, _ in operations(version)}
    expected = {
        (f"{BASE}/{version}/{_template(endpoint.path)}", endpoint.method)
        for endpoint in served_by(version)
    }
    assert described == expected
    assert len(described) == sum(each == version for each, _, _ in served())


def _template(path: str) -> str:
    path = path.replace("ban/{token}/1000000", "ban/{token}/{ban_id}")
    for number, name in _NUMBERS.items():
        path = path.replace(number, f"{{{name}}}")
    return path.replace("/default", "/{level}")


#: The parts of paths for which the table of routes has numbers.
_NUMBERS = {
    "1000000": "attendee_id",
    "2000000": "message_id",
    "3000000": "poll_id",
    "4000000": "bot_id",
}


def test_every_tag_is_described(version):
    """A viewset is about one of the nouns that the document explains."""
    tags = {tag for _, _, operation in operations(version) for tag in operation["tags"]}
    assert tags <= set(TAGS)


def test_action_without_a_declaration_fails():
    """An action without a declaration fails with a sentence."""
    with pytest.raises(ImproperlyConfigured, match=r"OCSView\.dispatch"):
        operation_of(OCSView, "dispatch")


def test_every_rule_has_its_refusals():
    """A permission class is described, and one that is gone is not."""
    rules = {
        rule
        for rule in vars(permissions).values()
        if isinstance(rule, type) and issubclass(rule, permissions.BasePermission)
    }
    assert set(RULES) == rules - {permissions.BasePermission, permissions.PolicyPermission}


@pytest.mark.parametrize(("version", "endpoint"), EACH)
@pytest.mark.django_db
def test_described_form_is_read(version, endpoint, monkeypatch):
    """An action that declares a form reads it, and the document has just its parameters."""
    read: list[type[Serializer]] = []
    read_by = OCSView.read

    def spy(view: OCSView, form: type[Serializer]) -> Any:
        read.append(form)
        return read_by(view, form)

    monkeypatch.setattr(OCSView, "read", spy)
    UserFactory(username="newcomer")
    owner = arrive("owner", ConversationFactory(), version=version)
    path = endpoint.path.format(token=owner.conversation.token)
    owner.device.request(endpoint.method, path, endpoint.data)
    names = {name for form in read for name in form().fields}
    assert _parameters(version, endpoint) - {"format"} == names - {"format"}


def _parameters(version: str, endpoint) -> set[str]:
    """Return the names that an operation takes from query or body, each described in words."""
    path = f"{BASE}/{version}/{_template(endpoint.path)}"
    operation = document(version)["paths"][path][endpoint.method]
    found = {
        each["name"]: each["description"]
        for each in operation["parameters"]
        if each["in"] == "query"
    }
    for content in operation.get("requestBody", {"content": {}})["content"].values():
        form = schema_of(version, content["schema"]["$ref"].rsplit("/", 1)[1])
        found |= {name: field["description"] for name, field in form["properties"].items()}
    assert all(found.values()), found
    return set(found)


def test_refusals_have_the_status_of_the_table():
    """In v4, and of bans, each status names the codes of the errors that have it, and no others."""
    codes: dict[str, set[str]] = {}
    for error, status in STATUSES.items():
        of_error = error.codes if error is InvalidSetting else (error.code,)
        codes.setdefault(str(int(status)), set()).update(of_error)
    named: set[str] = set()
    of_bans = [each for each in operations("v1") if "/ban/" in each[0]]
    for path, method, operation in [*operations("v4"), *of_bans]:
        for status, answer in operation["responses"].items():
            found = _codes(answer["content"].get("application/json", {}))
            assert found <= codes.get(status, set()), (method, path, status)
            named |= found
    not_in_v4 = {NotGuest.code, MailboxFull.code, NothingToWrite.code}
    assert named == set().union(*codes.values()) - not_in_v4


def _codes(content: Any) -> set[str]:
    """Return what ``data.error`` may be, however deep it stands."""
    if isinstance(content, list):
        return set().union(*map(_codes, content)) if content else set()
    if not isinstance(content, dict):
        return set()
    error = content.get("error")
    own = set(error["enum"]) if isinstance(error, dict) and "enum" in error else set()
    return own.union(*map(_codes, content.values()))


# --- true -------------------------------------------------------------------------------------


def test_fields_of_rooms_are_those_that_are_sent(version):
    """Inside and outside: the fields that tests/api/shapes.py has from the reference."""
    session = SessionFactory.build(attendee=AttendeeFactory.build())
    inside = set(shapes.inside(version, session.attendee, session))
    outside = set(shapes.outside(version, session.attendee.conversation))
    room = schema_of(version, "Room")
    assert set(room["properties"]) == inside
    assert set(room["required"]) == inside & outside
    assert outside <= inside
    assert room["additionalProperties"] is False


def test_fields_of_participants_are_those_that_are_sent(version):
    """The fields that tests/api/shapes.py has from the reference, each of them always."""
    attendee = AttendeeFactory.build()
    fields = set(shapes.participant(version, attendee, SessionFactory.build(attendee=attendee)))
    described = schema_of(version, "Participant")
    assert set(described["properties"]) == set(described["required"]) == fields
    assert described["additionalProperties"] is False


def test_fields_of_peers_are_those_that_are_sent(version):
    """A list of the call has all described fields, and no other."""
    who = {"userId"} if version in {"v1", "v2"} else {"actorType", "actorId", "displayName"}
    described = schema_of(version, "Peer")
    expected = {*who, "token", "lastPing", "sessionId"}
    assert set(described["properties"]) == set(described["required"]) == expected


# --- served -----------------------------------------------------------------------------------


SERVED = override_settings(ROOT_URLCONF="project.urls")


@SERVED
def test_site_serves_the_documents(version):
    """A site that includes the URLs serves each version's document, and says where the API is."""
    response = Client().get(f"/schema/{version}.json")
    assert response["Content-Type"] == "application/json"
    here = {"servers": [{"url": "/"}]}
    assert response.json() == json.loads(json.dumps(document(version) | here))


@SERVED
def test_page_asks_no_other_host(version):
    """The page is complete with what the site itself serves; no CDN, no validator."""
    response = Client().get(f"/schema/{version}/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "//" not in page.replace("<!doctype html>", "")
    assert f'data-document="/schema/{version}.json"' in page
    assert "<main" not in page  # Swagger UI has one
    assert f'<a href="/schema/{version}/" aria-current="page">' in page


@SERVED
def test_page_leads_to_the_newest_version():
    """The index redirects to the newest version."""
    assert Client().get("/schema/").headers["Location"] == "v4/"


@SERVED
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["v5.json", "v5/", "v4.yaml"])
def test_site_serves_no_other_version(path):
    """There is no document of a version that is not there."""
    assert Client().get(f"/schema/{path}").status_code == 404


_WITHOUT = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"drf_spectacular", "drf_spectacular_sidecar"}:
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
call_command("check")
get_resolver().url_patterns
response = Client().get("/ocs/v2.php/apps/spreed/api/v4/call/weekly7")
assert response.status_code == 412, response.status_code
try:
    import talk_calls.api.schema.urls
except ImportError as error:
    print(error)
"""


def test_documents_are_english():
    """A document is made once, in English, whatever the language of the first request."""
    with translation.override("de"):
        made = document.__wrapped__("v1")
    assert made == document("v1")


def test_app_needs_no_drf_spectacular():
    """Without the extra the app starts and answers; only what mounts the documents fails."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("drf_spectacular"), done.stdout

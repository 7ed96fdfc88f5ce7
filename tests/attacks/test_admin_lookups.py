"""Secrets in the admin: staff who may only look read no column that no page shows.

Django lets whoever sees a list narrow it down by any column of its model. By
``password__startswith`` a hash is read letter by letter from which rows are left.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db.models import ForeignKey
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from talk_calls.admin import ADMINS
from talk_calls.models import (
    AppPassword,
    Attendee,
    AuditEntry,
    Ban,
    Call,
    Conversation,
    LiveCall,
    LoginFlow,
    Session,
    SignalingMessage,
    WebhookDelivery,
    WebhookEndpoint,
)
from talk_calls.services import calls
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.webhook_rows import make_deliveries, make_endpoint

pytestmark = pytest.mark.django_db

#: What a list may be narrowed down by: its filters, and links to it from our own pages.
ALLOWED = {
    AppPassword: set(),
    Attendee: {"participant_type", "actor_type"},
    AuditEntry: {"action", "source", "at", "conversation_pk"},
    Ban: {"actor_type"},
    Call: {"started_at"},
    Conversation: {"type"},
    LiveCall: set(),
    Session: set(),
    WebhookDelivery: {"endpoint", "state"},
    WebhookEndpoint: set(),
}
#: The parameters of links and of filters that are no columns, with a value.
PARAMETERS = {
    AppPassword: (),
    Attendee: ("conversation__id__exact=1", "participant_type__exact=1", "actor_type__exact=users"),
    AuditEntry: ("conversation_pk__exact=1", "action__exact=locked", "source__exact=api"),
    Ban: ("conversation__id__exact=1", "actor_type__exact=users"),
    Call: ("started_at__gte=2026-01-01+00%3A00%2B00%3A00", "kind=2", "why=left"),
    Conversation: ("type__exact=2", "locked=0", "lobby=1"),
    LiveCall: ("kind=2", "media=2"),
    Session: ("conversation__id__exact=1", "presence=call"),
    WebhookDelivery: ("endpoint__id__exact=1", "state__exact=dead", "type=call.started"),
    WebhookEndpoint: (),
}
#: From these no relation leads to people.
OF_WEBHOOKS = {WebhookDelivery, WebhookEndpoint}
LOOKUPS = ("", "__exact", "__startswith", "__regex", "__gt", "__in", "__isnull", "__contains")

SECRETS = {
    "conversation password": "hash0of0a0room",
    "account password": "hash0of0an0account",
    "app password": "digest0of0an0app0password",
    "login": "digest0of0a0login",
    "session id": "id0of0a0session",
    "message": "text0of0a0message",
    "browser of a guest": "digest0of0a0browser",
    "webhook": "whsec_of0a0webhook",
    "webhook before a rotation": "whsec_of0an0old0webhook",
    "address of a webhook": "key0in0an0address",
}


@pytest.fixture
def room() -> Conversation:
    """Return a conversation with a call, and each secret once."""
    now = timezone.now()
    room = ConversationFactory(password=SECRETS["conversation password"])
    user = UserFactory(username="ada")
    get_user_model().objects.filter(pk=user.pk).update(password=SECRETS["account password"])
    user.refresh_from_db()
    attendee = AttendeeFactory(conversation=room, user=user, display_name="Ada")
    session = SessionFactory(attendee=attendee, session_id=SECRETS["session id"])
    calls.join(session=session, flags=7, now=now)
    AppPassword.objects.create(user=user, name="phone", digest=SECRETS["app password"])
    LoginFlow.objects.create(
        user=user, client_name="phone", digest=SECRETS["login"], started_at=now, granted_at=now
    )
    SignalingMessage.objects.create(recipient=session.pk, text=SECRETS["message"])
    browser = SECRETS["browser of a guest"]
    Ban.objects.create(conversation=room, actor_type="guests", actor_id="known", browser=browser)
    endpoint = make_endpoint(
        url=f"https://billing.example/talk?{SECRETS['address of a webhook']}",
        secret=SECRETS["webhook"],
        previous_secret=SECRETS["webhook before a rotation"],
    )
    make_deliveries(endpoint)
    return room


@pytest.fixture
def viewer(client) -> Client:
    """Return the browser of staff who may see everything of ours and change nothing."""
    user = UserFactory(username="viewer", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(content_type__app_label="talk_calls", codename__startswith="view")
    )
    client.force_login(user)
    return client


def list_of(model) -> str:
    return reverse(f"admin:talk_calls_{model._meta.model_name}_changelist")


def columns(model, *, hops: int) -> Iterator[str]:
    """Yield the path of every column that a look-up reaches, over so many relations."""
    for field in model._meta.get_fields(include_hidden=False):
        if field.is_relation:
            yield field.name
            if hops and field.related_model is not None:
                deeper = columns(field.related_model, hops=hops - 1)
                yield from (f"{field.name}__{path}" for path in deeper)
        else:
            yield field.name


def shown(path: str, client: Client) -> str:
    """Return what a page says, but for what differs with each request."""
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize("model", ADMINS)
def test_no_column_narrows_a_list(model):
    """Of no model, over no relation, by no look-up: but for those of the filters."""
    model_admin = admin.site._registry[model]
    request = RequestFactory().get("/")
    paths = [*columns(model, hops=3), "pk"]
    assert len(paths) > (40 if model in OF_WEBHOOKS else 200)
    secrets = ("endpoint__secret", "secret") if model in OF_WEBHOOKS else ("user__password",)
    assert any(path.endswith(secrets) for path in paths)
    allowed = {
        path
        for path in paths
        for lookup in LOOKUPS
        if model_admin.lookup_allowed(f"{path}{lookup}", "1", request)
        or model_admin.lookup_allowed(f"{path}{lookup}", "1")
    }
    links = {parameter.split("__id")[0] for parameter in PARAMETERS[model] if "__id" in parameter}
    assert {path.removesuffix("__id") for path in allowed} == ALLOWED[model] | links


def test_every_secret_is_tried():
    """The test above goes through each admin, and reaches each secret column from some of them."""
    assert set(ALLOWED) == set(PARAMETERS) == set(ADMINS)
    tried = {path.rpartition("__")[2] for model in ADMINS for path in columns(model, hops=3)}
    # Of messages no relation leads to a text.
    assert tried >= {"password", "session_id", "digest", "browser", "secret", "previous_secret"}


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (Conversation, "password__startswith=hash"),
        (Conversation, "password=hash0of0a0room"),
        (Conversation, "attendees__sessions__session_id__startswith=id"),
        (Conversation, "attendees__user__password__startswith=hash"),
        (Attendee, "user__password__startswith=hash"),
        (Attendee, "conversation__password__startswith=hash"),
        (Attendee, "sessions__session_id__regex=%5Eid"),
        (Attendee, "conversation__id__exact__password=hash"),
        (Session, "session_id__startswith=id"),
        (Session, "session_id__gt=id"),
        (Session, "attendee__user__password__startswith=hash"),
        (Session, "conversation__password__startswith=hash"),
        (AppPassword, "digest__startswith=digest"),
        (AppPassword, "user__password__startswith=hash"),
        (Ban, "conversation__password__startswith=hash"),
        (Ban, "user__password__startswith=hash"),
        (Ban, "browser__startswith=digest"),
        (Call, "conversation__password__startswith=hash"),
        (Call, "legs__user__password__startswith=hash"),
        (LiveCall, "conversation__password__startswith=hash"),
        (LiveCall, "legs__session_key__startswith=0"),
        (WebhookEndpoint, "secret__startswith=whsec"),
        (WebhookEndpoint, "url__contains=key"),
        (WebhookDelivery, "endpoint__secret__startswith=whsec"),
        (WebhookDelivery, "endpoint__url__contains=key"),
    ],
)
def test_a_look_up_of_a_secret_is_refused(room, viewer, model, lookup):
    """The answer is the same 400 whether the guess is right or wrong."""
    right = viewer.get(f"{list_of(model)}?{lookup}")
    wrong = viewer.get(f"{list_of(model)}?{lookup}0wrong")
    assert (right.status_code, wrong.status_code) == (400, 400)
    assert right.content == wrong.content


@pytest.mark.parametrize("model", ADMINS)
def test_filters_and_links_go_on_working(room, viewer, model):
    """Each narrows the list, as the operator asked."""
    for parameter in PARAMETERS[model]:
        answer = viewer.get(f"{list_of(model)}?{parameter}")
        assert answer.status_code == 200, parameter


def test_links_to_the_lists_of_a_conversation(room, viewer):
    """Those that its page shows lead to its rows alone."""
    other = SessionFactory(attendee__display_name="Bob")
    for model in (Attendee, Session):
        answer = viewer.get(f"{list_of(model)}?conversation__id__exact={room.pk}")
        assert set(answer.context["cl"].queryset) == set(model.objects.filter(conversation=room))
    assert other.conversation != room


def test_a_popup_of_a_form_of_the_site(viewer, monkeypatch):
    """It opens the list by what its foreign key is limited to, and by nothing like it."""
    monkeypatch.setitem(
        vars(Conversation._meta), "related_fkey_lookups", [{"listable": 1}, lambda: {"name": "A"}]
    )
    for query, status in (("listable=1", 200), ("name=A", 200), ("name=B", 400)):
        assert viewer.get(f"{list_of(Conversation)}?{query}").status_code == status


def test_a_filter_by_people_in_an_admin_of_the_site(room):
    """A subclass may filter by a relation; that opens no other column of what it points to."""

    class FilteredAdmin(ADMINS[Attendee]):
        list_filter = ("user", ("conversation", admin.RelatedOnlyFieldListFilter), "user__email")

    filtered = FilteredAdmin(Attendee, admin.site)
    request = RequestFactory().get("/")
    user = get_user_model()._meta.pk.name
    allowed = [f"user__{user}__exact", "user__isnull", "user__email", "user__email__isnull"]
    refused = ["user__password", "user__password__startswith", f"user__{user}__password"]
    assert all(filtered.lookup_allowed(each, "1", request) for each in allowed)
    assert not any(filtered.lookup_allowed(each, "1", request) for each in refused)


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_no_page_shows_a_secret(room, viewer, secret):
    """Lists, objects, history, exports; nor what rows call themselves."""
    call, now = room.calls.get(), timezone.now()
    Session.objects.update(last_ping=now - timedelta(seconds=1))
    pages = [f"{list_of(Call)}{call.pk}/{name}" for name in ("legs.csv", "call.json")]
    pages += [f"{list_of(Call)}statistics/", f"{list_of(Conversation)}why/?conversation={room}"]
    for model in ADMINS:
        pages += [list_of(model), f"{list_of(model)}?o=1"]
        for row in model._base_manager.all():
            assert secret not in f"{row} {row!r}"
            for page in ("change", "history"):
                name = f"admin:talk_calls_{model._meta.model_name}_{page}"
                try:
                    pages.append(reverse(name, args=[row.pk]))
                except NoReverseMatch:
                    continue
    for page in pages:
        answer = viewer.get(page, follow=True)
        assert answer.status_code in {200, 404}, page
        text = b"".join(answer) if answer.streaming else answer.content
        assert secret.encode() not in text, page
    for model in apps.get_app_config("talk_calls").get_models():
        for row in model._base_manager.all():
            assert secret not in f"{row} {row!r}"
            assert secret[:8] not in str(row)


@pytest.mark.parametrize("model", ADMINS)
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_no_search_finds_a_secret(room, viewer, model, secret):
    """Neither the whole, nor its beginning."""
    for term in (secret, secret[:6], secret[-6:]):
        answer = viewer.get(list_of(model), {"q": term})
        assert answer.status_code == 200
        assert answer.context["cl"].result_count == 0, term


@pytest.mark.parametrize("model", ADMINS)
def test_no_list_is_sorted_by_a_secret(model):
    """An order tells as much as a look-up: each column sorts by what it shows."""
    model_admin = admin.site._registry[model]
    secret = {"password", "session_id", "digest", "text", "browser", "secret", "url"}
    columns_shown = [
        *model_admin.list_display,
        *(model_admin.ordering or ()),
        *model._meta.ordering,
    ]
    for column in columns_shown:
        function = getattr(model_admin, str(column), None)
        order = getattr(function, "admin_order_field", None) or column
        assert not secret & set(str(order).strip("-").split("__")), column


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_no_autocomplete_finds_a_secret(room, viewer, secret):
    """The fields of every model of ours that point to one with an admin."""
    tried = 0
    for model in apps.get_app_config("talk_calls").get_models():
        for field in model._meta.get_fields():
            if not isinstance(field, ForeignKey) or field.related_model not in ADMINS:
                continue
            source = {
                "app_label": "talk_calls",
                "model_name": model._meta.model_name,
                "field_name": field.name,
            }
            answer = viewer.get(reverse("admin:autocomplete"), {**source, "term": secret[:6]})
            assert (answer.status_code, answer.json()["results"]) == (200, [])
            everything = viewer.get(reverse("admin:autocomplete"), {**source, "term": ""})
            assert secret not in everything.content.decode()
            tried += 1
    assert tried >= 5


def test_a_form_of_ours_has_no_secret():
    """Not even as a hidden field: whatever a form may show is no secret column."""
    request = RequestFactory().get("/")
    request.user = UserFactory(is_staff=True, is_superuser=True)
    for model_admin in (admin.site._registry[model] for model in ADMINS):
        fields = set(model_admin.get_fields(request))
        assert not fields & {"password", "session_id", "digest", "text", "browser", "secret"}

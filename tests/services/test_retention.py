"""What happened longer ago than ``HISTORY_DAYS`` is deleted, and nothing else."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.signals import pre_delete
from django.utils import timezone

from talk_calls.constants import SystemMessageKind
from talk_calls.models import AuditEntry, Ban, Call, CallLeg, DaySummary, PersonDay, SystemMessage
from talk_calls.models.audit import AuditAction, AuditSource
from talk_calls.reports import statistics
from talk_calls.reports.statistics import summaries
from talk_calls.services import retention
from talk_calls.services.retention import Deleted, Horizon
from tests.factories import AttendeeFactory, ConversationFactory, SessionFactory, UserFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

DAYS = 30


@pytest.fixture(autouse=True)
def _keeps_a_month(settings):
    settings.TALK_CALLS = {"HISTORY_DAYS": DAYS}


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def make_call(days: float, *, legs: int = 2, hours: float = 0.5, room=None, **fields) -> Call:
    """Make a call that ended so many days ago, with its message and an audit entry."""
    end = ago(days)
    room = room or ConversationFactory()
    start = end - timedelta(hours=hours)
    call = Call.objects.create(
        conversation=room, started_at=start, ended_at=end, end_reason="left", **fields
    )
    for number in range(legs):
        CallLeg.objects.create(
            call=call,
            actor_type="guests",
            actor_id=f"guest{number}",
            session_key=f"{call.pk:016}{number:016}",
            joined_at=start,
            left_at=end,
            reason="left",
            flags=1,
        )
    SystemMessage.objects.create(conversation=room, kind=SystemMessageKind.CALL_ENDED, at=end)
    AuditEntry.objects.create(at=end, action=AuditAction.CALL_ENDED, source=AuditSource.API)
    return call


def sweep(capsys, *options: str) -> dict[str, int]:
    """Return what ``talk_sweep`` did of what is tested here."""
    call_command("talk_sweep", "--json", *options)
    counts = json.loads(capsys.readouterr().out)
    return {name: n for name, n in counts.items() if n and name.startswith(("old_", "days_f"))}


def horizon() -> Horizon:
    """Summarise and finalize; return what may be deleted then."""
    now = timezone.now()
    summaries.catch_up(now=now, limit=None)
    first_day = retention.first_day_kept(now)
    statistics.finalize(first_day, now=now)
    return Horizon(first_day, statistics.final_days().end)


def test_a_sweep(capsys):
    """It deletes what is older, says so before and afterwards, and finds nothing again."""
    old, new = make_call(DAYS + 2), make_call(DAYS - 2)
    call_command("talk_statistics", "--rebuild")
    capsys.readouterr()
    expected = {
        "old_calls_deleted": 1,
        "old_legs_deleted": 2,
        "old_messages_deleted": 1,
        "old_entries_deleted": 1,
    }
    assert expected.items() <= sweep(capsys, "--dry-run").items()
    assert Call.objects.count() == 2
    counts = sweep(capsys)
    assert expected.items() <= counts.items()
    assert counts["days_finalized"] in (1, 2, 3)  # the hour, and clocks, matter
    assert list(Call.objects.all()) == [new]
    assert set(CallLeg.objects.values_list("call", flat=True)) == {new.pk}
    assert SystemMessage.objects.get().conversation == new.conversation
    assert AuditEntry.objects.get().at == new.ended_at
    assert sweep(capsys) == {}
    assert old.conversation.calls.count() == 0


def test_for_ever(settings, capsys):
    """Without the setting everything stays, also what a day was made final for before."""
    make_call(DAYS + 2)
    make_call(DAYS + 1, resumes=make_call(DAYS + 1))
    settings.TALK_CALLS = {}
    assert sweep(capsys, "--dry-run") == sweep(capsys) == {}
    horizon_before = statistics.final_days()
    statistics.finalize(timezone.localdate(ago(DAYS)), now=timezone.now())
    assert sweep(capsys) == {}
    assert horizon_before.last is None
    assert Call.objects.count() == 3


def test_a_longer_time(settings, capsys):
    """What is left of final days stays if the site decides to keep more."""
    make_call(DAYS + 2)
    horizon()
    settings.TALK_CALLS = {"HISTORY_DAYS": 10 * DAYS}
    assert sweep(capsys) == {}
    assert Call.objects.exists()


def test_whole_days(settings, capsys):
    """The first day that is kept is kept from its first second, by the site's time zone."""
    settings.TIME_ZONE = "Asia/Kolkata"
    with timezone.override("Asia/Kolkata"):
        first_day = retention.first_day_kept(timezone.now())
        assert first_day == timezone.localdate() - timedelta(days=DAYS)
        midnight = timezone.make_aware(datetime.combine(first_day, datetime.min.time()))
        calls = [make_call(0) for _ in range(2)]
        for call, seconds in zip(calls, (-1, 0), strict=True):
            moment = midnight + timedelta(seconds=seconds)
            call.legs.update(joined_at=moment, left_at=moment)
            Call.objects.filter(pk=call.pk).update(started_at=moment, ended_at=moment)
            SystemMessage.objects.filter(conversation=call.conversation).update(at=moment)
        counts = sweep(capsys)
        assert list(Call.objects.all()) == calls[1:]
        assert (counts["old_messages_deleted"], counts["days_finalized"]) == (1, 1)


def test_a_call_across_the_horizon(capsys):
    """It stays as a whole until it ended too long ago, while its first days are final."""
    call = make_call(DAYS - 0.5, hours=72)
    sweep(capsys)
    assert call.legs.count() == 2
    assert DaySummary.objects.final().exists()


def test_a_call_that_goes_on(capsys):
    """However long ago it began; and all days since then are kept."""
    room = ConversationFactory()
    attendee = AttendeeFactory(conversation=room, user=UserFactory())
    session = SessionFactory(attendee=attendee, in_call=7)
    going_on = Call.objects.create(conversation=room, started_at=ago(DAYS + 10))
    CallLeg.objects.create(
        call=going_on,
        user=attendee.user,
        actor_type="users",
        actor_id="someone",
        session_key=session.key,
        joined_at=going_on.started_at,
        flags=1,
    )
    make_call(DAYS + 20)
    make_call(DAYS + 5)
    assert sweep(capsys)["old_calls_deleted"] == 1
    assert Call.objects.filter(ended_at=None).get().legs.count() == 1
    assert Call.objects.count() == 2


def test_calls_that_others_resumed(capsys):
    """A call stays as long as one that resumed it; then a whole chain goes."""
    first = make_call(DAYS + 3)
    second = make_call(DAYS + 3, resumes=first, room=first.conversation)
    third = make_call(DAYS - 1, resumes=second, room=first.conversation)
    assert "old_calls_deleted" not in sweep(capsys)
    assert Call.objects.get(pk=third.pk).resumes == second
    Call.objects.filter(pk=third.pk).update(started_at=ago(DAYS + 2), ended_at=ago(DAYS + 2))
    third.legs.update(joined_at=ago(DAYS + 2), left_at=ago(DAYS + 2))
    assert sweep(capsys)["old_calls_deleted"] == 3


def test_small_batches(monkeypatch):
    """Each transaction deletes few rows, but a call with all of its legs; there is progress."""
    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(retention, "LEGS", 5)
    for legs in (2, 2, 2, 9, 1, 1, 1, 0):
        make_call(DAYS + 2, legs=legs)
    batches: list[int] = []

    def forget(instance, origin, **kwargs) -> None:
        batches.append(id(origin))

    pre_delete.connect(forget, sender=Call)
    steps: list[tuple[int, int]] = []
    try:
        deleted = retention.delete(horizon(), progress=lambda *step: steps.append(step))
    finally:
        pre_delete.disconnect(forget, sender=Call)
    assert deleted == Deleted(calls=8, legs=18, messages=8, entries=8)
    assert not CallLeg.objects.exists()
    assert len(batches) == 8  # receivers of the site learn of each call
    assert steps[0] == (2, 24)
    assert steps[-1] == (24, 24)
    assert len(steps) >= 4 + 3 + 3


def test_killed(monkeypatch):
    """What was committed is gone, the rest is as it was, and the next sweep goes on."""
    monkeypatch.setattr(retention, "BATCH", 3)
    for _ in range(8):
        make_call(DAYS + 2)
    far = horizon()

    def killed(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retention.delete(far, progress=killed)
    assert (Call.objects.count(), CallLeg.objects.count()) == (5, 10)
    assert retention.delete(far) == Deleted(calls=5, legs=10, messages=8, entries=8)


def test_nothing_follows_in_statistics(capsys):
    """No day is marked as stale, so none is counted again."""
    make_call(DAYS + 2)
    sweep(capsys)
    assert not DaySummary.objects.filter(is_stale=True).exists()
    assert not PersonDay.objects.filter(day__is_final=True).exists()
    make_call(DAYS + 2).delete()
    assert not DaySummary.objects.filter(is_stale=True).exists()


def test_what_is_no_history_stays(capsys):
    """People, conversations and bans are kept, however old."""
    room = ConversationFactory(created_at=ago(1000), last_activity_at=ago(1000))
    attendee = AttendeeFactory(conversation=room, created_at=ago(1000))
    ban = Ban.objects.create(
        conversation=room, user=UserFactory(), actor_type="users", created_at=ago(1000)
    )
    sweep(capsys)
    attendee.refresh_from_db()
    ban.refresh_from_db()


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_a_conversation_whose_chat_is_gone(version, capsys):
    """Clients that remember old messages find none before, and get what comes after."""
    room = ConversationFactory()
    owner = arrive("owner", room, version=version)
    make_call(DAYS + 2, room=room)
    known = SystemMessage.objects.get().pk
    before = owner.room("get").data
    assert before["lastMessage"]["id"] == before["lastReadMessage"] == known
    sweep(capsys)
    after = owner.room("get").data
    assert (after["lastMessage"], after["lastReadMessage"], after["unreadMessages"]) == ([], 0, 0)
    chat = type(owner.device)(
        version="v1", username=owner.device.username, password=owner.device.password
    )
    path = f"chat/{room.token}"
    for query in (
        {"lookIntoFuture": 0},
        {"lookIntoFuture": 0, "lastKnownMessageId": known, "includeLastKnown": 1},
        {"lookIntoFuture": 1, "lastKnownMessageId": known, "timeout": 0},
    ):
        assert chat.get(path, query).http == 304, query
    assert chat.get(f"{path}/{known}/context").http == 304
    read = chat.post(f"{path}/read", {"lastReadMessage": known})
    assert (read.http, read.response["X-Chat-Last-Common-Read"]) == (200, "0")
    assert owner.room("put", "", {"roomName": "Renamed"}).http == 200
    news = chat.get(path, {"lookIntoFuture": 1, "lastKnownMessageId": known, "timeout": 0})
    assert [message["systemMessage"] for message in news.data] == ["conversation_renamed"]
    assert owner.room("get").data["lastReadMessage"] == news.data[0]["id"] > known


def test_reports_of_what_is_gone(client, capsys):
    """They answer as for what never was; what is kept is shown as ever."""
    room = ConversationFactory()
    old = make_call(DAYS + 2, room=room)
    new = make_call(DAYS - 1, room=room, resumes=None)
    gone = make_call(DAYS + 2)
    sweep(capsys)
    root = UserFactory(username="root", is_staff=True, is_superuser=True)
    client.force_login(root)
    for page in ("", "statistics/?days=365", f"statistics/?days=365&token={room.token}"):
        assert client.get(f"/admin/talk_calls/call/{page}").status_code == 200, page
    assert client.get(f"/admin/talk_calls/call/{new.pk}/change/").status_code == 200
    assert client.get(f"/admin/talk_calls/call/{old.pk}/change/").status_code == 302
    assert client.get(f"/admin/talk_calls/conversation/{room.pk}/change/").status_code == 200
    call_command("talk_history", "--since", "365d", "--json")
    assert [row["id"] for row in json.loads(capsys.readouterr().out)["list"]] == [new.pk]
    call_command("talk_history", "--conversation", gone.conversation.token)
    for lost in (str(old.pk), gone.conversation.token):
        with pytest.raises(CommandError):
            call_command("talk_call", lost)
    call_command("talk_call", room.token)
    call_command("talk_why", room.token, "--guest")
    call_command("talk_audit", "--json")
    answers = [
        arrive("owner", each, version="v4").call("get", path="/download")
        for each in (gone.conversation, ConversationFactory())
    ]
    assert answers[0].whole == answers[1].whole


def test_the_page_says_what_is_missing(client, capsys):
    """Sums are shown, and who they were is not known any more."""
    make_call(DAYS + 5)
    make_call(DAYS + 2)
    make_call(1)
    sweep(capsys)
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    kept = statistics.final_days().next
    html = client.get("/admin/talk_calls/call/statistics/?days=365").content.decode()
    assert f"Calls before {kept:%Y-%m-%d} are deleted." in html
    assert "<dt>Different people</dt>\n    <dd>–</dd>" in html
    html = client.get("/admin/talk_calls/call/statistics/?days=7").content.decode()
    assert "are deleted" not in html
    days = json.loads(
        client.get("/admin/talk_calls/call/statistics/?days=365&format=json").content
    )["days"]
    assert sum(day["participants"] for day in days) == 6 + _past_midnight()


def _past_midnight() -> int:
    """Return how many more people count because a call of half an hour went past midnight."""
    return 2 * sum(
        timezone.localdate(end - timedelta(hours=0.5)) != timezone.localdate(end)
        for end in (ago(DAYS + 5), ago(DAYS + 2), ago(1))
    )


def test_days_before_the_first(capsys):
    """A day is final only once all before it are summarised."""
    make_call(DAYS + 100)
    make_call(DAYS + 2)
    assert sweep(capsys).get("old_calls_deleted", 0) == 0  # 70 days in one pass, the newest first
    assert sweep(capsys)["old_calls_deleted"] == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_several_sweepers():
    """They share the work and fail at nothing."""
    for _ in range(120):
        make_call(DAYS + 2)
    far = horizon()

    def run(_: int) -> Deleted:
        try:
            return retention.delete(far)
        finally:
            connection.close()

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(4) as pool:
        patch.setattr(retention, "BATCH", 7)
        total = sum(pool.map(run, range(4)), Deleted())
    assert total + retention.delete(far) == Deleted(calls=120, legs=240, messages=120, entries=120)
    assert not CallLeg.objects.exists()


def test_first_day_kept(settings):
    """None without the setting."""
    now = datetime(2026, 3, 1, 12, tzinfo=timezone.get_default_timezone())
    assert retention.first_day_kept(now) == date(2026, 1, 30)
    settings.TALK_CALLS = {}
    assert retention.first_day_kept(now) is None

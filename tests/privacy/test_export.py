"""An export has everything about a person, and nothing of others that they could not see."""

import json
import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from talk_calls.models import Attendee, Call, Conversation, Session
from talk_calls.privacy import holdings
from talk_calls.privacy.export import export
from talk_calls.privacy.registry import HOLDINGS
from tests.factories import UserFactory
from tests.privacy.conftest import KEY

pytestmark = pytest.mark.django_db


def exported(user) -> dict:
    return json.loads("".join(export(user)))


def test_everything(life):
    """Each record of the registry is there; before and after the renaming."""
    facts = exported(life.anna)
    assert facts["version"] == 1
    assert [each["id"] for each in facts["person"]["user_ids"]] == ["anna", "annika"]
    assert {name for name, rows in facts["records"].items() if not rows} == set()
    assert facts["records"].keys() == {holding.name for holding in HOLDINGS}
    actions = {entry["action"] for entry in facts["records"]["audit_entries"]}
    assert {"conversation_created", "banned", "promoted"} <= actions


def test_no_secrets(life):
    """Neither ids of sessions nor hashes, nor notes that moderators wrote for each other."""
    text = "".join(export(life.anna))
    for session_id in Session.objects.values_list("session_id", flat=True):
        assert session_id not in text
    assert "shouts" not in text
    assert "digest" not in text
    [ban, _] = exported(life.anna)["records"]["bans"]
    assert (ban["has_internal_note"], ban["shown_note"]) == (True, "anna")


def test_present_names_are_for_members(life):
    """Who left a conversation, or was thrown out, learns nothing of what it is called now."""
    left, own = life.rooms["other"], life.rooms["own"]
    Attendee.objects.filter(conversation__token=left, user=life.anna).delete()
    Attendee.objects.filter(conversation__token=left, actor_type="emails").delete()
    Conversation.objects.filter(token=left).update(name="Closing of the plant")
    Conversation.objects.filter(token=own).update(name="Still hers")
    Call.objects.filter(conversation__token=left).update(rung=[str(KEY)])
    records = exported(life.anna)["records"]
    assert "Closing of the plant" not in str(records)
    for name in ("bans_made", "calls", "messages", "memberships"):
        named = [row["conversation"] for row in records[name]]
        assert {"token": own, "name": "Still hers"} in named
    for name in ("bans", "calls", "messages"):
        assert {"token": left} in [row["conversation"] for row in records[name]]


def test_nobody_else(life):
    """Somebody who did nothing has empty lists."""
    facts = exported(UserFactory(username="dora"))
    assert {name for name, rows in facts["records"].items() if rows} == set()


def test_the_same_each_time_and_in_any_batches(life, monkeypatch):
    once = "".join(export(life.anna))
    monkeypatch.setattr(holdings, "BATCH", 2)
    assert "".join(export(life.anna)) == once


def test_command(life, tmp_path):
    """It writes to standard output, or to a new file that only its owner reads."""
    out = StringIO()
    call_command("talk_export_user", "annika", stdout=out)
    assert json.loads(out.getvalue()) == exported(life.anna)
    path = tmp_path / "annika.json"
    call_command("talk_export_user", "annika", output=str(path))
    assert path.read_text() == out.getvalue()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("talk_export_user", "annika", output=str(path))


def test_half_a_file_does_not_stay(life, tmp_path, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr(HOLDINGS[-1].__class__, "facts", fail)
    path = tmp_path / "annika.json"
    with pytest.raises(RuntimeError):
        call_command("talk_export_user", "annika", output=str(path))
    assert not path.exists()


def test_deactivated_and_unknown(db):
    user = UserFactory(username="dora", is_active=False)
    call_command("talk_export_user", "dora", stdout=StringIO())
    user.delete()
    with pytest.raises(CommandError, match="no user 'dora'"):
        call_command("talk_export_user", "dora")

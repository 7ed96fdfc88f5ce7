"""``manage.py talk_why`` as operators and scripts run it."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from talk_calls.constants import ConversationType, ParticipantType, ReadOnly
from talk_calls.host.policy import HostPolicy
from tests.factories import ConversationFactory, GuestFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    return ConversationFactory(token="standup")


@pytest.fixture
def alice(conversation):
    return SessionFactory(attendee__conversation=conversation, attendee__user__username="alice")


def lock(conversation):
    conversation.read_only = ReadOnly.READ_ONLY
    conversation.save()


def test_they_can(alice, capsys):
    """One sentence, and the steps; exit code 0."""
    call_command("talk_why", "standup", "alice", "--action", "start")
    assert capsys.readouterr().out.splitlines() == [
        "alice can start a call; nobody is in one now.",
        "",
        "Start a call (v1, v2, v3, v4): allowed",
        "  + passed   The site's directory lets this user use Talk.",
        "  + passed   The site offers calls.",
        "  + passed   They belong to the conversation (user).",
        "  + passed   The conversation is not locked.",
        "  + passed   There is no lobby.",
        "  + passed   Joining takes no consent to be recorded.",
        "  + passed   They are in the conversation with a device that pinged 0 s ago.",
        "  + passed   They may start a call.",
    ]


class NobodyLeads(HostPolicy):
    """A site where nobody moderates, and nobody starts calls."""

    def may_moderate(self, user, conversation):
        return False

    def may_start_call(self, user, conversation):
        return False


def test_policy_of_the_site(alice, capsys, settings):
    """The hooks of the site's policy are steps, and the last one is the reason."""
    settings.TALK_CALLS = {"POLICY": f"{__name__}.NobodyLeads"}
    alice.attendee.participant_type = ParticipantType.OWNER
    alice.attendee.save()
    with pytest.raises(SystemExit):
        call_command("talk_why", "standup", "alice", "--action", "start")
    policy = f"policy ({__name__}.NobodyLeads"
    reason = (
        f"site's {policy}.may_start_call) does not let them start a call, and none is running. "
        "They can join once somebody started one."
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"alice cannot start a call: the {reason}"
    assert (
        f"  - lowered  The site's {policy}.may_moderate) does not let this owner moderate; they "
        "count as without it."
    ) in lines
    assert lines[-1] == f"  x refused  The {reason}"


class FewPublicRooms(HostPolicy):
    """A site with a say about everything but calls."""

    def may_create(self, user, conversation_type):
        return conversation_type != ConversationType.PUBLIC

    def may_make_public(self, user, conversation):
        return user is None


def test_policy_besides_calls(alice, capsys, settings):
    """What else the policy answers about a user stands at the end, also for scripts."""
    settings.TALK_CALLS = {"POLICY": f"{__name__}.FewPublicRooms"}
    call_command("talk_why", "standup", "alice", "--action", "leave")
    policy = f"The site's policy ({__name__}.FewPublicRooms"
    lines = capsys.readouterr().out.splitlines()
    assert lines[lines.index("What the site's policy answers besides") + 1 :] == [
        f"  + passed   {policy}.may_create) lets them create conversations of type one-to-one.",
        f"  + passed   {policy}.may_create) lets them create conversations of type group.",
        f"  x refused  {policy}.may_create) does not let them create conversations of type public.",
        f"  x refused  {policy}.may_make_public) does not let them open this conversation to the "
        "public, should they moderate it.",
    ]
    call_command("talk_why", "standup", "alice", "--json")
    facts = json.loads(capsys.readouterr().out)
    assert [(each["rule"], each["code"]) for each in facts["policy"]] == [
        ("policy_may_create", ""),
        ("policy_may_create", ""),
        ("policy_may_create", "create"),
        ("policy_may_make_public", "public"),
    ]
    call_command("talk_why", "standup", "--guest", "--json", "--action", "enter")
    assert json.loads(capsys.readouterr().out)["policy"] == []


def test_they_cannot(alice, conversation, capsys):
    """A refusal is an answer: exit code 1, and no error."""
    lock(conversation)
    with pytest.raises(SystemExit) as exit_:
        call_command("talk_why", "standup", "alice", "--action", "list")
    assert exit_.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        "alice cannot start a call: the conversation is locked, and moderators are not exempt; a "
        "moderator can unlock it.",
        "",
        'List who is in the call (v1, v2, v3, v4): refused, clients get "read-only"',
        "  + passed   The site's directory lets this user use Talk.",
        "  + passed   The site offers calls.",
        "  + passed   They belong to the conversation (user).",
        "  x refused  The conversation is locked, and moderators are not exempt; a moderator can "
        "unlock it.",
        "    not asked after that: the lobby",
    ]


def test_version_counts(alice, capsys, settings):
    """Apps of v1 to v3 cannot send the consent, one of v4 can."""
    settings.TALK_CALLS = {"RECORDING_CONSENT": "yes"}
    call_command("talk_why", "standup", "alice")
    with pytest.raises(SystemExit):
        call_command("talk_why", "standup", "alice", "--api", "v2")


def test_json_about_a_guest(conversation, capsys):
    """The JSON has everything that is printed."""
    call_command("talk_why", "standup", "--guest", "--action", "leave", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "conversation": "standup",
        "actor": "A guest",
        "has_call": False,
        "can": True,
        "verdict": "A guest can start a call; nobody is in one now. They are not in the "
        "conversation yet; their app enters it first.",
        "note": "",
        "decisions": [
            {
                "action": "leave",
                "versions": ["v4"],
                "applies": True,
                "allowed": False,
                "code": "no-conversation",
                "steps": [
                    {
                        "rule": "is_participant",
                        "outcome": "refused",
                        "says": "They do not belong to the conversation, as far as its call is "
                        "concerned: they have to enter it first.",
                        "code": "no-conversation",
                    }
                ],
                "not_asked": ["has_session"],
            }
        ],
        "policy": [],
    }


def test_attendee_with_a_name_of_their_own_choice(conversation, capsys):
    """What somebody calls themselves does not move the cursor of a terminal."""
    guest = GuestFactory(conversation=conversation, display_name="Ann\x1b[2J")
    call_command("talk_why", "standup", "--attendee", str(guest.pk))
    assert capsys.readouterr().out.startswith("Ann[2J can start a call")


@pytest.mark.parametrize(
    "arguments",
    [["nowhere", "--guest"], ["standup", "nobody"], ["standup", "--attendee", "99999"]],
)
def test_nobody_to_ask_about(conversation, arguments):
    """An unknown conversation, user or attendee is an error, with exit code 2."""
    with pytest.raises(CommandError) as error:
        call_command("talk_why", *arguments)
    assert error.value.returncode == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("who", "code", "sentence"),
    [
        ("alice", 0, "alice can start a call; nobody is in one now."),
        ("bob", 2, "There is no active user 'bob'."),
    ],
)
def test_as_a_process(alice, who, code, sentence):
    """What a script finds: an exit code, an answer on one stream or an error on the other."""
    process = subprocess.run(  # noqa: S603 -- ourselves
        [sys.executable, "-m", "django", "talk_why", "standup", who],
        env={
            **os.environ,
            "PYTHONPATH": os.getcwd(),
            "DJANGO_SETTINGS_MODULE": "tests.health.settings",
            "HEALTH_DATABASE": str(connection.settings_dict["NAME"]),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == code
    assert sentence in (process.stderr if code else process.stdout).splitlines()[0]
    assert not (process.stdout if code else process.stderr)

"""Calls for the objects of a site: everything that a host's code imports (docs/rooms.md).

A room is a ``Conversation``. That of an object has the members and roles that the site gives it,
and follows them, if a class is registered for the model::

    from talk_calls import rooms

    @rooms.register(Project)
    class ProjectRoom(rooms.ModelRoom):
        follow = ("members",)

        def members(self, obj):
            return obj.members.all()

    room = rooms.room_for(project)

Names that are not in ``__all__`` are internal.
"""

from talk_calls.constants import Allow, ConversationType
from talk_calls.constants import ParticipantType as Role
from talk_calls.exceptions import TalkError
from talk_calls.models import Attendee, Call, Conversation
from talk_calls.reports.attendance import Attendance
from talk_calls.rooms.calls import (
    announced_to,
    attendance,
    current_call,
    is_in_call,
    past_calls,
    people_in_call,
    people_in_calls,
    ring,
    url,
)
from talk_calls.rooms.model_room import ModelRoom, OnDelete
from talk_calls.rooms.objects import (
    delete,
    find_room,
    object_of,
    room_for,
    sync,
    sync_object,
    unlink,
)
from talk_calls.rooms.registration import register, unregister
from talk_calls.services.creation import create
from talk_calls.signals import (
    CallEnded,
    CallJoined,
    CallLeft,
    CallMissed,
    CallRang,
    CallStarted,
    call_ended,
    call_joined,
    call_left,
    call_missed,
    call_rang,
    call_started,
)

__all__ = [
    "Allow",
    "Attendance",
    "Attendee",
    "Call",
    "CallEnded",
    "CallJoined",
    "CallLeft",
    "CallMissed",
    "CallRang",
    "CallStarted",
    "Conversation",
    "ConversationType",
    "ModelRoom",
    "OnDelete",
    "Role",
    "TalkError",
    "announced_to",
    "attendance",
    "call_ended",
    "call_joined",
    "call_left",
    "call_missed",
    "call_rang",
    "call_started",
    "create",
    "current_call",
    "delete",
    "find_room",
    "is_in_call",
    "object_of",
    "past_calls",
    "people_in_call",
    "people_in_calls",
    "register",
    "ring",
    "room_for",
    "sync",
    "sync_object",
    "unlink",
    "unregister",
    "url",
]

"""Sentences for operators: why a rule passed or refused, and what would change it."""

from collections.abc import Callable, Sequence

from talk_calls import names, policies
from talk_calls.conf import conf
from talk_calls.constants import ActorType, Allow, Permission, StartCalls
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.policies import Situation
from talk_calls.reports.formatting import minute_text

MAY_USE_TALK = "The site's directory lets this user use Talk."
MAY_NOT_USE_TALK = (
    "The site's directory does not let this user use Talk at all; see may_use_talk of "
    'TALK_CALLS["DIRECTORY"].'
)
OTHER_DEVICE = (
    "Another device of theirs is in the call; it leaves if they confirm that they want to go on "
    "on this one."
)

#: Names of rules, for the list of those that are not asked after a refusal.
NAMES = {
    "may_use_talk": "the site's directory",
    "calls_are_enabled": "calls on this site",
    "is_visible": "being let in",
    "is_not_banned": "bans",
    "has_room": "the number of people",
    "password": "the password",
    "other_device": "their other device",
    "is_participant": "belonging to the conversation",
    "is_writable": "the lock",
    "is_past_lobby": "the lobby",
    "has_consent": "the consent to be recorded",
    "has_session": "being in the conversation with a device",
    "may_start_call": "the right to start a call",
    "policy_may_start_call": "the site's policy",
}


def of_rule(rule: policies.Rule, situation: Situation, *, refused: bool) -> str:
    """Return the sentence for a rule that passed or refused."""
    passed_text, refused_text = _SENTENCES[rule]
    return (refused_text if refused else passed_text)(situation)


def verdict(
    name: str, refusal: str | None, conditions: Sequence[str], *, has_call: bool, enters: bool
) -> str:
    """Return one paragraph that answers "Can they join now?".

    ``refusal`` is the explanation of a rule that refuses, or None. ``conditions`` are those of
    rules that depend on what the app sends. ``enters`` is whether they must enter first.
    """
    name = names.isolated(name)
    what = "join the running call" if has_call else "start a call; nobody is in one now"
    if refusal is not None:
        what = "join" if has_call else "start a call"
        return f"{name} cannot {what}: {_lowered(refusal)}"
    entering = ["They are not in the conversation yet; their app enters it first."]
    return " ".join([f"{name} can {what}.", *(entering if enters else ()), *conditions])


def note(attendee: Attendee | None, situation: Situation) -> str:
    """Return a remark on an attendee who would come back as somebody else; else empty."""
    if attendee is None or situation.attendee is not None:
        return ""
    if attendee.actor_type == ActorType.EMAILS:
        return "People who were invited by e-mail come in as guests, by the link they got."
    return (
        "Guests are known by their session, and theirs is gone: they come in as a new guest, "
        "without the role they had."
    )


def visible(conversation: Conversation, attendee: Attendee | None) -> str:
    """Return why the conversation can be seen."""
    if attendee is not None:
        return f"They belong to the conversation ({_role(attendee)})."
    if conversation.is_public:
        return "The conversation is public, so everybody with its link may enter."
    return "The conversation is listed for all users of the site."


def not_visible(conversation: Conversation, user: HostUser | None) -> str:
    """Return why somebody cannot see it, and what would change that; None is a guest."""
    if user is None:
        return "The conversation is not public: nobody comes in without an account."
    if str(user.pk) in conversation.pair:
        return (
            "They left this one-to-one conversation, or did not join it yet; the next call of the "
            "other one brings them in."
        )
    if conversation.is_one_to_one:
        return "The conversation is between two other people."
    if policies.link_refuses(conversation, Allow.OUTSIDERS):
        return (
            "They do not belong to the conversation; who does, is decided by the object of the "
            f"site to which it is linked ({conversation.linked_model} {conversation.linked_pk})."
        )
    return (
        "They do not belong to the conversation, and it is neither public nor listed for them; a "
        "moderator has to add them."
    )


#: What the hooks of the site's policy are asked about that is no part of a call.
ASKED = {
    "may_create": "create conversations of type {kind}",
    "may_make_public": "open this conversation to the public, should they moderate it",
    "may_make_listable": "list this conversation, should they moderate it",
}


def of_policy(hook: str, *, refused: bool, kind: str = "") -> str:
    """Return what a hook of the site's policy answers; ``kind`` is a type of conversation."""
    lets = "does not let" if refused else "lets"
    return f"{_policy(hook)} {lets} them {ASKED[hook].format(kind=kind)}."


def moderating(attendee: Attendee, *, lowered: bool) -> str:
    """Return whether the site's policy lets a moderator moderate."""
    policy = _policy("may_moderate")
    if lowered:
        return f"{policy} does not let this {_role(attendee)} moderate; they count as without it."
    return f"{policy} lets this {_role(attendee)} moderate."


def password(conversation: Conversation, *, asks: bool) -> str:
    """Return whether they are asked for a password, and why."""
    if asks:
        return "They have to know the conversation's password."
    if conversation.password and conversation.is_public:
        return "The conversation has a password; members who were invited are not asked for it."
    return "The conversation has no password."


def full() -> str:
    """Return why nobody else may come."""
    return (
        f"{conf.max_participants} people came or were invited, and no more may: see "
        'TALK_CALLS["MAX_PARTICIPANTS"].'
    )


def _calls_disabled(situation: Situation) -> str:
    return 'The site offers no calls: TALK_CALLS["START_CALLS"] is "no one".'


def _not_banned(situation: Situation) -> str:
    if situation.attendee is not None:
        return "They belong to the conversation, and whoever is banned does not."
    return (
        "They are not banned. Without an account, browsers and addresses are banned, which nobody "
        "knows before they come."
    )


def _banned(situation: Situation) -> str:
    return "They are banned from the conversation until a moderator lifts the ban."


def _participant(situation: Situation) -> str:
    assert situation.attendee is not None  # noqa: S101 -- the rule passed
    return f"They belong to the conversation ({_role(situation.attendee)})."


def _locked(situation: Situation) -> str:
    if situation.conversation.is_former:
        return "The account of the other one is deleted; nobody calls here any more."
    return "The conversation is locked, and moderators are not exempt; a moderator can unlock it."


def _lobby_passed(situation: Situation) -> str:
    if situation.conversation.has_lobby(situation.now):
        assert situation.attendee is not None  # noqa: S101 -- nobody else passes
        moderates = policies.moderates(situation.conversation, situation.attendee)
        why = "moderates" if moderates else "has the permission to pass"
        return f"The lobby is up, and this attendee {why}."
    if situation.conversation.lobby_timer is not None and situation.conversation.lobby_state:
        return f"The lobby is down since {_time(situation.conversation)}."
    return "There is no lobby."


def _lobby_refused(situation: Situation) -> str:
    timed = situation.conversation.lobby_timer is not None
    until = _time(situation.conversation) if timed else "a moderator takes it down"
    return f"The lobby is up until {until}; moderators pass."


def _consent_passed(situation: Situation) -> str:
    if policies.needs_consent(situation.conversation):
        return "Joining takes the consent to be recorded; their app is assumed to ask and send it."
    return "Joining takes no consent to be recorded."


def _consent_refused(situation: Situation) -> str:
    return (
        "Joining takes the consent to be recorded, and apps that speak v1 to v3 cannot send it; "
        "a newer app can."
    )


def _session_passed(situation: Situation) -> str:
    assert situation.session is not None  # noqa: S101 -- the rule passed
    age = (situation.now - situation.session.last_ping).total_seconds()
    return f"They are in the conversation with a device that pinged {max(0, int(age))} s ago."


def _session_refused(situation: Situation) -> str:
    return "They are not in the conversation with any device; entering it, as apps do, gives one."


def _start_passed(situation: Situation) -> str:
    if situation.has_call:
        return "A call is running, and joining one takes no permission."
    return "They may start a call."


def _start_refused(situation: Situation) -> str:
    attendee = situation.require_attendee()
    if not situation.may(Permission.START_CALL):
        return (
            "No call is running, and their permissions do not include starting one. They can join "
            "once somebody did."
        )
    if not policies.has_role_to_start_calls(situation.conversation, attendee):
        who = {StartCalls.USERS: "people with an account", StartCalls.MODERATORS: "moderators"}
        return (
            f'No call is running, and TALK_CALLS["START_CALLS"] lets only {who[conf.start_calls]} '
            "start one. They can join once somebody did."
        )
    groups = ", ".join(map(names.isolated, conf.start_calls_groups))
    return (
        'No call is running, and TALK_CALLS["START_CALLS_GROUPS"] lets only members of these '
        f"groups start one: {groups}. They can join once somebody did."
    )


def _policy_start_passed(situation: Situation) -> str:
    if situation.has_call:
        return f"{_policy('may_start_call')} is not asked while a call is running."
    return f"{_policy('may_start_call')} lets them start a call."


def _policy_start_refused(situation: Situation) -> str:
    return (
        f"{_policy('may_start_call')} does not let them start a call, and none is running. They "
        "can join once somebody started one."
    )


_Sentence = Callable[[Situation], str]

#: For each rule the sentence if it passed, and the one if it refused.
_SENTENCES: dict[policies.Rule, tuple[_Sentence, _Sentence]] = {
    policies.calls_are_enabled: (lambda _: "The site offers calls.", _calls_disabled),
    policies.is_not_banned: (_not_banned, _banned),
    policies.is_participant: (
        _participant,
        lambda _: (
            "They do not belong to the conversation, as far as its call is concerned: they "
            "have to enter it first."
        ),
    ),
    policies.is_writable: (
        lambda _: "The conversation is not locked.",
        _locked,
    ),
    policies.is_past_lobby: (_lobby_passed, _lobby_refused),
    policies.has_consent: (_consent_passed, _consent_refused),
    policies.has_session: (_session_passed, _session_refused),
    policies.may_start_call: (_start_passed, _start_refused),
    policies.policy_may_start_call: (_policy_start_passed, _policy_start_refused),
}


def _policy(hook: str) -> str:
    """Return what names a hook of the site's policy at the beginning of a sentence."""
    return f"The site's policy ({policies.hook_path(hook)})"


def _role(attendee: Attendee) -> str:
    return str(attendee.get_participant_type_display()).lower()


def _time(conversation: Conversation) -> str:
    assert conversation.lobby_timer is not None  # noqa: S101 -- callers check it
    return minute_text(conversation.lobby_timer)


def _lowered(sentence: str) -> str:
    """Return a sentence as it is after a colon. No refusal begins with a name."""
    return sentence[0].lower() + sentence[1:]

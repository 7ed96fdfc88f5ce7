"""Sentences for operators: why a rule passed or refused, and what would change it."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls import names, policies
from talk_calls.conf import conf
from talk_calls.constants import ActorType, Allow, Permission, StartCalls
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.policies import Situation
from talk_calls.reports.formatting import in_sentence, minute_text

MAY_USE_TALK = _("The site's directory lets this user use Talk.")
MAY_NOT_USE_TALK = _(
    "The site's directory does not let this user use Talk at all; see may_use_talk of "
    'TALK_CALLS["DIRECTORY"].'
)
OTHER_DEVICE = _(
    "Another device of theirs is in the call; it leaves if they confirm that they want to go on "
    "on this one."
)

#: Names of rules, for the list of those that are not asked after a refusal.
NAMES = {
    "may_use_talk": _("the site's directory"),
    "calls_are_enabled": _("calls on this site"),
    "is_visible": _("being let in"),
    "is_not_banned": _("bans"),
    "has_room": _("the number of people"),
    "password": _("the password"),
    "other_device": _("their other device"),
    "is_participant": _("belonging to the conversation"),
    "is_writable": _("the lock"),
    "is_past_lobby": _("the lobby"),
    "has_consent": _("the consent to be recorded"),
    "has_session": _("being in the conversation with a device"),
    "may_start_call": _("the right to start a call"),
    "policy_may_start_call": _("the site's policy"),
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
    if refusal is not None:
        no = _("{name} cannot join: {why}") if has_call else _("{name} cannot start a call: {why}")
        return no.format(name=name, why=_lowered(refusal))
    yes = (
        _("{name} can join the running call.")
        if has_call
        else _("{name} can start a call; nobody is in one now.")
    )
    entering = [_("They are not in the conversation yet; their app enters it first.")]
    sentences = [yes.format(name=name), *(entering if enters else ()), *conditions]
    return " ".join(map(str, sentences))


def note(attendee: Attendee | None, situation: Situation) -> str:
    """Return a remark on an attendee who would come back as somebody else; else empty."""
    if attendee is None or situation.attendee is not None:
        return ""
    if attendee.actor_type == ActorType.EMAILS:
        return gettext("People who were invited by e-mail come in as guests, by the link they got.")
    return gettext(
        "Guests are known by their session, and theirs is gone: they come in as a new guest, "
        "without the role they had."
    )


def visible(conversation: Conversation, attendee: Attendee | None) -> str:
    """Return why the conversation can be seen."""
    if attendee is not None:
        return _belongs(attendee)
    if conversation.is_public:
        return gettext("The conversation is public, so everybody with its link may enter.")
    return gettext("The conversation is listed for all users of the site.")


def not_visible(conversation: Conversation, user: HostUser | None) -> str:
    """Return why somebody cannot see it, and what would change that; None is a guest."""
    if user is None:
        return gettext("The conversation is not public: nobody comes in without an account.")
    if str(user.pk) in conversation.pair:
        return gettext(
            "They left this one-to-one conversation, or did not join it yet; the next call of the "
            "other one brings them in."
        )
    if conversation.is_one_to_one:
        return gettext("The conversation is between two other people.")
    if policies.link_refuses(conversation, Allow.OUTSIDERS):
        text = _(
            "They do not belong to the conversation; who does, is decided by the object of the "
            "site to which it is linked ({model} {key})."
        )
        return text.format(model=conversation.linked_model, key=conversation.linked_pk)
    return gettext(
        "They do not belong to the conversation, and it is neither public nor listed for them; a "
        "moderator has to add them."
    )


#: What the site's policy answers about what is no part of a call: that it lets them, or does not.
ASKED = {
    "may_create": (
        _("{policy} lets them create conversations of type {kind}."),
        _("{policy} does not let them create conversations of type {kind}."),
    ),
    "may_make_public": (
        _("{policy} lets them open this conversation to the public, should they moderate it."),
        _(
            "{policy} does not let them open this conversation to the public, should they "
            "moderate it."
        ),
    ),
    "may_make_listable": (
        _("{policy} lets them list this conversation, should they moderate it."),
        _("{policy} does not let them list this conversation, should they moderate it."),
    ),
}


def of_policy(hook: str, *, refused: bool, kind: str = "") -> str:
    """Return what a hook of the site's policy answers; ``kind`` is a type of conversation."""
    lets, does_not_let = ASKED[hook]
    return (does_not_let if refused else lets).format(policy=_policy(hook), kind=kind)


def moderating(attendee: Attendee, *, lowered: bool) -> str:
    """Return whether the site's policy lets a moderator moderate."""
    text = (
        _("{policy} does not let this {role} moderate; they count as without it.")
        if lowered
        else _("{policy} lets this {role} moderate.")
    )
    return text.format(policy=_policy("may_moderate"), role=_role(attendee))


def password(conversation: Conversation, *, asks: bool) -> str:
    """Return whether they are asked for a password, and why."""
    if asks:
        return gettext("They have to know the conversation's password.")
    if conversation.password and conversation.is_public:
        return gettext(
            "The conversation has a password; members who were invited are not asked for it."
        )
    return gettext("The conversation has no password.")


def full() -> str:
    """Return why nobody else may come."""
    text = _(
        '{number} people came or were invited, and no more may: see TALK_CALLS["MAX_PARTICIPANTS"].'
    )
    return text.format(number=conf.max_participants)


def _calls_disabled(situation: Situation) -> str:
    return gettext('The site offers no calls: TALK_CALLS["START_CALLS"] is "no one".')


def _not_banned(situation: Situation) -> str:
    if situation.attendee is not None:
        return gettext("They belong to the conversation, and whoever is banned does not.")
    return gettext(
        "They are not banned. Without an account, browsers and addresses are banned, which nobody "
        "knows before they come."
    )


def _banned(situation: Situation) -> str:
    return gettext("They are banned from the conversation until a moderator lifts the ban.")


def _participant(situation: Situation) -> str:
    assert situation.attendee is not None  # noqa: S101 -- the rule passed
    return _belongs(situation.attendee)


def _locked(situation: Situation) -> str:
    if situation.conversation.is_former:
        return gettext("The account of the other one is deleted; nobody calls here any more.")
    return gettext(
        "The conversation is locked, and moderators are not exempt; a moderator can unlock it."
    )


def _lobby_passed(situation: Situation) -> str:
    if situation.conversation.has_lobby(situation.now):
        assert situation.attendee is not None  # noqa: S101 -- nobody else passes
        moderates = policies.moderates(situation.conversation, situation.attendee)
        if moderates:
            return gettext("The lobby is up, and this attendee moderates.")
        return gettext("The lobby is up, and this attendee has the permission to pass.")
    if situation.conversation.lobby_timer is not None and situation.conversation.lobby_state:
        text = _("The lobby is down since {time}.")
        return text.format(time=_time(situation.conversation))
    return gettext("There is no lobby.")


def _lobby_refused(situation: Situation) -> str:
    if situation.conversation.lobby_timer is None:
        return gettext("The lobby is up until a moderator takes it down; moderators pass.")
    text = _("The lobby is up until {time}; moderators pass.")
    return text.format(time=_time(situation.conversation))


def _consent_passed(situation: Situation) -> str:
    if policies.needs_consent(situation.conversation):
        return gettext(
            "Joining takes the consent to be recorded; their app is assumed to ask and send it."
        )
    return gettext("Joining takes no consent to be recorded.")


def _consent_refused(situation: Situation) -> str:
    return gettext(
        "Joining takes the consent to be recorded, and apps that speak v1 to v3 cannot send it; "
        "a newer app can."
    )


def _session_passed(situation: Situation) -> str:
    assert situation.session is not None  # noqa: S101 -- the rule passed
    age = (situation.now - situation.session.last_ping).total_seconds()
    text = _("They are in the conversation with a device that pinged {seconds} s ago.")
    return text.format(seconds=max(0, int(age)))


def _session_refused(situation: Situation) -> str:
    return gettext(
        "They are not in the conversation with any device; entering it, as apps do, gives one."
    )


def _start_passed(situation: Situation) -> str:
    if situation.has_call:
        return gettext("A call is running, and joining one takes no permission.")
    return gettext("They may start a call.")


def _start_refused(situation: Situation) -> str:
    attendee = situation.require_attendee()
    if not situation.may(Permission.START_CALL):
        return gettext(
            "No call is running, and their permissions do not include starting one. They can join "
            "once somebody did."
        )
    if not policies.has_role_to_start_calls(situation.conversation, attendee):
        who = {
            StartCalls.USERS: _("people with an account"),
            StartCalls.MODERATORS: _("moderators"),
        }
        text = _(
            'No call is running, and TALK_CALLS["START_CALLS"] lets only {who} start one. They can '
            "join once somebody did."
        )
        return text.format(who=who[conf.start_calls])
    groups = ", ".join(map(names.isolated, conf.start_calls_groups))
    text = _(
        'No call is running, and TALK_CALLS["START_CALLS_GROUPS"] lets only members of these '
        "groups start one: {groups}. They can join once somebody did."
    )
    return text.format(groups=groups)


def _policy_start_passed(situation: Situation) -> str:
    if situation.has_call:
        text = _("{policy} is not asked while a call is running.")
    else:
        text = _("{policy} lets them start a call.")
    return text.format(policy=_policy("may_start_call"))


def _policy_start_refused(situation: Situation) -> str:
    text = _(
        "{policy} does not let them start a call, and none is running. They can join once somebody "
        "started one."
    )
    return text.format(policy=_policy("may_start_call"))


_Sentence = Callable[[Situation], str]

#: For each rule the sentence if it passed, and the one if it refused.
_SENTENCES: dict[policies.Rule, tuple[_Sentence, _Sentence]] = {
    policies.calls_are_enabled: (lambda __: gettext("The site offers calls."), _calls_disabled),
    policies.is_not_banned: (_not_banned, _banned),
    policies.is_participant: (
        _participant,
        lambda __: gettext(
            "They do not belong to the conversation, as far as its call is concerned: they "
            "have to enter it first."
        ),
    ),
    policies.is_writable: (
        lambda __: gettext("The conversation is not locked."),
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
    return gettext("The site's policy ({path})").format(path=policies.hook_path(hook))


def _role(attendee: Attendee) -> str:
    return in_sentence(attendee.get_participant_type_display())


def _belongs(attendee: Attendee) -> str:
    return gettext("They belong to the conversation ({role}).").format(role=_role(attendee))


def _time(conversation: Conversation) -> str:
    assert conversation.lobby_timer is not None  # noqa: S101 -- callers check it
    return minute_text(conversation.lobby_timer)


def _lowered(sentence: str) -> str:
    """Return a sentence as it is after a colon. No refusal begins with a name."""
    return sentence[0].lower() + sentence[1:]

"""The texts of the page's scripts, in the language of the request.

Fixed texts are in the templates. The scripts replace ``{name}`` and the like.
"""

from django.utils.translation import gettext_lazy as _

_PEOPLE = {
    "guest": _("Guest"),
    "you": _("{name} (you)"),
    "joined": _("{name} joined."),
    "left": _("{name} left."),
    "people": _("People: {number}"),
    "is-lost": _("connection lost"),
    "is-muted": _("microphone off"),
    "is-speaking": _("speaking"),
    "has-hand-up": _("hand raised"),
    "camera-is-off": _("camera off"),
}

_STAGE = {
    "screen-of": _("Screen of {name}"),
    "alone": _("Nobody else is here yet."),
}

_CONTROLS = {
    "mute": _("Mute"),
    "unmute": _("Unmute"),
    "camera-off": _("Turn camera off"),
    "camera-on": _("Turn camera on"),
    "share": _("Share screen"),
    "unshare": _("Stop sharing"),
    "own-screen": _("You share your screen."),
    "shares-screen": _("{name} shares a screen."),
    "screen-ended": _("{name} stopped sharing the screen."),
    "screen-not-allowed": _("A moderator does not let you share your screen."),
    "raise-hand": _("Raise hand"),
    "lower-hand": _("Lower hand"),
    "hand-up": _("{name} raised a hand."),
    "hand-down": _("{name} lowered the hand."),
    "copied": _("The link was copied."),
    "not-copied": _("Copying did not work. The link is: {link}"),
}

_DEVICES = {
    "no-camera": _("No camera was found."),
    "no-microphone": _("No microphone was found."),
    "camera-denied": _("The browser does not let this page use the camera."),
    "microphone-denied": _("The browser does not let this page use the microphone."),
    "camera-busy": _("The camera does not work; maybe another program uses it."),
    "microphone-busy": _("The microphone does not work; maybe another program uses it."),
    "camera-not-allowed": _("A moderator does not let you send video."),
    "microphone-not-allowed": _("A moderator does not let you speak."),
    "camera-number": _("Camera {number}"),
    "microphone-number": _("Microphone {number}"),
}

_MODERATION = {
    "silence": _("Switch off the microphone of {name}"),
    "remove": _("Remove {name}"),
    "silenced": _("{name} was asked to be silent."),
    "removed": _("{name} was removed."),
    "muted-by-moderator": _("A moderator muted you."),
    "remove-question": _("Remove {name} from the conversation?"),
    "lobby-question": _("Send everybody but moderators to the lobby?"),
    "lock-question": _("Lock the conversation? That ends the call for everyone."),
    "end-question": _("End the call for everyone?"),
    "lobby-on": _("Send everybody to the lobby"),
    "lobby-off": _("Let everybody in from the lobby"),
    "waiting": _("Waiting in the lobby: {number}"),
    "failed": _("That did not work. Try again."),
    "not-allowed": _("You may not do that."),
}

_VISIT = {
    "password-wrong": _("That password is wrong."),
    "password-throttled": _("Too many tries. Wait a few minutes and try again."),
    "opens-at": _("It opens at {time}."),
    "moderator-told": _("A moderator was told that you are waiting."),
    "no-moderator": _("No moderator is here yet who could let you in."),
    "nobody-in-call": _("Nobody is in the call yet."),
    "number-in-call": _("In the call: {number}"),
    "names-in-call": _("In the call: {names}"),
    "names-and-more-in-call": _("In the call: {names} and {number} more"),
}

TEXTS = {**_PEOPLE, **_STAGE, **_CONTROLS, **_DEVICES, **_MODERATION, **_VISIT}

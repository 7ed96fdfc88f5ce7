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
    "is-muted": _("microphone off"),
    "is-speaking": _("speaking"),
    "has-hand-up": _("hand raised"),
    "actions-for": _("Actions for {name}"),
    "found": _("Found: {number}"),
    "camera-is-off": _("camera off"),
}

_CONNECTIONS = {
    "connection-connecting": _("connecting"),
    "connection-weak": _("weak connection"),
    "connection-unreachable": _("cannot be reached"),
    "no-turn": _("A network between you lets nothing through, and this site has no TURN server."),
    "upload-short": _(
        "Your connection is short of upload. Without your camera others see your screen better."
    ),
    "many-for-mesh": _(
        "With so many people each computer sends a lot. If the call falters, turn cameras off."
    ),
}

_STAGE = {
    "screen-of": _("Screen of {name}"),
    "screen-enlarged": _("Full screen"),
    "screen-reduced": _("Leave full screen"),
    "pin": _("Pin {name}"),
    "page-of": _("{number} of {count}"),
    "view-grid": _("Grid"),
    "view-speaker": _("Speaker view"),
    "show-own": _("Show own picture"),
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
    "invite": _("Invite"),
    "sounds": _("Sounds"),
    "full-screen": _("Full screen"),
    "picture-in-picture": _("Picture in picture"),
    "no-picture": _("Nobody shows a picture now."),
    "shortcuts": _("Keyboard shortcuts"),
    # The names of ``REACTIONS``, for ears.
    "👍": _("Thumbs up"),
    "❤️": _("Heart"),
    "😂": _("Laughing"),
    "👏": _("Applause"),
    "🎉": _("Party"),
    "😲": _("Surprise"),
    "reaction-of": _("{names}: {reaction}"),
    "reaction-of-many": _("{number} people: {reaction}"),
}

_DEVICES = {
    "microphone": _("Microphone"),
    "camera": _("Camera"),
    "speaker": _("Speaker"),
    "microphone-number": _("Microphone {number}"),
    "camera-number": _("Camera {number}"),
    "speaker-number": _("Speaker {number}"),
    "none": _("None"),
    "test-sound": _("Play a test sound"),
    "no-microphone": _("No microphone was found."),
    "no-camera": _("No camera was found."),
    "no-devices": _("No camera and no microphone were found."),
    "microphone-hidden": _("The browser names the microphones once you use one."),
    "camera-hidden": _("The browser names the cameras once you use one."),
    "microphone-denied": _("The browser does not let this page use the microphone."),
    "camera-denied": _("The browser does not let this page use the camera."),
    "devices-denied": _("The browser does not let this page use camera and microphone."),
    "help-denied": _(
        "To allow it, press the icon beside the address of this page: a lock, a camera or sliders."
    ),
    "microphone-system": _("The system does not let the browser use the microphone."),
    "camera-system": _("The system does not let the browser use the camera."),
    "devices-system": _("The system does not let the browser use camera and microphone."),
    "help-system": _("To allow it, open the privacy settings of the system."),
    "microphone-busy": _("The microphone does not work; maybe another program uses it."),
    "camera-busy": _("The camera does not work; maybe another program uses it."),
    "devices-busy": _("Camera and microphone do not work; maybe another program uses them."),
    "microphone-ended": _("The microphone has stopped."),
    "camera-ended": _("The camera has stopped."),
    "devices-ended": _("Camera and microphone have stopped."),
    "microphone-not-allowed": _("A moderator does not let you speak."),
    "camera-not-allowed": _("A moderator does not let you send video."),
    "devices-not-allowed": _("A moderator lets you send neither sound nor video."),
    "microphone-stalled": _("The microphone gives no sound. Maybe it is switched off."),
    "camera-stalled": _("The camera gives no picture. Maybe it is covered, or switched off."),
    "browser-asking": _(
        "The browser asks whether this page may use camera and microphone. "
        "Answer it, or join without."
    ),
    "browser-starting": _("Camera and microphone are being started …"),
    "unplugged": _("{device} was unplugged."),
    "unplugged-next": _("{device} was unplugged; now {next} is used."),
    "plugged": _("{device} was plugged in."),
    "now-used": _("Now {device} is used."),
    "device-unusable": _("{device} does not work; maybe another program uses it."),
    "muted-speech": _("You speak, but your microphone is off."),
}

_MODERATION = {
    "mute-person": _("Mute microphone"),
    "muted": _("{name} was muted."),
    "mute-all": _("Mute all"),
    "mute-all-question": _("Mute everybody else? Each can unmute themselves again."),
    "muted-all": _("Everybody else was muted."),
    "muted-by-moderator": _("A moderator muted you."),
    "ask-to-unmute": _("Ask to unmute"),
    "asked-to-unmute": _("{name} was asked to unmute."),
    "unmute-request": _("{name} asks you to unmute."),
    "remove": _("Remove {name}"),
    "remove-person": _("Remove from the conversation"),
    "remove-question": _("Remove {name} from the conversation?"),
    "removed": _("{name} was removed."),
    "ban-person": _("Ban from the conversation"),
    "ban-question": _("Ban {name} from the conversation?"),
    "ban-verb": _("Ban {name}"),
    "banned": _("{name} was banned."),
    "ban-moderator": _("Moderators cannot be banned."),
    "ban-limit": _("Too many people are banned. Lift other bans first."),
    "ban-managed": _("The site decides who belongs to this conversation."),
    "lift-ban": _("Lift the ban of {name}"),
    "lobby-question": _("Send everybody but moderators to the lobby?"),
    "lobby-verb": _("Send to the lobby"),
    "lobby-on": _("Send everybody to the lobby"),
    "lobby-off": _("Open the lobby"),
    "lock-question": _("Lock the conversation? That ends the call for everyone."),
    "lock-verb": _("Lock conversation"),
    "end-question": _("End the call for everyone?"),
    "end-verb": _("End call"),
    "failed": _("That did not work. Try again."),
    "not-allowed": _("You may not do that."),
}

_LOBBY = {
    "admit": _("Admit {name}"),
    "admit-one": _("Admit"),
    "show": _("Show"),
    "waiting": _("Waiting in the lobby: {number}"),
    "one-waits": _("{name} waits in the lobby."),
    "two-wait": _("{name} and {other} wait in the lobby."),
    "many-wait": _("{name} and {number} others wait in the lobby."),
}

_OWN_NAME = {
    "name-refused": _("The site does not take this name."),
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

TEXTS = {
    **_PEOPLE,
    **_CONNECTIONS,
    **_STAGE,
    **_CONTROLS,
    **_DEVICES,
    **_MODERATION,
    **_LOBBY,
    **_OWN_NAME,
    **_VISIT,
}

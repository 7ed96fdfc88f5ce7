"""What several clients send in the same way."""

from tests.clients.probe.steps import Refusal, Step

#: Headers of Talk's web clients.
WEB = {
    "Accept": "application/json, text/plain, */*",
    "OCS-APIRequest": "true",
    "X-Requested-With": "XMLHttpRequest",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
}

#: A list of signaling messages from one session to another, as JSON text with JSON text in it.
MESSAGES = (
    '[{"ev":"message","sessionId":"{session}","fn":"{\\"to\\":\\"{peer}\\",\\"type\\":\\"offer\\",'
    '\\"sid\\":\\"1\\",\\"roomType\\":\\"video\\",\\"payload\\":{\\"type\\":\\"offer\\",\\"sdp\\":\\"v=0\\"}}"}]'
)

READ_ONLY = (Refusal(403, "nobody may post into the call log"),)
#: Of messages by the site itself; a client that has read the settings does not send them then.
EXTERNAL = (Refusal(400, "the site has a signaling server", certain=False),)
PULL = (
    *EXTERNAL,
    Refusal(404, "the client left the conversation while it waited", certain=False),
    Refusal(409, "the client left the conversation while it waited", certain=False),
)
BANNED = (Refusal(403, "a moderator banned them"),)
WRONG_TOKEN = (Refusal(404, "there is no such conversation"),)
ALONE = (Refusal(400, "the last moderator cannot leave before the others"),)

#: What is asked of a site before anybody logs in.
ANONYMOUS_CAPABILITIES = Step("GET", "cloud/capabilities", keep={"major": "version/major"})

#: The kinds of people that a search for participants asks for: users, groups, e-mail addresses.
SHARE_TYPES = {"shareTypes[]": ["0", "1", "4"]}

"""Moderators see who waits in the lobby, and admit or remove them; guests choose their names."""

from tests.e2e.visitors import until

#: Seconds in which something has to happen on a machine that does much else.
SOON = 30

#: What in a list can be pressed and is focused.
FOCUSED = "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.id"


def waiting(person):
    """Return the names in the list of those who wait."""
    return person.page.locator("#waiting .name").all_inner_texts()


def joins(person):
    """Join without a camera, since pictures cost and are no matter here."""
    person.button("Turn camera off").click()
    return person.join()


def guest(visitor, name):
    """Let a guest join the call."""
    return joins(visitor(name).open())


def waits(visitor, name):
    """Let a guest come who has to wait in the lobby."""
    person = visitor(name).open().ask_in()
    person.see("You are in the lobby", within=SOON)
    return person


def test_one_is_admitted_and_another_removed(visitor, meeting):
    """Names and number tell who waits, by the keyboard alone; nobody else is let in."""
    meeting.lobby(1)
    alice = joins(visitor("alice").log_in())
    keyboard = alice.page.keyboard
    ann = waits(visitor, "Ann")
    alice.page.get_by_role("log").get_by_text("Ann waits in the lobby.").wait_for()
    ben = waits(visitor, "Ben")
    badge = alice.page.locator("#waiting-badge")
    until(lambda: badge.inner_text() == "2", SOON, alice.page)
    alice.button("People").focus()
    keyboard.press("Enter")
    assert waiting(alice) == ["Ann", "Ben"]
    while alice.page.evaluate(FOCUSED) != "Admit Ann":
        keyboard.press("Tab")
    keyboard.press("Enter")
    ann.see("You are in the call", within=SOON)
    until(lambda: waiting(alice) == ["Ben"], SOON, alice.page)
    assert alice.page.evaluate(FOCUSED) == "Admit Ben"
    assert badge.inner_text() == "1"
    assert ben.page.get_by_role("heading", name="You are in the lobby").is_visible()

    keyboard.press("Tab")
    keyboard.press("Enter")
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_text("Remove Ben from the conversation?").wait_for()
    keyboard.press("Tab")
    keyboard.press("Enter")
    ben.see("You were removed", within=SOON)
    until(lambda: waiting(alice) == [], SOON, alice.page)
    assert not badge.is_visible()
    assert alice.page.evaluate(FOCUSED) == "panel-heading"
    keyboard.press("Escape")
    assert alice.page.evaluate(FOCUSED) == "panel-button"
    assert meeting.in_call() == ["Ann", "alice"]


def test_all_are_admitted_and_sent_back(visitor, meeting):
    """Who waits now is let in, who comes later waits; "everybody" means those admitted, too."""
    meeting.lobby(1)
    alice = joins(visitor("alice").log_in())
    alice.button("People").click()
    ann, ben = waits(visitor, "Ann"), waits(visitor, "Ben")
    until(lambda: waiting(alice) == ["Ann", "Ben"], SOON, alice.page)
    alice.button("Admit all").click()
    ann.see("You are in the call", within=SOON)
    ben.see("You are in the call", within=SOON)
    # They have what they had before: with the permission that was added alone they were mute.
    until(lambda: sorted(alice.names()) == ["Ann", "Ben"], SOON, alice.page)
    people = alice.page.locator("#people")
    until(lambda: "microphone off" not in people.inner_text(), SOON, alice.page)
    cleo = waits(visitor, "Cleo")
    until(lambda: waiting(alice) == ["Cleo"], SOON, alice.page)

    alice.button("Open the lobby").click()
    cleo.see("You are in the call", within=SOON)
    alice.button("Send everybody to the lobby").click()
    alice.button("Send to the lobby").click()
    for each in (ann, ben, cleo):
        each.see("You are in the lobby", within=SOON)
    until(lambda: len(waiting(alice)) == 3, SOON, alice.page)


#: Makes a user who has the password of the owner.
MAKE_BOB = """
from django.contrib.auth import get_user_model
users = get_user_model().objects
users.get_or_create(username="bob", defaults={"password": users.get(username="alice").password})
"""


def test_two_moderators_see_the_same(visitor, meeting):
    """One raises the lobby and admits, and the page of the other follows."""
    site = meeting.site
    site.manage("shell", "-c", MAKE_BOB)
    path = f"v4/room/{meeting.token}"
    site.ask("POST", f"{path}/participants", newParticipant="bob", source="users")
    people = site.ask("GET", f"{path}/participants")
    [number] = [each["attendeeId"] for each in people if each["actorId"] == "bob"]
    site.ask("POST", f"{path}/moderators", attendeeId=number)
    alice, bob = joins(visitor("alice").log_in()), joins(visitor("bob").log_in("bob"))
    for each in (alice, bob):
        each.button("People").click()
    alice.button("Send everybody to the lobby").click()
    alice.button("Send to the lobby").click()
    alice.button("Open the lobby").wait_for()
    ann, ben = waits(visitor, "Ann"), waits(visitor, "Ben")
    for each in (alice, bob):
        until(lambda each=each: waiting(each) == ["Ann", "Ben"], SOON, each.page)
    bob.button("Open the lobby").wait_for()
    bob.button("Admit Ann").click()
    ann.see("You are in the call", within=SOON)
    until(lambda: waiting(alice) == ["Ben"], SOON, alice.page)
    alice.button("Admit Ben").click()
    ben.see("You are in the call", within=SOON)
    until(lambda: waiting(bob) == [], SOON, bob.page)


def test_guests_are_not_told_who_waits(visitor, meeting):
    """Guests see no list, and do not ask for it."""
    ann = guest(visitor, "Ann")
    asked = []
    ann.page.on("request", lambda request: asked.append(request.url))
    ann.button("People").click()
    ann.button("Change name").wait_for()
    assert [url for url in asked if url.endswith("/participants")] == []
    assert not ann.page.locator("#waiting-section").is_visible()


def test_a_guest_who_moderates_admits(visitor, meeting):
    """Guests may admit, remove and ban; the server lets them neither raise the lobby nor mute."""
    site = meeting.site
    ann = guest(visitor, "Ann")
    [number] = [
        each["attendeeId"]
        for each in site.ask("GET", f"v4/room/{meeting.token}/participants")
        if each["displayName"] == "Ann"
    ]
    site.ask("POST", f"v4/room/{meeting.token}/moderators", attendeeId=number)
    meeting.lobby(1)
    ann.button("People").click()
    ben = waits(visitor, "Ben")
    ann.button("Admit Ben").click()
    ben.see("You are in the call", within=SOON)
    assert ann.button("End call for everyone").is_visible()
    for name in ("Open the lobby", "Lock conversation", "Mute all"):
        assert not ann.button(name).is_visible()
    ann.button("Actions for Ben").click()
    assert ann.page.get_by_role("menuitem").all_inner_texts() == [
        "Remove from the conversation",
        "Ban from the conversation",
    ]


def test_all_are_muted_and_one_is_asked(visitor):
    """Everybody else is muted; who is asked to unmute does it, or does not."""
    alice = joins(visitor("alice").log_in())
    ann, ben = guest(visitor, "Ann"), guest(visitor, "Ben")
    until(lambda: alice.names() == ["Ann", "Ben"], SOON, alice.page)
    alice.button("People").click()
    alice.button("Mute all").click()
    alice.page.get_by_role("dialog").get_by_role("button", name="Mute all").click()
    for each in (ann, ben):
        each.button("Unmute").wait_for()
    assert alice.button("Mute").is_visible()
    until(lambda: "microphone off" in alice.state_of("Ann"), SOON, alice.page)

    alice.choose("Ann", "Ask to unmute")
    log = ann.page.get_by_role("log")
    log.get_by_text("alice asks you to unmute.").wait_for()
    log.get_by_role("button", name="Unmute").click()
    ann.button("Mute").wait_for()
    until(lambda: "microphone off" not in alice.state_of("Ann"), SOON, alice.page)
    assert ben.button("Unmute").is_visible()


def test_a_guest_takes_another_name(visitor):
    """The name changes for everybody, and is remembered; one that is none is refused."""
    ann, ben = guest(visitor, "Ann"), guest(visitor, "Ben")
    until(lambda: ben.names() == ["Ann"], SOON, ben.page)
    ann.button("People").click()
    ann.button("Change name").click()
    field = ann.page.get_by_role("textbox", name="New name")
    assert field.input_value() == "Ann"
    field.fill("\u2060")
    field.press("Enter")
    ann.page.get_by_text("The site does not take this name.").wait_for()
    field.fill("Anna")
    field.press("Enter")
    until(lambda: ben.names() == ["Anna"], SOON, ben.page)
    ann.tile("Anna (you)").wait_for()
    ann.page.reload()
    assert ann.page.get_by_label("Your name").input_value() == "Anna"


def test_raised_hands_stand_first(visitor):
    """Who raised a hand first stands first; the others follow by name."""
    people = [guest(visitor, name) for name in ("Cleo", "Ann", "Ben")]
    cleo, ann, ben = people
    until(lambda: cleo.names() == ["Ann", "Ben"], SOON, cleo.page)

    def names():
        return cleo.page.locator("#people .name").all_inner_texts()

    cleo.button("People").click()
    assert names() == ["Cleo (you)", "Ann", "Ben"]
    ben.button("Raise hand").click()
    until(lambda: names() == ["Ben", "Cleo (you)", "Ann"], SOON, cleo.page)
    ann.button("Raise hand").click()
    until(lambda: names() == ["Ben", "Ann", "Cleo (you)"], SOON, cleo.page)
    ben.button("Lower hand").click()
    until(lambda: names() == ["Ann", "Cleo (you)", "Ben"], SOON, cleo.page)


#: Fill a list with two hundred people; return how many nodes each of three changes touches, in how
#: many rows, and who stands first then.
TWO_HUNDRED = """async () => {
  const { PeopleList } = await import("/static/talk_calls/call/people/people-list.js");
  const nameOf = ({ name }) => name;
  const list = new PeopleList({ nameOf, can: () => true, onAction() {}, onRename: null });
  const person = (number, changes = {}) =>
    ({ session: `${number}`, name: `Person ${number}`, audio: true, hand: false, ...changes });
  const begun = performance.now();
  for (let number = 0; number < 200; number++) list.show(person(number));
  const built = performance.now() - begun;
  const observer = new MutationObserver(() => {});
  const options = { subtree: true, childList: true, attributes: true, characterData: true };
  observer.observe(document.getElementById("people"), options);
  const changes = [
    { speaking: true },
    { audio: false },
    { hand: true, handAt: 5 },
    { hand: true, handAt: 5 },
  ];
  const touched = changes.map((change) => {
    list.show(person(150, change));
    return observer.takeRecords().length;
  });
  const first = document.querySelector("#people .name").textContent;
  const search = document.getElementById("people-search");
  search.value = "person 15";
  search.dispatchEvent(new Event("input"));
  const found = document.querySelectorAll("#people > :not([hidden])").length;
  const said = document.getElementById("people-found").textContent;
  return { built, touched, first, found, said };
}"""


def test_a_list_of_two_hundred(visitor):
    """A change touches one row, and few of its nodes; a name is found."""
    ann = visitor("Ann").open()
    ann.button("Join call").wait_for()
    result = ann.page.evaluate(TWO_HUNDRED)
    print(result)
    speaking, muted, hand, nothing = result["touched"]
    # One text; a raised hand also moves the row, and shows an icon.
    assert (speaking, muted, nothing) == (1, 1, 0)
    assert hand <= 4
    assert result["first"] == "Person 150"
    assert result["found"] == 11  # 15, and 150 to 159
    assert result["said"] == "Found: 11"
    assert result["built"] < 2000

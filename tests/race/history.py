"""Random histories: who does what in a conversation, and what at the same time as what.

A history follows from the seed and its number alone. What comes of it does not: that depends on
who is first, and on who is killed meanwhile.
"""

import random
from dataclasses import dataclass

from talk_calls.constants import ConversationType

#: People who take part in histories, each in many.
PEOPLE = 24

#: Actions by how often they are chosen; those of the second kind are for the owner.
_COMMON = {"join": 9, "leave": 4, "ping": 5, "enter": 3, "leave_room": 2, "list": 1}
_OWNERS = {"lock": 1, "raise_lobby": 1, "kick": 2, "invite": 1}

#: What is undone soon, as little happens in a locked conversation.
_UNDONE = {"lock": "unlock", "raise_lobby": "lower_lobby"}

#: Seconds between bursts: shortly, past SESSION_TIMEOUT, past SESSION_KILL.
_PAUSES = ((0.0, 0.3), (1.8, 2.4), (4.8, 5.6))
_PAUSE_WEIGHTS = (88, 9, 3)

#: How often a burst is a storm, a flicker, or anything.
_KINDS = (30, 25, 45)

#: How likely it is that ...
_SECOND_DEVICE = 0.5  # a member has two devices
_COOKIES = 0.5  # a user's client keeps cookies
_UNDOING = 0.7  # what is owed is done in the next burst
_DYING = 0.15  # a client is never heard of again after a burst
_DELETION = 0.1  # the conversation is deleted


def name_of(person: int) -> str:
    """Return the username of a person."""
    return f"person{person:02}"


@dataclass(frozen=True)
class Client:
    """A device. ``person`` is a number, None for a guest; ``keeps_cookies`` as browsers do."""

    person: int | None
    member: bool
    keeps_cookies: bool


@dataclass(frozen=True)
class Step:
    """One request; ``argument`` is the flags of a join, or the client that is kicked or invited."""

    client: int
    action: str
    argument: int = 0


@dataclass(frozen=True)
class Burst:
    """Requests that are sent at the same time, after a pause."""

    pause: float
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class History:
    """What happens in one conversation; the first client is the owner's."""

    number: int
    kind: ConversationType
    clients: tuple[Client, ...]
    bursts: tuple[Burst, ...]

    @property
    def token(self) -> str:
        """Return the token and name of its conversation."""
        return f"race{self.number:06}"


def history(seed: int, number: int) -> History:
    """Return a random history."""
    dice = random.Random(f"{seed}/{number}")
    kind = dice.choice((ConversationType.GROUP, ConversationType.PUBLIC))
    clients = _clients(dice, public=kind == ConversationType.PUBLIC)
    return History(number, kind, clients, tuple(_bursts(dice, len(clients))))


def _clients(dice: random.Random, *, public: bool) -> tuple[Client, ...]:
    people = dice.sample(range(PEOPLE), 4)
    persons: list[int | None] = [*people[: dice.randint(2, 3)]]
    members = len(persons)
    if dice.random() < _SECOND_DEVICE:
        persons.append(dice.choice(persons))  # a second device, which replaces the first
        members += 1
    if public:
        persons += [None] * dice.randint(0, 2)
        persons += [people[3]] * dice.randint(0, 1)  # comes by the link
    return tuple(
        Client(person, number < members, person is None or dice.random() < _COOKIES)
        for number, person in enumerate(persons)
    )


def _bursts(dice: random.Random, clients: int) -> list[Burst]:
    bursts = [Burst(0, tuple(Step(number, "enter") for number in range(clients)))]
    living = list(range(clients))
    owed: list[str] = []
    for _ in range(dice.randint(3, 6)):
        pause = dice.uniform(*dice.choices(_PAUSES, _PAUSE_WEIGHTS)[0])
        steps = _steps(dice, clients, living)
        steps += [Step(0, action) for action in owed if dice.random() < _UNDOING]
        owed = [_UNDONE[step.action] for step in steps if step.action in _UNDONE]
        dice.shuffle(steps)
        bursts.append(Burst(pause, tuple(steps)))
        if len(living) > 1 and dice.random() < _DYING:
            living.remove(dice.choice(living[1:]))  # dies without a word
    if dice.random() < _DELETION:
        doomed = dice.randrange(1, len(bursts))
        steps = [*bursts[doomed].steps, Step(0, "remove")]
        bursts[doomed] = Burst(bursts[doomed].pause, tuple(steps))
    return bursts


def _steps(dice: random.Random, clients: int, living: list[int]) -> list[Step]:
    """Return what happens at once: everybody the same, one device back and forth, or anything."""
    kind = dice.choices(("storm", "flicker", "any"), _KINDS)[0]
    if kind == "storm":
        action = dice.choice(("join", "join", "leave"))
        return [_storming(dice, client, action) for client in living]
    steps = [_step(dice, clients, living) for _ in range(dice.randint(1, 5))]
    if kind == "flicker":
        client = dice.choice(living)
        steps += [Step(client, action, 7) for action in ("join", "leave", "join", "leave")]
    return steps


def _storming(dice: random.Random, client: int, action: str) -> Step:
    return Step(client, action, dice.choice((1, 3, 7)) if action == "join" else 0)


def _step(dice: random.Random, clients: int, living: list[int]) -> Step:
    client = dice.choice(living)
    weights = {**_COMMON, **(_OWNERS if client == 0 else {})}
    action = dice.choices(list(weights), list(weights.values()))[0]
    if action == "join":
        return Step(client, action, dice.choice((7, 7, 1, 3, 5, 15, 0)))
    if action in ("kick", "invite"):
        return Step(client, action, dice.randrange(1, clients))
    return Step(client, action)

"""Random histories: which client sends what in a conversation, and what at the same time.

A history depends on the seed and its number alone. Its outcome does not: that depends on which
request comes first, and on which processes are killed meanwhile.
"""

import random
from dataclasses import dataclass

from talk_calls.constants import ConversationType

#: Number of users; each takes part in many histories.
PEOPLE = 24

#: Weight of each action; those of ``_OWNER`` are for the owner only.
_COMMON = {"join": 9, "leave": 4, "ping": 5, "enter": 3, "leave_room": 2, "list": 1}
_OWNER = {"lock": 1, "raise_lobby": 1, "kick": 2, "invite": 1}

#: Actions that are undone soon, as few others succeed meanwhile, and how.
_UNDO = {"lock": "unlock", "raise_lobby": "lower_lobby"}

#: Seconds between bursts: short, past SESSION_TIMEOUT, past SESSION_KILL; and their weights.
_PAUSES = ((0.0, 0.3), (1.8, 2.4), (4.8, 5.6))
_PAUSE_WEIGHTS = (88, 9, 3)

#: Weight of each kind of burst: all clients do the same, one client joins and leaves repeatedly,
#: or anything.
_BURSTS = {"same": 30, "flicker": 25, "any": 45}

#: Probability that ...
_SECOND_DEVICE = 0.5  # a member has two devices
_COOKIES = 0.5  # a user's client keeps cookies
_UNDOING = 0.7  # an action is undone in the next burst
_SILENCE = 0.15  # a client sends nothing more after a burst
_DELETION = 0.1  # the conversation is deleted


def username_of(person: int) -> str:
    """Return the username of a person."""
    return f"person{person:02}"


@dataclass(frozen=True)
class Client:
    """A device; ``person`` is the number of its user, None for a guest."""

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
    """Requests that are sent at the same time, after a pause in seconds."""

    pause: float
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class History:
    """Everything that happens in one conversation; the first client is the owner's."""

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
    rng = random.Random(f"{seed}/{number}")
    kind = rng.choice((ConversationType.GROUP, ConversationType.PUBLIC))
    clients = _clients(rng, public=kind == ConversationType.PUBLIC)
    return History(number, kind, clients, tuple(_bursts(rng, len(clients))))


def _clients(rng: random.Random, *, public: bool) -> tuple[Client, ...]:
    people = rng.sample(range(PEOPLE), 4)
    persons: list[int | None] = [*people[: rng.randint(2, 3)]]
    members = len(persons)
    if rng.random() < _SECOND_DEVICE:
        persons.append(rng.choice(persons))  # a second device, which replaces the first
        members += 1
    if public:
        persons += [None] * rng.randint(0, 2)
        persons += [people[3]] * rng.randint(0, 1)  # uses the link, is no member
    return tuple(
        Client(person, number < members, person is None or rng.random() < _COOKIES)
        for number, person in enumerate(persons)
    )


def _bursts(rng: random.Random, clients: int) -> list[Burst]:
    bursts = [Burst(0, tuple(Step(number, "enter") for number in range(clients)))]
    active = list(range(clients))
    undo: list[str] = []
    for _ in range(rng.randint(3, 6)):
        pause = rng.uniform(*rng.choices(_PAUSES, _PAUSE_WEIGHTS)[0])
        steps = _steps(rng, clients, active)
        steps += [Step(0, action) for action in undo if rng.random() < _UNDOING]
        undo = [_UNDO[step.action] for step in steps if step.action in _UNDO]
        rng.shuffle(steps)
        bursts.append(Burst(pause, tuple(steps)))
        if len(active) > 1 and rng.random() < _SILENCE:
            active.remove(rng.choice(active[1:]))
    if rng.random() < _DELETION:
        last = rng.randrange(1, len(bursts))
        steps = [*bursts[last].steps, Step(0, "remove")]
        bursts[last] = Burst(bursts[last].pause, tuple(steps))
    return bursts


def _steps(rng: random.Random, clients: int, active: list[int]) -> list[Step]:
    """Return the steps of a burst."""
    kind = rng.choices(list(_BURSTS), list(_BURSTS.values()))[0]
    if kind == "same":
        action = rng.choice(("join", "join", "leave"))
        return [_same(rng, client, action) for client in active]
    steps = [_step(rng, clients, active) for _ in range(rng.randint(1, 5))]
    if kind == "flicker":
        client = rng.choice(active)
        steps += [Step(client, action, 7) for action in ("join", "leave", "join", "leave")]
    return steps


def _same(rng: random.Random, client: int, action: str) -> Step:
    return Step(client, action, rng.choice((1, 3, 7)) if action == "join" else 0)


def _step(rng: random.Random, clients: int, active: list[int]) -> Step:
    client = rng.choice(active)
    weights = {**_COMMON, **(_OWNER if client == 0 else {})}
    action = rng.choices(list(weights), list(weights.values()))[0]
    if action == "join":
        return Step(client, action, rng.choice((7, 7, 1, 3, 5, 15, 0)))
    if action in ("kick", "invite"):
        return Step(client, action, rng.randrange(1, clients))
    return Step(client, action)

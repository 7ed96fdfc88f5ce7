"""How much may wait in a mailbox, and what goes first when more comes.

A recipient who does not poll must not fill the database, and no sender may keep out the others. So
there are bounds for a mailbox, and a part of it for each sender. Where one is exceeded, the oldest
candidates of the sender who takes the most go first: without one of them a connection finds another
way, or is tried again. Offers and answers stay, and if that is not enough nothing new is taken.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from talk_calls.conf import conf
from talk_calls.exceptions import MailboxFull

#: The messages of one sender take at most one part in so many of a mailbox.
PARTS = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A message in a mailbox, or on its way into it; ``size`` is in bytes.

    ``pk`` is the primary key of one that is stored, ``index`` the number of a new one.
    """

    sender: str
    is_candidate: bool
    size: int
    pk: int | None = None
    index: int | None = None


@dataclass(slots=True)
class Load:
    """How many messages there are, and how many bytes they have."""

    messages: int = 0
    size: int = 0

    def add(self, size: int) -> None:
        """Count a message of ``size`` bytes."""
        self.messages += 1
        self.size += size

    def remove(self, size: int) -> None:
        """Take a message of ``size`` bytes out of the count."""
        self.messages -= 1
        self.size -= size

    @property
    def part(self) -> float:
        """Return which part of a mailbox that is; more than 1 is too much for a whole one."""
        return max(self.messages / conf.mailbox_messages, self.size / conf.mailbox_bytes)


@dataclass(slots=True)
class _Sender:
    load: Load = field(default_factory=Load)
    candidates: deque[Entry] = field(default_factory=deque)


def is_crowded(load: Load) -> bool:
    """Tell whether a mailbox may hold more than one sender's part."""
    return load.part * PARTS > 1


def surplus(entries: Sequence[Entry]) -> list[Entry]:
    """Return what has to go from a mailbox that is to hold ``entries``, the oldest first.

    The last one is new, and its sender is who sends. It does not go itself: raises ``MailboxFull``
    if nothing else can make room for it.
    """
    newest = entries[-1]
    sender = newest.sender
    senders: defaultdict[str, _Sender] = defaultdict(_Sender)
    whole = Load()
    for entry in entries:
        senders[entry.sender].load.add(entry.size)
        whole.add(entry.size)
        if entry.is_candidate and entry is not newest:
            senders[entry.sender].candidates.append(entry)
    gone = []
    while senders[sender].load.part * PARTS > 1 or whole.part > 1:
        has_too_much = senders[sender].load.part * PARTS > 1
        loser = senders[sender] if has_too_much else max(senders.values(), key=_part)
        if not loser.candidates:
            raise MailboxFull
        entry = loser.candidates.popleft()
        loser.load.remove(entry.size)
        whole.remove(entry.size)
        gone.append(entry)
    return gone


def _part(sender: _Sender) -> float:
    return sender.load.part

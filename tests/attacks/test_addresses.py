"""E-mail addresses that are more than an address, or look like one in a mail's header only."""

import pytest
from django.core import mail

from talk_calls.models import Attendee
from tests.factories import ConversationFactory
from tests.people import arrive

pytestmark = pytest.mark.django_db

PLAIN = [
    ("ann@example.org", "ann@example.org"),
    (" Ann.O'Neil+Talk@Example.ORG ", "ann.o'neil+talk@example.org"),
    ("\nann@example.org\x0b", "ann@example.org"),
    ("ann@b\u00fccher.example", "ann@b\u00fccher.example"),
    ("ann@xn--bcher-kva.example", "ann@b\u00fccher.example"),
    ("ann@xn--strae-oqa.example", "ann@xn--strae-oqa.example"),
    # letters and marks with which one domain can be written in many ways
    ("ann@\uff45xample.org", "ann@example.org"),
    ("ann@e\ufe00xample.org", "ann@example.org"),
    ("ann@bu\u0308cher.example", "ann@b\u00fccher.example"),
    ("ann@\uff38\uff2e--bcher-kva.example", "ann@b\u00fccher.example"),
    ("ann@\u2460.example", "ann@1.example"),
    ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
]

OTHER = [
    *("", "   ", "ann", "@", "ann@", "@example.org", "ann@@example.org", "ann@example@example.org"),
    # quotes, and what only quotes allow
    *(
        '"x\x0b<b>"@y.example',
        '"x y"@y.example',
        '"a\\"b"@y.example',
        '"a@b"@y.example',
        '""@y.example',
    ),
    # control characters and line breaks, which begin another header
    *(f"a{letter}@y.example" for letter in "\x01\x0b\x1b\x7f\x85\r\n\t"),
    *(f"a@y{letter}.example" for letter in "\x01\x0b\x1b\x7f\x85\r\n\t"),
    *("a@y.example\r\nBcc: b@y.example", "a@y.example\n\nHello"),
    # more than an addr-spec: a name, a comment, several, a group, a route
    *("Ann <a@y.example>", "<a@y.example>", "a(comment)@y.example", "a@y.example(comment)"),
    *("a@y.example,b@y.example", "a@y.example;b@y.example", "a@y.example b@y.example"),
    *("friends:a@y.example;", "@x.example:a@y.example", "mailto:a@y.example"),
    # what is no domain of mail
    *(
        "a@[127.0.0.1]",
        "a@[IPv6:::1]",
        "a@y_z.example",
        "a@-y.example",
        "a@.example",
        "a@y..example",
    ),
    *("a@y.example/b", "a@y.example?b", "a@y%2eexample", "a@y\u3002example"),
    # what nobody sees, and what turns text around
    *("a\u200b@y.example", "a@y\u200b.example", "a@\u202ey.example", "a@y.ex\u00adample"),
    # what becomes a comment, or too long, in the spelling of mail servers
    *("a@y\u2474.example", "a@" + "\u00e4" * 63 + ".example"),
    # dots at places where only quotes allow them, and too much
    *(".a@y.example", "a.@y.example", "a..b@y.example", "\u00e4@y.example"),
    *("a" * 65 + "@y.example", "a@" + "y" * 64 + ".example", "a@" + "y." * 130 + "example"),
]


@pytest.fixture
def owner():
    return arrive("owner", ConversationFactory(), version="v4")


def invite(owner, address):
    return owner.room("post", "/participants", {"newParticipant": address, "source": "emails"})


@pytest.mark.parametrize(("address", "stored"), PLAIN, ids=ascii)
def test_plain_addresses(owner, address, stored, django_capture_on_commit_callbacks):
    """What is an address gets the mail, and its header has nothing but the address."""
    with django_capture_on_commit_callbacks(execute=True):
        assert invite(owner, address).http == 200
    [message] = mail.outbox
    assert message.to == [stored]
    assert message.message()["To"].count("@") == 1
    assert Attendee.objects.filter(actor_type="emails").values_list("actor_id").get() == (stored,)


@pytest.mark.parametrize("address", OTHER, ids=ascii)
def test_everything_else(owner, address, django_capture_on_commit_callbacks):
    """Everything else is 400, invites nobody, and leaves the conversation as it was."""
    with django_capture_on_commit_callbacks(execute=True):
        assert invite(owner, address).http == 400
    assert not Attendee.objects.filter(actor_type="emails").exists()
    assert mail.outbox == []

"""The key that signs tokens: where it is, how it is made, kept and rotated."""

import base64
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from io import StringIO

import jwt
import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.api import capabilities
from talk_calls.host.actors import GUEST, Actor
from talk_calls.hpb import keys, tokens
from talk_calls.models import SignalingKey
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("external")]

ISSUER = "https://talk.example.org/"


def published() -> str | None:
    config = capabilities.document(None)["capabilities"]["spreed"]["config"]["signaling"]
    assert config["session-ping-limit"] == 200
    return config.get("hello-v2-token-key")


def token(actor: Actor = GUEST, *, now=None) -> str | None:
    return tokens.token(actor, issuer=ISSUER, now=now or timezone.now())


def claims(text: str) -> dict:
    assert jwt.get_unverified_header(text)["alg"] == "ES256"
    return jwt.decode(text, published(), algorithms=["ES256"], issuer=ISSUER)


def run(action: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("talk_signaling_key", action, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def our_errors() -> list[str]:
    return [each.id for each in checks.run_checks() if (each.id or "").startswith("talk_calls.")]


def test_claims():
    """A token says who it is from, for a minute; guests have no name."""
    now = timezone.now()
    seconds = int(now.timestamp())
    found = claims(token(Actor(UserFactory(username="alice", first_name="Al")), now=now))
    assert found == {
        "iss": ISSUER,
        "iat": seconds,
        "exp": seconds + 60,
        "sub": "alice",
        "userdata": {"displayname": "Al"},
    }
    assert claims(token(now=now)) == {"iss": ISSUER, "iat": seconds, "exp": seconds + 60}


def test_internal_signaling_has_no_key(settings):
    """Nothing is told to servers that there are not, and nothing is made."""
    settings.TALK_CALLS = {}
    assert "signaling" not in capabilities.document(None)["capabilities"]["spreed"]["config"]
    assert not SignalingKey.objects.exists()


def test_the_first_key_is_made_and_kept():
    """It is encrypted in the database, and read once a minute by each process."""
    first = published()
    row = SignalingKey.objects.get()
    assert "PRIVATE" not in row.private_key
    with CaptureQueriesContext(connection) as captured:
        assert published() == first
        assert token()
    assert len(captured) == 0
    keys.forget()
    with CaptureQueriesContext(connection) as captured:
        assert published() == first
    assert len(captured) == 1


def test_the_key_is_read_again_after_a_minute(monkeypatch):
    """Other processes hear of a rotation within a minute."""
    first = published()
    keys.rotate()
    second = published()
    assert second != first
    SignalingKey.objects.all().delete()
    assert published() == second
    later = time.monotonic() + 61
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    assert published() not in {first, second}


def test_rotation():
    """The new key is told at once, and used when no server can know the old one any more."""
    now = timezone.now()
    first = published()
    assert token()
    out, err = run("rotate")
    assert out == published() != first
    assert "clients show tickets until then" in err
    assert token() is None
    assert token(now=now + timedelta(minutes=60)) is None
    assert token(now=now + timedelta(minutes=66)) is not None


def test_show():
    """The public half alone; the key is made if there is none."""
    out, err = run("show")
    assert out == published()
    assert (err, "PRIVATE" in out) == ("", False)


def test_another_secret_key(settings, caplog):
    """Fallbacks are honoured; without them clients show tickets, and the log says what to do."""
    first = published()
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key"
    settings.SECRET_KEY_FALLBACKS = [old]
    keys.forget()
    assert published() == first
    settings.SECRET_KEY_FALLBACKS = []
    keys.forget()
    assert published() is None
    assert token() is None
    assert "SECRET_KEY_FALLBACKS" in caplog.text
    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        run("show")
    run("rotate")
    assert published() not in {first, None}


def test_key_in_a_file(settings, external, tmp_path):
    """A file is used an hour after its change, since servers may know the one before."""
    path = tmp_path / "key.pem"
    path.write_text(run("generate")[0])
    settings.TALK_CALLS = {"SIGNALING": {**external, "KEY": str(path)}}
    assert our_errors() == []
    assert "BEGIN PUBLIC KEY" in published()
    assert token() is None
    old = time.time() - 3901
    os.utime(path, (old, old))
    keys.forget()
    assert claims(token())["iss"] == ISSUER
    assert not SignalingKey.objects.exists()
    with pytest.raises(CommandError, match="not in the database"):
        run("rotate")


@pytest.mark.parametrize("before", ["", "\n", " \n  "])
def test_key_in_the_setting(settings, external, before):
    """A text is used at once, also one that begins with a line break, as in three quotes."""
    settings.TALK_CALLS = {"SIGNALING": {**external, "KEY": before + run("generate")[0]}}
    assert our_errors() == []
    assert claims(token())["iss"] == ISSUER


def other_keys():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    for private in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        yield private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
    yield "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----"
    yield "/no/such/file.pem"
    yield __file__
    yield "/no\0file"
    yield run("generate")[0].replace("-----BEGIN PRIVATE KEY-----", "")
    # On a curve that the package does not know.
    known, unknown = (bytes.fromhex(f"2a8648ce3d0301{last}") for last in ("07", "05"))
    lines = run("generate")[0].splitlines()
    unsupported = base64.b64decode("".join(lines[1:-1])).replace(known, unknown)
    yield "\n".join([lines[0], base64.b64encode(unsupported).decode(), lines[-1]])


@pytest.mark.parametrize("kind", range(8))
def test_unusable_keys(settings, external, caplog, kind):
    """E024; at run time clients show tickets, and the log has nothing of the key."""
    key = list(other_keys())[kind]
    settings.TALK_CALLS = {"SIGNALING": {**external, "KEY": key}}
    found = [each for each in checks.run_checks() if each.id == "talk_calls.E024"]
    assert len(found) == 1
    assert published() is None
    assert token() is None
    assert "no key for tokens" in caplog.text
    if "-----" in key:
        assert key.split("\n")[1] not in caplog.text + found[0].msg


def test_without_the_packages(monkeypatch, caplog):
    """Clients show tickets; the check E023 has said it."""

    def missing() -> bytes:
        raise ImportError("No module named 'cryptography'")

    monkeypatch.setattr(keys, "generate", missing)
    assert published() is None
    assert token() is None
    assert "cryptography" in caplog.text
    with pytest.raises(CommandError, match=r"pip install 'talk-calls\[hpb\]'"):
        run("generate")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_key_is_made_by_many(external):
    """Processes that start at once agree."""
    found: list[str] = []

    def make() -> None:
        found.append(keys.load().public)
        connection.close()

    threads = [threading.Thread(target=make) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_internal_signaling_imports_no_packages():
    """A site without external signaling needs none of the extra, and loads none of it."""
    code = (
        "import sys, django; django.setup(); import talk_calls.urls;"
        "from talk_calls.api import capabilities; capabilities.document(None);"
        "print({'jwt', 'cryptography'} & set(sys.modules))"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(  # noqa: S603
        command, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stdout == "set()\n", ran.stderr

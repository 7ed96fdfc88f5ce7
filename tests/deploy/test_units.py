"""The units for systemd and compose.yaml start what tests start, with files that are in deploy/."""

import configparser
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.servers.samples import DEPLOY
from tests.servers.web import _COMMANDS, HOST

COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]

#: Options that start servers of tests, by their programs.
TESTED = {
    "nextcloud-spreed-signaling-server": {"-config"},
    "nextcloud-spreed-signaling-proxy": {"-config"},
    "nats-server": {"-c"},
    "janus": {"--configs-folder"},
    "turnserver": {"-c"},
}


def unit(path):
    """Return the unit as sections of keys; of keys that are there twice the last."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read(path)
    return parser


def command_of(name):
    """Return the words of a unit's command."""
    return shlex.split(unit(DEPLOY / "systemd" / name)["Service"]["ExecStart"])


@pytest.mark.parametrize(
    "name",
    sorted(
        str(path.relative_to(DEPLOY / "systemd"))
        for path in (DEPLOY / "systemd").rglob("*")
        if path.is_file()
    ),
)
def test_units_are_well_formed(name):
    """Units have the sections that systemd knows, and are started again when they end."""
    parser = unit(DEPLOY / "systemd" / name)
    assert set(parser.sections()) <= {"Unit", "Service", "Install"}
    assert parser["Service"]["Restart"] == "always"


def test_django_is_started_as_documented():
    """Unit, compose.yaml and docs/deployment.md name the server of the benchmarks."""
    program, *options = command_of("talk-django.service")
    assert [Path(program).name, *options] == SERVICES["django"]["command"]
    assert Path(program).name == _COMMANDS["uvicorn"][0]
    assert options[-1] == "project.asgi:application"
    assert options[options.index("--host") + 1] == HOST
    shown = subprocess.run(
        [sys.executable, "-m", "uvicorn", "--help"], capture_output=True, check=True, text=True
    ).stdout
    # Documented without its value, or as one of a pair such as --access-log / --no-access-log.
    assert not [each for each in options if each.startswith("--") and each not in shown]
    assert (
        "uvicorn --workers 2 project.asgi:application"
        in (DEPLOY.parent / "docs/deployment.md").read_text()
    )


def test_sweeper_is_started_alike():
    """The unit and compose.yaml run the same command, with options that it has."""
    program, *arguments = command_of("talk-sweep.service")
    assert [Path(program).name, *arguments] == SERVICES["sweeper"]["command"]
    from talk_calls.management.commands import talk_sweep

    parser = talk_sweep.Command().create_parser("manage.py", "talk_sweep")
    assert parser.parse_args(arguments[2:]).loop == 60


def test_webhooks_are_delivered_alike():
    """The unit and compose.yaml run the same command, with options that it has."""
    program, *arguments = command_of("talk-deliver.service")
    assert [Path(program).name, *arguments] == SERVICES["webhooks"]["command"]
    from talk_calls.management.commands import talk_deliver

    parser = talk_deliver.Command().create_parser("manage.py", "talk_deliver")
    assert parser.parse_args(arguments[2:]).loop == 1


@pytest.mark.parametrize("name", ["signaling", "nats", "janus", "coturn"])
def test_servers_get_their_samples(name):
    """A server of compose.yaml reads the sample at the place that its command names."""
    service = SERVICES[name]
    program, *arguments = service["command"]
    assert TESTED[program] <= set(arguments)
    [volume] = service["volumes"]
    source, target, mode = volume.split(":")
    assert (DEPLOY / source).exists()
    assert target in arguments
    assert mode == "ro"


def test_all_files_of_compose_are_there():
    """What compose.yaml mounts or builds from is in deploy/; certificates are the site's."""
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert source == "./certificates" or (DEPLOY / source).exists(), name
            else:
                assert source in COMPOSE["volumes"]
        if build := service.get("build"):
            context = DEPLOY / build["context"]
            assert (context / build["dockerfile"]).exists(), name
        for needed in service.get("depends_on", []):
            assert needed in SERVICES


def test_secrets_are_to_be_replaced():
    """A sample has no secret that somebody may leave in place."""
    text = (DEPLOY / "signaling/server.conf").read_text()
    words = "HASH_KEY_OF_64_CHARACTERS", "BLOCK_KEY_OF_32_CHARACTERS", "INTERNAL_SECRET"
    assert all(word in text for word in (*words, "SHARED_SECRET"))
    assert "static-auth-secret=TURN_SECRET" in (DEPLOY / "coturn/turnserver.conf").read_text()

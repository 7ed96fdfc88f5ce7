"""The call page as the server sends it: one page for all tokens, and headers that guard it."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import get_script_prefix, reverse, set_script_prefix

from talk_calls.call_page import headers, views
from talk_calls.constants import REACTIONS
from talk_calls.host import home_page
from tests.factories import ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db

ROOT = Path(views.__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "static/talk_calls/call").rglob("*.js"))
TEMPLATES = sorted((ROOT / "templates/talk_calls/call").glob("*.html"))


def page(client: Client, token: str = "nowhere") -> str:  # noqa: S107 -- no secret
    response = client.get(f"/call/{token}")
    assert response.status_code == 200
    return response.content.decode()


def written(html: str, name: str):
    """Return the data that the page passes to its scripts."""
    [text] = re.findall(rf'<script id="{name}" type="application/json">(.*?)</script>', html)
    return json.loads(text)


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in map(str.split, policy.split("; "))}


# --- who gets what -----------------------------------------------------------------------------


def test_every_token_is_the_same_page(client):
    """The page is the same whether or not the conversation exists."""
    token = ConversationFactory().token
    assert page(client, token).replace(token, "nowhere") == page(client)


@pytest.mark.parametrize("path", ["/call/abcd", "/index.php/call/abcd"])
def test_paths(client, path):
    """Links have the path with and without index.php, as Talk's do."""
    assert client.get(path).status_code == 200
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("token", ["abc", "ABCD", "ab-cd", "a" * 31, "abcd/", "abcd%0A"])
def test_other_tokens_are_no_page(client, token):
    """What cannot be a token leads nowhere."""
    assert client.get(f"/call/{token}").status_code == 404


def test_the_page_takes_few_queries(client, django_assert_num_queries):
    """A guest costs no query; a user costs those of the login."""
    with django_assert_num_queries(0):
        page(client)
    client.force_login(UserFactory())
    with django_assert_num_queries(2):
        page(client)


def test_guest(client):
    """A guest types a name, and is offered to log in, outside of any frame, and come back."""
    html = page(client)
    assert 'id="name"' in html
    assert '<a href="/accounts/login/?next=%2Fcall%2Fnowhere" target="_top">' in html
    assert written(html, "call-config") == {
        "token": "nowhere",
        "api": "/ocs/v2.php/apps/spreed/api/",
        "name": None,
        "timeout": 30.0,
        "external": False,
        "home": "/",
        "turnLifetime": None,
        "loginUrl": "/accounts/login/?next=%2Fcall%2Fnowhere",
        "reactions": list(REACTIONS),
    }


def test_user(client):
    """A user comes under the own name, whatever is in it."""
    client.force_login(UserFactory(first_name="</script><b>", last_name="Ann"))
    html = page(client)
    assert "<strong><bdi>&lt;/script&gt;&lt;b&gt; Ann</bdi></strong>" in html
    assert 'id="name"' not in html
    assert 'href="/accounts/login' not in sections(html)["ready"]
    assert written(html, "call-config")["name"] == "</script><b> Ann"


def test_site_without_a_login_page(client, settings):
    """A site that has none offers none."""
    for nowhere in ("no-such-name", "/no/such/path/"):
        settings.LOGIN_URL = nowhere
        assert ">Log in" not in page(client)
    settings.LOGIN_URL = "https://id.example/in?site=1"
    assert "https://id.example/in?site=1&amp;next=%2Fcall%2Fnowhere" in page(client)


def test_login_address_of_users(client):
    """A user may be logged out during a call, and then comes back by the same address."""
    client.force_login(UserFactory())
    config = written(page(client), "call-config")
    assert config["loginUrl"] == "/accounts/login/?next=%2Fcall%2Fnowhere"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", "/"),
        ("/calls/", "/calls/"),
        ("/calls?all=1#top", "/calls?all=1#top"),
        ("https://intranet.example/", "https://intranet.example/"),
        ("talk_web:people-in-calls", "/talk/people-in-calls"),
        ("no-such-name", "/"),
        ("javascript:alert(1)", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example/", "/"),
        ("ftp://elsewhere.example/", "/"),
    ],
)
def test_way_home(client, settings, value, address):
    """The page leads to a page of the site or an http address, and never to anything else."""
    settings.TALK_CALLS = {"CALL_HOME": value}
    assert written(page(client), "call-config")["home"] == address


def test_way_home_of_a_site_below_a_path(settings):
    """The root of a site is where it is mounted."""
    prefix = get_script_prefix()
    set_script_prefix("/talk/")
    try:
        assert home_page.home_page() == "/talk/"
        settings.TALK_CALLS = {"CALL_HOME": "talk_web:people-in-calls"}
        assert home_page.home_page() == "/talk/talk/people-in-calls"
    finally:
        set_script_prefix(prefix)


@pytest.mark.parametrize(
    ("servers", "lifetime"),
    [
        ([], None),
        ([{"ADDRESS": "turn.example:3478", "SECRET": "s"}], 86400),
        ([{"ADDRESS": "turn.example:3478", "SECRET": "s", "PROTOCOLS": []}], None),
    ],
)
def test_lifetime_of_turn_credentials(client, settings, servers, lifetime):
    """The page knows when to ask for new credentials, and that there are none."""
    settings.TALK_CALLS = {"TURN_SERVERS": servers}
    assert written(page(client), "call-config")["turnLifetime"] == lifetime


def test_site_without_users(rf: RequestFactory):
    """Without the authentication middleware everybody is a guest."""
    request = rf.get("/call/abcd")
    assert views.CallPage.as_view()(request, token="abcd").context_data["user_name"] is None
    request.user = AnonymousUser()
    assert views.CallPage.as_view()(request, token="abcd").context_data["user_name"] is None


def test_site_below_a_path():
    """Where the site is mounted below a path, the scripts ask the API there."""
    prefix = get_script_prefix()
    set_script_prefix("/talk/")
    try:
        assert views.api_base("abcd") == "/talk/ocs/v2.php/apps/spreed/api/"
        assert reverse("talk_web:call", kwargs={"token": "abcd"}) == "/talk/call/abcd"
    finally:
        set_script_prefix(prefix)


# --- headers -----------------------------------------------------------------------------------


def test_headers(client):
    """Nothing inline runs, nothing comes from elsewhere, nobody frames the page or keeps it."""
    response = client.get("/call/nowhere")
    policy = directives(response["Content-Security-Policy"])
    assert policy == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'", "blob:", "mediastream:"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    assert (
        "camera=(self), microphone=(self), display-capture=(self)" in response["Permissions-Policy"]
    )
    assert response["Referrer-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert "no-store" in response["Cache-Control"]


def test_signaling_servers(client, settings):
    """With external signaling the page connects to the servers' WebSockets, and no further."""
    servers = [
        {"url": "https://hpb.example:8443/", "secret": "s" * 32},
        {"url": "http://127.0.0.1:8080/signaling", "secret": "s" * 32},
    ]
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "external", "SERVERS": servers}}
    response = client.get("/call/nowhere")
    assert written(response.content.decode(), "call-config")["external"]
    assert directives(response["Content-Security-Policy"])["connect-src"] == [
        "'self'",
        "wss://hpb.example:8443/spreed",
        "ws://127.0.0.1:8080/signaling/spreed",
    ]
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "internal", "SERVERS": servers}}
    assert directives(client.get("/call/nowhere")["Content-Security-Policy"])["connect-src"] == [
        "'self'"
    ]


@pytest.mark.parametrize(
    ("sites", "options"),
    [
        (["'self'"], "SAMEORIGIN"),
        (["https://app.example.org"], None),
        (("'self'", "https://*.example.org"), None),
    ],
)
def test_frames(client, settings, sites, options):
    """The sites that the setting names may frame the page."""
    settings.TALK_CALLS = {"FRAME_ANCESTORS": sites}
    response = client.get("/call/nowhere")
    assert directives(response["Content-Security-Policy"])["frame-ancestors"] == list(sites)
    assert response.get("X-Frame-Options") == options
    login = client.get("/accounts/login/")
    assert login["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("static_url", "origins"),
    [
        ("/static/", []),
        ("static/", []),
        ("https://static.example/talk/", ["https://static.example"]),
        ("//static.example:8443/", ["static.example:8443"]),
    ],
)
def test_static_files_of_another_origin(settings, static_url, origins):
    """A site whose static files lie elsewhere lets scripts and styles come from there, too."""
    settings.STATIC_URL = static_url
    policy = directives(headers.content_security_policy())
    for directive in ("script-src", "style-src", "font-src"):
        assert policy[directive] == ["'self'", *origins]
    assert policy["connect-src"] == ["'self'"]


def test_nothing_inline(client):
    """No handler, style or script stands in the page: the policy would silence it."""
    html = page(client)
    assert re.findall(r"<[^>]*\s(?:style|on\w+)=", html) == []
    assert "<style" not in html
    for opening, content in re.findall(r"(<script[^>]*>)(.*?)</script>", html, re.DOTALL):
        assert 'type="application/json"' in opening or (" src=" in opening and not content)


# --- what scripts and templates owe each other --------------------------------------------------


def test_elements_that_scripts_need(client):
    """Every id for which a script asks is on the page, for guests and users."""
    wanted = {
        name for script in SCRIPTS for name in re.findall(r'byId\("([^"]+)"\)', script.read_text())
    }
    wanted |= {
        name
        for script in SCRIPTS
        for name in re.findall(r'instance\("([^"]+)"\)', script.read_text())
    }
    assert {"grid", "tile-template"} <= wanted
    there = set(re.findall(r'\sid="([^"]+)"', page(client)))
    assert wanted - there == set()
    client.force_login(UserFactory())
    for_guests = wanted - set(re.findall(r'\sid="([^"]+)"', page(client)))
    assert for_guests == {"name", "name-dialog", "name-problem", "new-name"}


def sections(html: str) -> dict[str, str]:
    """Return the views of the page by their names."""
    return dict(re.findall(r'<section data-view="([a-z-]+)"[^>]*>(.*?)</section>', html, re.DOTALL))


@pytest.fixture(scope="module")
def states() -> dict[str, dict[str, Any]]:
    """Return the table of the states of a visit, as Node reads it, which comes with Playwright."""
    from playwright._impl._driver import compute_driver_executable

    module = (ROOT / "static/talk_calls/call/visit/states.js").as_uri()
    script = f'import {{ STATES }} from "{module}"; console.log(JSON.stringify(STATES))'
    node, _ = compute_driver_executable()
    command = [node, "--input-type=module", "-e", script]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    return json.loads(ran.stdout)


@pytest.mark.package("playwright")
def test_views_of_the_states(client, states):
    """Every state of a visit is a section of the page with a heading, and there is no other."""
    views = sections(page(client))
    assert set(views) == set(states)
    for name, content in views.items():
        assert re.search(r'<h2[^>]* tabindex="-1"', content), name


@pytest.mark.package("playwright")
def test_buttons_of_the_states(client, states):
    """Every button that the table of states names is in the view of that state, and no other."""
    for name, content in sections(page(client)).items():
        there = set(re.findall(r'data-act="(\w+)"', content))
        if name == "call":
            there.add("leave")  # by its id, since the toolbar has more
        assert there == set(states[name].get("buttons", {})), name


@pytest.mark.package("playwright")
def test_states_that_are_over_lead_home(client, states, settings):
    """Each page at the end of a visit has a link home."""
    settings.TALK_CALLS = {"CALL_HOME": "/meetings/"}
    views = sections(page(client))
    for name in [name for name, state in states.items() if state.get("isOver")]:
        assert '<a href="/meetings/" target="_top">Back to the site</a>' in views[name], name


def test_texts_that_scripts_say(client):
    """Every text for which a script asks is there, and no other; reactions have names."""
    texts = written(page(client), "call-texts")
    assert set(REACTIONS) < set(texts)
    scripts = "".join(script.read_text() for script in SCRIPTS)
    for name in re.findall(r'(?:\btext|announce|ask)\("([a-z-]+)"', scripts):
        assert name in texts
    composed = re.compile(r"(no|camera|microphone|speaker|devices|browser|connection)-[a-z-]+")
    for name in set(texts) - set(REACTIONS):
        assert f'"{name}"' in scripts or composed.fullmatch(name), name


def test_modules_find_each_other():
    """Whatever a script imports is beside it, and exports that."""
    for script in SCRIPTS:
        for names, module in re.findall(
            r'^import \{ ([^}]*) \} from "\./(.*?)";', script.read_text(), re.M
        ):
            exports = (script.parent / module).read_text()
            for name in names.split(", "):
                assert re.search(
                    rf"^export (?:async )?(?:const|function|class) {name}\b", exports, re.M
                ), name


def test_accessible_names_that_others_rely_on(client):
    """Scripts of others find the controls by these accessible names."""
    html = page(client)
    assert '<label for="name">Your name</label>' in html
    for name in ("Join call", "Leave call", "Turn camera off", "Mute"):
        assert re.search(rf"<button[^>]*>(?:<svg.*?</svg>)?(?:<span[^>]*>)?{name}<", html), name
    texts = written(html, "call-texts")
    assert [texts[key] for key in ("camera-off", "camera-on", "mute", "unmute")] == [
        "Turn camera off",
        "Turn camera on",
        "Mute",
        "Unmute",
    ]


# --- overriding --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block", ["title", "styles", "head", "icon", "header", "brand", "ready", "over", "footer"]
)
def test_blocks(block):
    """A site changes a part of the page and leaves the rest as it is."""
    template = engines["django"].from_string(
        f"{{% extends 'talk_calls/call/page.html' %}}{{% block {block} %}}OURS{{% endblock %}}"
    )
    context = {"config": {}, "texts": {}}
    ours = template.render(context)
    assert ours.count("OURS") == 1
    assert ours != render_to_string("talk_calls/call/page.html", context)


def test_every_template_is_used():
    """Each part of the page is a template of its own, and is included."""
    whole = "".join(template.read_text() for template in TEMPLATES)
    for template in TEMPLATES:
        if template.name != "page.html":
            assert f'"talk_calls/call/{template.name}"' in whole

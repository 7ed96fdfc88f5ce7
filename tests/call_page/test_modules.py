"""The page names the modules of its script, with the URLs from which browsers load them."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.template import engines
from django.template.loader import render_to_string

from talk_calls.call_page import modules

pytestmark = pytest.mark.django_db

STATIC = Path(modules.__file__).parents[1] / "static"
CALL = STATIC / "talk_calls/call"
HASHED_PLAIN = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
HASHED = "tests.call_page.test_modules.HashedImports"


class HashedImports(ManifestStaticFilesStorage):
    """As sites set it up that want the names in imports hashed, too."""

    support_js_module_import_aggregation = True


def preloaded(client) -> list[str]:
    html = client.get("/call/nowhere").content.decode()
    return [unescape(url) for url in re.findall(r'<link rel="modulepreload" href="(.*?)">', html)]


def main_script(client) -> str:
    [url] = re.findall(
        r'<script type="module" src="(.*?)">', client.get("/call/abcd").content.decode()
    )
    return url


def loaded(url: str, read) -> set[str]:
    """Return the URLs that a browser loads for a script, found by another way than the page's."""
    known: set[str] = set()
    waiting = [url]
    while waiting:
        each = waiting.pop()
        known.add(each)
        code = re.sub(r"/\*.*?\*/", "", read(each), flags=re.DOTALL)  # comments import types
        named = re.findall(r'from\s*"(\.[^"]*)"', code)
        waiting += [there for name in named if (there := urljoin(each, name)) not in known]
    return known - {url}


def test_all_modules_are_named_and_no_others(client):
    """Each module that a browser loads for the script, once; every file is one but for a script.

    What says that modules did not load is none itself.
    """
    urls = preloaded(client)
    read = {f"/static/{path.relative_to(STATIC)}": path.read_text() for path in CALL.rglob("*.js")}
    assert len(urls) == len(set(urls))
    assert set(urls) == loaded("/static/talk_calls/call/main.js", read.__getitem__)
    own = {"/static/talk_calls/call/main.js", "/static/talk_calls/call/page/load-failure.js"}
    assert set(urls) == read.keys() - own


@pytest.mark.parametrize("storage", [HASHED_PLAIN, HASHED])
def test_hashed_names(client, settings, tmp_path, storage):
    """With hashed names the page names what the imports name, whether or not that is hashed."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    call_command("collectstatic", verbosity=0, interactive=False)

    def read(url: str) -> str:
        return (tmp_path / url.removeprefix("/static/")).read_text()

    urls = set(preloaded(client))
    assert urls == loaded(main_script(client), read)
    hashed = {url for url in urls if re.search(r"\.[0-9a-f]{12}\.js$", url)}
    assert hashed == (urls if storage == HASHED else set())


def test_static_files_of_another_origin(client, settings):
    """The URLs begin as that of the script does."""
    settings.STATIC_URL = "https://static.example/talk/"
    urls = preloaded(client)
    assert main_script(client) == "https://static.example/talk/talk_calls/call/main.js"
    assert "https://static.example/talk/talk_calls/call/api/api.js" in urls
    assert all(url.startswith("https://static.example/talk/talk_calls/call/") for url in urls)


def test_no_file_is_read_for_a_page(client, monkeypatch):
    """The files are read once in the life of a process."""
    urls = preloaded(client)
    monkeypatch.setattr(modules, "_STATIC_FILES", Path("/nowhere"))
    assert preloaded(client) == urls


def test_own_scripts():
    """A template of a site that has scripts of its own loads none of ours."""
    template = engines["django"].from_string(
        "{% extends 'talk_calls/call/page.html' %}{% block scripts %}OURS{% endblock %}"
    )
    context = {"config": {}, "texts": {}, "modules": ["/x.js"]}
    assert "modulepreload" not in template.render(context)
    assert "modulepreload" in render_to_string("talk_calls/call/page.html", context)

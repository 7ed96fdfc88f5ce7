"""The URLs of the site of Wagtail."""

from tests.pages import run

run("integrate.md", "wagtail-urls", globals())

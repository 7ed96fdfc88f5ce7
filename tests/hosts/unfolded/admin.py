"""The host's admin, which registers ours anew."""

from tests.pages import run

run("integrate.md", "unfold-admin", globals())

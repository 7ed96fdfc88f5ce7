"""The browser that a client sends its user to."""

from tests.project.test_login import browser, submit


def grant(page: str, username: str, password: str) -> None:
    """Log in at the page that a login flow named, and let the client in."""
    person = browser()
    login = person.open(page)
    form = login.read().decode()
    question = submit(person, form, login.url, username=username, password=password)
    assert "Give an app access to your account?" in question
    granted = submit(person, question, page, decision="grant")
    assert "The app has access now" in granted

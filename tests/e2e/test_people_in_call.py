"""The element that shows how many people are in a call, on a page that stays open."""

from tests.e2e.visitors import until

#: Put two elements of the meeting, one of nothing and a button into the page; its policy is strict.
SHOW = """async (token) => {
  globalThis.heard = [];
  addEventListener("talk-people-changed", ({ detail }) => heard.push(detail));
  const script = document.createElement("script");
  Object.assign(script, { type: "module", src: "/static/talk_calls/people-in-call.js" });
  const loaded = new Promise((resolve) => { script.onload = resolve; });
  document.head.append(script);
  await loaded;
  for (const each of [token, token, "nowhere"]) {
    const element = document.createElement("talk-people-in-call");
    element.setAttribute("token", each);
    element.setAttribute("source", "/talk/people-in-calls");
    element.textContent = "?";
    document.body.append(element);
  }
  const button = document.createElement("a");
  button.className = "talk-join-button";
  Object.assign(button.dataset, { token, start: "Start", join: "Join" });
  document.body.append(button);
}"""
#: What the page does when somebody comes back to its tab; else it asks every 15 s.
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"
HIDE = "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
BUTTON = "document.querySelector('.talk-join-button').outerHTML"
TEXTS = "[...document.querySelectorAll('talk-people-in-call')].map((each) => each.textContent)"


def test_the_number_stays_current(visitor, meeting):
    """All elements share a request; a hidden page asks for nothing, a failure is no error.

    The button of the same call follows.
    """
    ann = visitor("Ann").open()
    asked = []
    ann.page.on("request", lambda request: asked.append(request.url))
    ann.page.evaluate(SHOW, meeting.token)

    def shows(*texts: str) -> bool:
        return ann.page.evaluate(TEXTS) == list(texts)

    ann.page.evaluate(LOOK)
    until(lambda: shows(*2 * ["Nobody is in a call."], ""), 5, ann.page)
    visitor("Ben").open().join()
    asked.clear()
    ann.page.evaluate(LOOK)
    until(lambda: shows(*2 * ["In the call: 1"], ""), 5, ann.page)
    assert len([url for url in asked if "people-in-calls" in url]) == 1
    heard = ann.page.evaluate("heard")
    assert heard[-2:] == 2 * [{"token": meeting.token, "people": 1}]
    button = ann.page.evaluate(BUTTON)
    assert "talk-join-button-running" in button
    assert ">Join<" in button

    ann.context.set_offline(True)
    ann.page.evaluate(LOOK)
    ann.page.wait_for_timeout(300)
    assert shows(*2 * ["In the call: 1"], "")
    ann.context.set_offline(False)

    asked.clear()
    ann.page.evaluate(HIDE)
    ann.page.evaluate(LOOK)
    ann.page.wait_for_timeout(300)
    assert [url for url in asked if "people-in-calls" in url] == []
    ann.page.evaluate(HIDE.replace("true, conf", "false, conf"))
    meeting.delete()
    ann.page.evaluate(LOOK)
    until(lambda: shows("", "", ""), 5, ann.page)

"""Sending a test to an endpoint, at once and outside of any sequence."""

import uuid

from django.utils.translation import gettext_lazy as _

from talk_calls.exceptions import InvalidValue
from talk_calls.host import clock
from talk_calls.models import WebhookEndpoint
from talk_calls.webhooks import bodies, endpoints, requests, signatures
from talk_calls.webhooks.requests import Attempt


def send_test(endpoint: WebhookEndpoint) -> Attempt:
    """Send an event ``test`` and return what came of it, whether the endpoint is enabled or not.

    It takes up to ``WEBHOOK_TIMEOUT`` seconds, and nothing of it is stored. Raises
    ``ImproperlyConfigured`` without the extra ``webhooks``, and ``InvalidValue`` for an endpoint of
    the settings whose secret this process does not have.
    """
    signatures.require()
    now, uid = clock.now(), uuid.uuid4()
    body = bodies.test_body(uid, now)
    secrets = endpoints.secrets_of(endpoint, now)
    if not secrets:
        raise InvalidValue(_("The endpoint is not in the setting WEBHOOKS of this process."))
    headers = signatures.signed_headers(str(uid), body, secrets=secrets, now=now)
    return requests.send(requests.request_to(endpoint.url, body, headers))

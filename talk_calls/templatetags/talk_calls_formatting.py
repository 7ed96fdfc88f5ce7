"""Times and numbers in the templates of this app, in the format of ``reports.formatting``.

They are for pages of operators and of account holders; sites use ``{% load talk_calls %}``.
"""

from django import template

from talk_calls.reports import formatting, webhooks

register = template.Library()

for _function in (
    formatting.datetime_text,
    formatting.minute_text,
    formatting.time_text,
    formatting.datetime_cell,
    formatting.minute_cell,
    formatting.with_zone,
    formatting.number_text,
):
    register.filter(_function)

register.filter("endpoint_state", webhooks.state_text)

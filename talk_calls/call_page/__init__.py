"""The call page: what people without an app see of a conversation.

The server renders one page for every token and knows nothing more; the page's own modules
(``static/talk_calls/call``) learn over the API what there is.
"""

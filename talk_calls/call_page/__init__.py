"""The call page: a web client for people who use no app.

The server renders the same page for every token, whether or not there is such a conversation. The
page's scripts (``static/talk_calls/call``) load everything over the API.
"""

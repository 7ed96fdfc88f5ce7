"""OpenAPI documents of the API, one for each version; needs the extra ``openapi``.

Nothing here is imported unless a site includes ``talk_calls.api.schema.urls``. All of it follows
from the routes, the ``Operation`` of each action, the parameter serializers, the tables of
``api/serializers``, and ``api/errors``.
"""

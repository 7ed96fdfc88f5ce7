"""The API told as OpenAPI, a document for each version; needs the extra ``openapi``.

Nothing here is imported unless a site includes ``talk_calls.api.schema.urls``. ``operations`` says
what each action reads and returns; all else follows from the routes, the permission classes, the
parameter serializers, the tables of ``api/serializers`` and ``api/errors``.
"""

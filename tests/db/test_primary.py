"""No model of the app is read from a replica (tests/databases has a site with one)."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel
from talk_calls.models import AppPassword

MODELS = list(apps.get_app_config("talk_calls").get_models())


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_reads_from_the_primary(model):
    """Its rows, and the rows that its foreign keys refer to."""
    assert issubclass(model, PrimaryModel)
    assert isinstance(model._default_manager.get_queryset(), PrimaryMixin)
    keys = [field for field in model._meta.local_fields if field.is_relation]
    assert all(isinstance(key, PrimaryForeignKey) for key in keys if not _is_parent_link(key))


def _is_parent_link(field) -> bool:
    return bool(field.remote_field.parent_link)


@pytest.mark.django_db
def test_a_foreign_key_to_nothing():
    """Forms are told so, as by a plain foreign key."""
    with pytest.raises(ValidationError, match="user instance with id 4711"):
        AppPassword(user_id=4711, name="phone", digest="x").full_clean()

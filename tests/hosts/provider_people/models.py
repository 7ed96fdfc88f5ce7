"""Somebody whom an identity provider knows."""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class ProviderUser(AbstractBaseUser, PermissionsMixin):
    """The user of a site behind an identity provider: only ``sub`` is sure to be there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sub = models.CharField(max_length=255, unique=True)
    username = models.CharField(max_length=100, unique=True, null=True, blank=True)
    full_name = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 -- as there
    email = models.EmailField(null=True, blank=True)  # noqa: DJ001 -- as there
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar = BaseUserManager["ProviderUser"]()

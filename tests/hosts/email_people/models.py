"""Somebody known by an e-mail address."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class EmailUsers(BaseUserManager["EmailUser"]):
    """Makes people without a user name."""

    def create_user(self, email: str, password: str, **fields: Any) -> "EmailUser":
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save()
        return user


class EmailUser(AbstractBaseUser, PermissionsMixin):
    """The user of many a site with allauth: logs in by e-mail, and has one field for the name."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = EmailUsers()

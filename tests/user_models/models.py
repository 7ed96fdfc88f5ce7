"""User models of the kinds that sites have; ``settings`` makes one of them the site's."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models


class EmailManager(BaseUserManager):
    """Makes accounts that have no user name."""


class EmailUser(AbstractUser):
    """Logs in by e-mail; a name in one field, as cookiecutter-django has it."""

    username = None
    first_name = last_name = None
    name = models.CharField(max_length=255, blank=True)
    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = EmailManager()

    def __str__(self):
        return self.email


class UuidUser(AbstractBaseUser):
    """Comes from a single sign-on: a UUID, a nullable user name, names that may be null.

    It has neither groups nor ``is_active``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sub = models.CharField(max_length=255, unique=True, null=True)  # noqa: DJ001
    first_name = models.CharField(max_length=100, null=True)  # noqa: DJ001
    last_name = models.CharField(max_length=100, null=True)  # noqa: DJ001
    email = models.EmailField(null=True)  # noqa: DJ001

    USERNAME_FIELD = "sub"

    objects = BaseUserManager()

    def __str__(self):
        return str(self.id)

    def get_full_name(self):
        return f"{self.first_name} {self.last_name}"


class NickUser(AbstractBaseUser):
    """Has a nick and a flag, and nothing else: neither names, groups nor an e-mail field."""

    nick = models.SlugField(unique=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "nick"

    objects = BaseUserManager()

    def __str__(self):
        return self.nick


class Person(NickUser):
    """A kind of user by multi-table inheritance, who is saved as such."""

    display_name = models.CharField(max_length=100, blank=True)

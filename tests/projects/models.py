"""Projects of teams, and what else has a room; registered by the tests and not here."""

import uuid

from django.conf import settings
from django.db import models


class Team(models.Model):
    name = models.CharField(max_length=80)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="teams", blank=True)


class Project(models.Model):
    name = models.CharField(max_length=80)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="led_projects"
    )
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="projects")
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="projects"
    )
    watchers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="watched_projects")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    is_moderator = models.BooleanField(default=False)


class SecretProject(Project):
    """Inherits with a table of its own."""


class ProjectOfNow(Project):
    """Inherits without a table."""

    class Meta:
        proxy = True


class Document(models.Model):
    """Known by a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.title


class Place(models.Model):
    """Known by a text."""

    slug = models.CharField(max_length=20, primary_key=True)


class Booking(models.Model):
    """A model of a host that points to a conversation by itself."""

    room = models.ForeignKey("talk_calls.Conversation", on_delete=models.PROTECT)

"""Forms for what operators edit."""

from django.core.exceptions import ValidationError
from django.forms import ModelForm

from talk_calls import names
from talk_calls.exceptions import InvalidValue


class NamedForm(ModelForm):
    """A form whose field ``name`` takes what every other way to set the name takes."""

    def clean_name(self) -> str:
        """Return the name as it is stored. One that the operator left alone stays as it is."""
        name: str = self.cleaned_data["name"]
        if "name" not in self.changed_data:
            return name
        try:
            return names.checked(name, most=self._meta.model._meta.get_field("name").max_length)
        except InvalidValue as refusal:
            raise ValidationError(str(refusal.message)) from refusal

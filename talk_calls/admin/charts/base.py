"""What all charts have in common."""

from typing import ClassVar, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


class Chart:
    """Base of the charts; ``template_name`` draws the attributes of one, as ``chart``."""

    template_name: ClassVar[str]

    def render(self) -> SafeString:
        """Return the chart as HTML."""
        return render_to_string(self.template_name, {"chart": self})


class Amount(NamedTuple):
    """A bar of a chart: its label, its length, and the text shown while it is pointed at."""

    label: str
    amount: float
    title: str

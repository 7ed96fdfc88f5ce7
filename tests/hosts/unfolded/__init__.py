"""An app of a host that uses the theme django-unfold."""

"""An app of a host, with models of the kinds that have rooms."""

"""An app of a host whose rows refer to those of talk_calls."""

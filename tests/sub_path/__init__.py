"""The demo site below ``/intranet/``, as each kind of server puts it there."""

"""What an app needs to add an account: the site's description, logging in, app passwords.

Pages are plain Django views, and work without JavaScript; what has an envelope is in ``cloud``.
"""

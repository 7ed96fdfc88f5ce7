"""What an app needs to add an account: the site's description, logins, app passwords, avatars.

Pages are plain Django views that work without JavaScript. The OCS endpoints are in ``cloud``.
"""

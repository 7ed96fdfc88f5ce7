"""The site around the app: its users and groups, who acts, and what time it is."""

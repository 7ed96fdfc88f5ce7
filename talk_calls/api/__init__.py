"""The OCS face of the app: routes per version, views, permissions, shapes."""

"""Sites whose user models differ from Django's, each in a process of its own."""

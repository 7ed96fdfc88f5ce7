"""Sites with logins of other people's making: allauth, django-otp, axes, tokens of REST framework.

Each has settings of its own and runs in a process of its own (test_sites.py).
"""

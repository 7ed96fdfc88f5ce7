"""Views with the envelope of the Open Collaboration Services (OCS); nothing about calls.

Only Django and DRF are imported here, so the package could be lifted into another project.
"""

"""The envelope of the Open Collaboration Services; knows nothing of calls.

Only Django and DRF are imported here, so the package could be lifted into another project.
"""

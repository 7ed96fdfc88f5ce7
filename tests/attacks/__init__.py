"""Requests that are made to do harm, and what they get."""

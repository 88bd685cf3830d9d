"""Playbooks in files: fetch events, run steps, and remember what was done."""

__version__ = "0.1.0"

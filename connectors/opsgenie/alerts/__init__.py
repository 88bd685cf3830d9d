"""Alerts: read them, create them, and act on them."""

"""Runs done again from some step: what is reused of an earlier run, what runs anew, and which changes that repeats."""

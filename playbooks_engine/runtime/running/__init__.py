"""Runs: a playbook's steps taken in order, each recorded, so that a crash repeats nothing that was done."""

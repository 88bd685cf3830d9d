"""What is remembered: events with their versions, runs with their steps, schedules, health, audit.

database    the file: opened, checked, migrated; transactions
soundness   is it whole?                 marking         is it the newest?
copying     copied, put back             room            a spare file for a full disk
pruning     what is old goes
tables      every table and column, each with a comment
gathering   several writers of one loop turn share a commit
journal     runs, steps, intents, `once` keys
events      streams, events and their versions, fetches
schedules   due times and slots          triggers        event triggers, matches, decisions
health      checks and states            notifications   messages waiting to leave
audit       one row before each call     leases, owners  who holds what
throttles   rate limits, as learned

Nothing here knows what a playbook is, and nothing here reads a clock: time is passed in.
"""

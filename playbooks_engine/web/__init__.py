"""The page and the JSON API: what is stored, shown to a person and to a program."""

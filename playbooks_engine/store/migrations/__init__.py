"""The scripts that bring a store from one schema to the next; they run inside one transaction."""

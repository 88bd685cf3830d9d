"""The playbook as text and as value: pure, without input or output; import the module you need."""

"""Tests of playbooks: `*.test.yml` read, performed on the real engine with a clock and given answers, and judged."""

"""Pieces of playbooks that many tests write."""

HEAD = "connections:\n  ops: opsgenie\n"


def fail(name: str, message: str = "no") -> str:
    return f"{{id: {name}, uses: core.fail, with: {{message: {message}}}}}"


def log(name: str) -> str:
    return f"{{id: {name}, uses: core.log, with: {{message: hello}}}}"


SEEN = (
    '{id: %s, uses: core.set, with: {step: "${{ error.step }}", type: "${{ error.type }}", '
    'says: "${{ error.message }}"}}'
)

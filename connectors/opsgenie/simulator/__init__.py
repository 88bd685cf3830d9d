"""An Opsgenie of one's own: a real HTTP server with state, refusals, rate buckets and misbehaviour on request."""

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Serve until told to stop. The exit status is for the shell."""
    from connectors.opsgenie.simulator.process import main as serve_in_this_process

    return serve_in_this_process(argv)

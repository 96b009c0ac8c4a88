"""The gate: a write waits here for a person's yes, and then is sent exactly once."""

from paydesk.server.gate.gate import Gate

__all__ = ["Gate"]

"""Every resource that the sandbox serves. A new resource file is added to this list, and nowhere else."""

from typing import Final

from paydesk.server.sandbox.resources import customers, events
from paydesk.server.sandbox.routes import Routes

ROUTES: Final = Routes([customers.resource, events.resource])

"""The edge of every use case. The only place that commits."""

from ecomops.runtime.lookups import look_up
from ecomops.runtime.streams import stream
from ecomops.runtime.units import engine, run, start, stop, unit_of_work

__all__ = ["engine", "look_up", "run", "start", "stop", "stream", "unit_of_work"]

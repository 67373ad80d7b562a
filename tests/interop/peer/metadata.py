"""The metadata of events as JSON, as our peer programs write and read it."""
import uuid
from datetime import datetime

from openedx_events.data import EventsMetadata


def as_json(metadata):
    return {"event_type": metadata.event_type, "id": str(metadata.id), "minorversion": metadata.minorversion, "source": metadata.source,
            "sourcehost": metadata.sourcehost, "time": metadata.time.isoformat(), "sourcelib": ".".join(map(str, metadata.sourcelib))}


def from_json(json):
    return EventsMetadata(event_type=json["event_type"], id=uuid.UUID(json["id"]), minorversion=json["minorversion"], source=json["source"],
                          sourcehost=json["sourcehost"], time=datetime.fromisoformat(json["time"]),
                          sourcelib=tuple(map(int, json["sourcelib"].split("."))))

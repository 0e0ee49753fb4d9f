"""What a workspace chose for its audit log: how long payloads are kept, where events are sent."""

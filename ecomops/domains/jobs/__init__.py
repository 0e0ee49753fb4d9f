"""Long work: queued, leased, fenced, followed and cancelled."""

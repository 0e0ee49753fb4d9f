"""The merchant that the simulators tell of: orders, payments and the processor's ledger."""

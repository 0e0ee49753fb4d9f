"""Generic parts that know nothing of the field: settings, context, errors, ids, logs, crypto."""

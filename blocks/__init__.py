"""The built-in blocks: one folder each, found by name through `portal.registry`."""

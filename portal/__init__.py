"""A publishing portal whose pages are composed of cached blocks placed by layout files."""

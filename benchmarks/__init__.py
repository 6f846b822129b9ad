"""Measurements: ratios against a named baseline of the same run, never times in a test."""

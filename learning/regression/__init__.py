"""Regression over parties that never show their rows."""

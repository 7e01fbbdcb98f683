"""ONE: features written in plain English, checked, compiled and run durably."""

__version__ = "0.1.0"

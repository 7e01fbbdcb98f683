"""ONE: features written in plain English, checked, compiled and run durably."""

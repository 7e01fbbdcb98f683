"""Where features are made: a project's texts and words, from the first line to a deployed revision.

Importing it opens no database, so that what only reads text starts quickly.
"""

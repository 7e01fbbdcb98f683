"""From words to the program: nouns, conditions, values, queries, calls. Verbs stand on this."""

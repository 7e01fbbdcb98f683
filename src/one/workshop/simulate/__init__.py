"""Programs simulated: walked through by the verbs that generated code uses, with nothing written.

trees       values computed as their trees stand · effects: data commands
scope       names, transactions, and what is known beforehand · walking: steps in order
shapes      branches, loops, tries · outside: calls, waits, all-or-nothing
interpreted a program as a feature
"""

from one.workshop.simulate.interpreted import Interpreted, interpreted

__all__ = ["Interpreted", "interpreted"]

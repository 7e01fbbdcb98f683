"""Payments: what is sold and for how much, who earns what of it, and what they are paid.

Books every fact of a payment in the journal of money.
"""

"""The rooms: what ONE can do, each an island of operations over the store."""

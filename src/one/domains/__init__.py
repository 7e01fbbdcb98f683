"""What ONE can do: the rooms, each with its operations."""

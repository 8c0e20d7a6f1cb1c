"""What every file of a bring-up folder says, as data."""

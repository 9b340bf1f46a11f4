"""What must be there before vibenv can run, one concern per file. Nothing here prints: callers pass `say`."""

"""Did I reproduce it? Runs every stage of a commit again, from nothing, and compares."""

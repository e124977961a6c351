"""The stages of the pipeline (verbs) and what they share (nouns)."""

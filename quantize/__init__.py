"""OPEN LLM -> SMALLER LLM: sources, schemes, backends, checkpoints."""

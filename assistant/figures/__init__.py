"""QUESTION + FACTS -> FIGURES: what must be exact is looked up and calculated, not generated."""

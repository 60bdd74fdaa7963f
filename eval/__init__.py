"""ANSWERS -> LOSS REPORT: questions, grades, retrieval, speed, and what the quantization cost."""

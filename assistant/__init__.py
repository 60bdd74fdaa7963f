"""QUESTION -> CITED ANSWER: retrieve, prompt, generate, ground, cite; the chat and the command."""

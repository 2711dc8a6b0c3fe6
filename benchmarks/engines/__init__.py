"""The engines set beside each other, one module each; all answer the same questions in the same columns."""

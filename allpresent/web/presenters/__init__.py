"""Plain values for the templates: no querysets, no rules, no HTML."""

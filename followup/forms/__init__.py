"""Forms: they parse the input, report errors in Thai, and keep the input as it was typed."""

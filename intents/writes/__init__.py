"""Commands that change something: which write is meant, and its slots."""

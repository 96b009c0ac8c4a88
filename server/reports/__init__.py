"""Reports on a period: gathered once into a model, then written as a PDF, a CSV or Markdown."""

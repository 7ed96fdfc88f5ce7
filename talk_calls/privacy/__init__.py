"""What is stored about a person: finding it, exporting it and erasing it."""

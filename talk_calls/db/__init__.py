"""Code below the ORM: compiled queries, retries, and the database of each transaction."""

"""A site with two databases, and a router that keeps everything in the second."""

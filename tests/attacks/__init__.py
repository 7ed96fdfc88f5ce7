"""What attackers tried, each case with its siblings; the right answer is the test."""

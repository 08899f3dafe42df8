"""What can be computed of a session or of a user: questions, answers, their cache. The maths is in sql/analysis."""

"""Authorization over plain HTTP: the question that a proxy asks in a request, and the answer that it understands."""

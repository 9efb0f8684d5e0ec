"""What happens, in order. Each flow reads as the list of its steps; tasks/ holds how."""

"""The approval page: where a person sees exactly what will be sent, and says yes or no with a PIN of their own."""

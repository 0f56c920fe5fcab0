"""A case on its way: where it stands, what is missing, who is waited for."""

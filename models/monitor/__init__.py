"""Whether the model and the agreement still fit the world: one verdict per check."""

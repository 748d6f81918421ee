"""Activities of leads, and the numbers made from them."""

"""One encoder per attribute type: from a raw value to numbers."""

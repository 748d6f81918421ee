"""How good a training procedure is, measured in time order."""

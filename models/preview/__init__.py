"""What an agreement would do, shown on leads whose predictions are known."""

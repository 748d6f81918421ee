"""What monitoring looks at in the store."""

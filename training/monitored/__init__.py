"""What monitoring looks at in files."""

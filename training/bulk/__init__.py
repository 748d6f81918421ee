"""Scores files of leads of any size: part by part, resumable, in bounded memory."""

"""Answering the questionnaire in a form: fields and back, autosave, merging."""

"""Rules that every form follows, checked by the walk of tests/contract/test_forms.py."""

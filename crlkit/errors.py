"""The one error that is the user's to mend: its text is a single line with the value, the rule and a good value."""


class UserError(Exception):
    """Wrong input or a run that cannot go on; the command line prints the text and exits with code 2."""
